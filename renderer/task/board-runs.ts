import type { OperationInput, Run } from '../../contract/index.ts'
import { shownOutcome } from '../../formats/shown-outcome.ts'
import { announce } from '../shared/announce.svelte.ts'
import { toasts } from '../shared/toasts.svelte.ts'
import { outcomeWords } from '../shared/tones.ts'
import type { TaskController } from './task-controller.svelte.ts'

/** Moves through the runs of the whole board, in the order in which they were claimed (by id). */
export class BoardRuns {
  readonly #task: TaskController
  #walking = false

  constructor(task: TaskController) {
    this.#task = task
  }

  get #from(): Run | undefined {
    const { store, attempt } = this.#task
    return (attempt === null ? undefined : store.run(attempt)) ?? store.runs.at(-1)
  }

  /** @param step 1 for the run claimed next, −1 for the one before */
  go(step: 1 | -1): Promise<void> {
    return step === 1
      ? this.#walk({ order: 'oldest' }, 'This is the newest run.')
      : this.#walk({ order: 'newest' }, 'This is the oldest run.')
  }

  /** Opens the previous failed run: failures are visited from the newest back in time. */
  goFailed(): Promise<void> {
    return this.#walk({ order: 'newest', failed: true }, 'No earlier run has failed.')
  }

  async #walk(what: Pick<OperationInput<'run.list'>, 'order' | 'failed'>, none: string): Promise<void> {
    if (this.#walking) return
    this.#walking = true
    const { client, board } = this.#task
    const from = this.#from
    try {
      const behind = from === undefined ? {} : { cursor: from.id }
      const { runs } = await client.run.list({ board: board.slug, ...what, ...behind, limit: 1 })
      if (runs[0] === undefined) toasts.show(none)
      else this.#show(runs[0])
    } catch (error) {
      toasts.fail(error, 'The runs could not be read')
    } finally {
      this.#walking = false
    }
  }

  #show(run: Run): void {
    const { router } = this.#task
    if (run.task_id === this.#task.id) this.#task.open(run.attempt)
    else router.replace({ task: run.task_id, attempt: run.attempt })
    announce(`Run ${run.attempt} of ${run.task_id}, ${outcomeWords(shownOutcome(run))}`)
  }
}
