import { DEFAULT_MAX_WAIT_SECONDS } from '../../contract/index.ts'
import { SECOND } from '../../formats/time.ts'
import type { Board } from '../board/board.ts'
import { stopProcess } from '../board/stop-process.ts'
import { workHead } from '../board/work-head.ts'
import { blockUnanswered } from '../lifecycle/questions.ts'
import { getTask } from '../lifecycle/moved.ts'
import type { Services } from '../services.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { DispatcherService } from './dispatcher-service.ts'
import { waitingRuns } from '../board/waiting.ts'

/**
 * Ends runs that wait for an answer for longer than their profile allows: their task is blocked with the question. The
 * time counts only while the machine is awake, so that a machine that sleeps overnight ends no run. Runs that a worker
 * claimed itself have the same limit.
 */
export class WaitLimits implements DispatcherService {
  readonly #services: Services
  readonly #board: Board
  /** Since when each waiting run has waited, on the awake clock. */
  readonly #since = new Map<number, number>()
  readonly #stopping = new Set<Promise<void>>()

  constructor(services: Services, board: Board) {
    this.#services = services
    this.#board = board
  }

  async runOnce(): Promise<void> {
    this.#look()
    for (const [runId, since] of [...this.#since]) {
      if (this.#services.awake() - since >= this.#limitOf(runId)) await this.#end(runId)
    }
  }

  /** Updates the waiting runs. For a run that was not known as waiting, the wait so far is taken from the wall clock. */
  #look(): void {
    const waiting = waitingRuns(this.#board.connection.read)
    for (const runId of this.#since.keys()) if (!waiting.has(runId)) this.#since.delete(runId)
    const { clock, awake } = this.#services
    for (const [runId, since] of waiting) {
      if (!this.#since.has(runId)) this.#since.set(runId, awake() - Math.max(0, clock() - since))
    }
  }

  /** @returns how long a run may wait, in milliseconds */
  #limitOf(runId: number): number {
    const profile = this.#board.connection.read.get(taskRuns.byId, { id: runId })?.profile ?? ''
    const limit = this.#services.config.readOrDefaults().profiles.get(profile)?.max_wait_seconds
    return (limit ?? DEFAULT_MAX_WAIT_SECONDS) * SECOND
  }

  async #end(runId: number): Promise<void> {
    const { connection } = this.#board
    const run = connection.read.get(taskRuns.byId, { id: runId })
    if (run === undefined) return
    const task = getTask(connection.read, run.task_id)
    const head = task.workflow_run_id === null ? null : await workHead(this.#board, task)
    const taken = await connection.write('dispatcher', (tx) => blockUnanswered(tx, runId, head))
    this.#since.delete(runId)
    if (taken === null) return
    // This pass does not wait for the stop. If the stop fails, the supervisor finishes it.
    const stopping = stopProcess(this.#board, taken)
      .then(() => undefined)
      .catch((error: unknown) =>
        this.#services.report(`the waiting run ${runId} could not be stopped`, error),
      )
      .finally(() => this.#stopping.delete(stopping))
    this.#stopping.add(stopping)
  }

  nextDueIn(): number {
    this.#look()
    const now = this.#services.awake()
    return Math.min(Infinity, ...[...this.#since].map(([runId, since]) => since + this.#limitOf(runId) - now))
  }

  async stop(): Promise<void> {
    await Promise.all(this.#stopping)
  }
}
