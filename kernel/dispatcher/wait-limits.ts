import type { Board } from '../board/board.ts'
import { keepWork } from '../board/kept-work.ts'
import { stopProcess } from '../board/stop-process.ts'
import { blockUnanswered } from '../lifecycle/questions.ts'
import { getTask } from '../lifecycle/moved.ts'
import type { Services } from '../services.ts'
import * as questions from '../tables/questions.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { DispatcherService } from './dispatcher-service.ts'
import { mostWaitMs } from '../board/waiting.ts'

/**
 * Ends runs that wait for the answer to one question for longer than their profile allows: their task is blocked with it. The
 * time counts only while the machine is awake, so that a machine that sleeps overnight ends no run. Runs that a worker
 * claimed itself have the same limit.
 */
export class WaitLimits implements DispatcherService {
  readonly #services: Services
  readonly #board: Board
  /** The open questions by their numbers, each with its run and since when it has waited, on the awake clock. */
  readonly #waits = new Map<number, { run_id: number; since: number }>()
  readonly #stopping = new Set<Promise<void>>()

  constructor(services: Services, board: Board) {
    this.#services = services
    this.#board = board
  }

  async runOnce(): Promise<void> {
    this.#look()
    for (const [id, { run_id, since }] of [...this.#waits]) {
      if (this.#services.awake() - since >= this.#limitOf(run_id)) await this.#end(id, run_id)
    }
  }

  /** Updates the open questions. For one that was not known, the wait so far is taken from the wall clock. */
  #look(): void {
    const open = this.#board.connection.read.all(questions.waits, {})
    const ids = new Set(open.map(({ id }) => id))
    for (const id of this.#waits.keys()) if (!ids.has(id)) this.#waits.delete(id)
    const { clock, awake } = this.#services
    for (const { id, run_id, since } of open) {
      if (!this.#waits.has(id)) this.#waits.set(id, { run_id, since: awake() - Math.max(0, clock() - since) })
    }
  }

  /** @returns how long a run may wait, in milliseconds */
  #limitOf(runId: number): number {
    const run = this.#board.connection.read.get(taskRuns.byId, { id: runId })
    return mostWaitMs(this.#services.config.readOrDefaults().profiles, run?.profile ?? null)
  }

  async #end(questionId: number, runId: number): Promise<void> {
    const { connection } = this.#board
    const run = connection.read.get(taskRuns.byId, { id: runId })
    if (run === undefined) return
    const task = getTask(connection.read, run.task_id)
    const head = task.workflow_run_id === null ? null : await keepWork(this.#board, task)
    const taken = await connection.write('dispatcher', (tx) => blockUnanswered(tx, questionId, head))
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
    return Math.min(
      Infinity,
      ...[...this.#waits.values()].map(({ run_id, since }) => since + this.#limitOf(run_id) - now),
    )
  }

  async stop(): Promise<void> {
    await Promise.all(this.#stopping)
  }
}
