import { OperationError } from '../../contract/errors.ts'
import type { CallOptions, OperationOutput } from '../../contract/index.ts'
import { announce } from '../shared/announce.svelte.ts'
import { asFailure, isTransient } from '../shared/errors.ts'

type CheckLog = OperationOutput<'task.check_log'>
type ReadCheck = (window: { from?: number; tail?: number; times?: boolean }) => Promise<CheckLog>

/** How often to ask whether the check is running, in milliseconds. */
const POLL_MS = 250

/** Why a check refused a merge. */
export interface CheckRefusal {
  exitCode: number
  /** Why `exitCode` is not the command's own: it did not start, took too long, …; null when it is. */
  problem: string | null
  /** The end of the output, shown for a check without a log. It is untrusted text. */
  output: string
  hasLog: boolean
  /** When the refusal arrived, in milliseconds since the epoch. */
  at: number
}

/**
 * The check that runs before a merge: when it started and ended, why it refused the merge, and a way to stop it. Each
 * object serves one merge.
 */
export class MergeCheck {
  readonly command: string
  /** Reads its output, also while it runs. */
  readonly read: ReadCheck
  /** null until the check runs. It stays null for a commit that has passed before: no check runs then. */
  startedAt = $state<number | null>(null)
  /** When a poll found that the check no longer runs. */
  endedAt = $state<number | null>(null)
  stopping = $state(false)
  refusal = $state.raw<CheckRefusal | null>(null)
  readonly #cancelling = new AbortController()
  #isPollingOver = false

  constructor(command: string, read: ReadCheck) {
    this.command = command
    this.read = read
  }

  get isRunning(): boolean {
    return this.startedAt !== null && this.endedAt === null && this.refusal === null
  }

  /** Whether to show the check: from its start on, and after a refusal. The controller drops this object after a merge. */
  get isShown(): boolean {
    return this.startedAt !== null || this.refusal !== null
  }

  /**
   * Makes the call that runs the check and then merges, and polls the check meanwhile. Keeps the refusal if the check
   * refuses the merge.
   *
   * @throws the error of the call; CONFLICT if `stop` cancelled it
   */
  async during<T>(call: (options: CallOptions) => Promise<T>): Promise<T> {
    void this.#poll()
    try {
      return await call({ signal: this.#cancelling.signal })
    } catch (error) {
      const { code, data } = asFailure(error)
      if (code === 'CANCELLED') throw new OperationError('CONFLICT', 'The check was stopped.')
      this.refusal = refusalOf(data)
      throw error
    } finally {
      this.#isPollingOver = true
    }
  }

  /** Cancels the call. The kernel then stops the check, as it does whenever the caller has gone. */
  stop(): void {
    if (!this.isRunning) return
    this.stopping = true
    announce('Stopping the check…')
    this.#cancelling.abort()
  }

  async #poll(): Promise<void> {
    while (!this.#isPollingOver && this.endedAt === null) {
      const check = await this.#runningCheck()
      if (this.#isPollingOver) return
      if (check != null) this.startedAt ??= check.started_at
      else if (check === null && this.startedAt !== null) this.endedAt = Date.now()
      await new Promise((resolve) => setTimeout(resolve, POLL_MS))
    }
  }

  /** @returns the check that is running; null when none is, undefined when the answer could not be read */
  async #runningCheck(): Promise<CheckLog['check'] | undefined> {
    try {
      return (await this.read({ tail: 1 })).check
    } catch (error) {
      // The error is not shown: the call that waits for the check reports what is wrong.
      if (!isTransient(asFailure(error))) this.#isPollingOver = true
      return undefined
    }
  }
}

function refusalOf(data: Record<string, unknown> | null): CheckRefusal | null {
  if (typeof data?.['output'] !== 'string') return null
  const { exit_code, output, problem, has_log } = data
  return {
    exitCode: Number(exit_code),
    output,
    problem: typeof problem === 'string' ? problem : null,
    hasLog: has_log === true,
    at: Date.now(),
  }
}
