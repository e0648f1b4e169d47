import { OperationError } from '../../contract/errors.ts'
import type { CallOptions, OperationOutput } from '../../contract/index.ts'
import { announce } from '../shared/announce.svelte.ts'
import { asFailure, isPassing } from '../shared/errors.ts'

type CheckLog = OperationOutput<'task.check_log'>
type ReadCheck = (window: { from?: number; tail?: number; times?: boolean }) => Promise<CheckLog>

/** How often we look whether the check runs, in milliseconds. */
const LOOK = 250

/** Why a check refused a merge. */
export interface CheckRefusal {
  exitCode: number
  /** Set when the exit code is not the command's own. */
  problem: string | null
  /** The end of its output, for a check that has no log. It is untrusted text. */
  output: string
  hasLog: boolean
  at: number
}

/** The check that runs before a merge: since when, how it ended, and a way to stop it. */
export class MergeCheck {
  readonly command: string
  /** Its whole output, also while it runs. */
  readonly read: ReadCheck
  /** null until it runs. A check that has passed on the same commit does not run again. */
  startedAt = $state<number | null>(null)
  endedAt = $state<number | null>(null)
  stopping = $state(false)
  refusal = $state.raw<CheckRefusal | null>(null)
  readonly #leaving = new AbortController()
  #isOver = false

  constructor(command: string, read: ReadCheck) {
    this.command = command
    this.read = read
  }

  get isRunning(): boolean {
    return this.startedAt !== null && this.endedAt === null && this.refusal === null
  }

  /** Its output is worth showing from its start until the merge is done, and after a refusal. */
  get isShown(): boolean {
    return this.startedAt !== null || this.refusal !== null
  }

  /**
   * Makes the call that runs the check, and follows the check meanwhile. A refusal by the check is kept and thrown
   * again.
   */
  async during<T>(call: (options: CallOptions) => Promise<T>): Promise<T> {
    void this.#follow()
    try {
      return await call({ signal: this.#leaving.signal })
    } catch (error) {
      const { code, data } = asFailure(error)
      if (code === 'CANCELLED') throw new OperationError('CONFLICT', 'The check was stopped.')
      this.refusal = refusalOf(data)
      throw error
    } finally {
      this.#isOver = true
    }
  }

  /** Ends the call: a check whose caller has gone is stopped. */
  stop(): void {
    if (!this.isRunning) return
    this.stopping = true
    announce('Stopping the check…')
    this.#leaving.abort()
  }

  async #follow(): Promise<void> {
    while (!this.#isOver && this.endedAt === null) {
      const check = await this.#running()
      if (this.#isOver) return
      if (check !== null) this.startedAt ??= check.started_at
      else if (this.startedAt !== null) this.endedAt = Date.now()
      await new Promise((resolve) => setTimeout(resolve, LOOK))
    }
  }

  async #running(): Promise<CheckLog['check']> {
    try {
      return (await this.read({ tail: 1 })).check
    } catch (error) {
      // The call that waits for the check says what is wrong; this one only looks.
      const failure = asFailure(error)
      if (!isPassing(failure)) this.#isOver = true
      return null
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
