import type { Run } from '../../contract/index.ts'
import { isFailure } from '../runs/run-words.ts'
import { announce } from '../shared/announce.svelte.ts'
import { asFailure } from '../shared/errors.ts'
import { toasts } from '../shared/toasts.svelte.ts'
import { outcomeWords } from '../shared/tones.ts'
import type { TaskController } from './task-controller.svelte.ts'

/** Runs of deleted tasks leave holes in the numbers: after so many in a row there is nothing more. */
const LONGEST_HOLE = 30
/** How far to look for a failed one. */
const FARTHEST = 400

/** Walks the runs of the whole board, in the order in which they were claimed: their ids. */
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

  /** @param step 1 to the run claimed next, −1 to the one before */
  go(step: 1 | -1): Promise<void> {
    return this.#walk(step, () => true, step === 1 ? 'This is the newest run.' : 'This is the oldest run.')
  }

  /** To the next failed run before this one: the newest are looked at first, so it goes back in time. */
  goFailed(): Promise<void> {
    return this.#walk(-1, (run) => isFailure(run.outcome), 'No earlier run has failed.')
  }

  async #walk(step: 1 | -1, fits: (run: Run) => boolean, none: string): Promise<void> {
    if (this.#walking) return
    this.#walking = true
    try {
      const run = await this.#find((this.#from?.id ?? 0) + step, step, fits)
      if (run === null) toasts.show(none)
      else this.#show(run)
    } catch (cause) {
      toasts.fail(cause, 'The runs could not be read')
    } finally {
      this.#walking = false
    }
  }

  #show(run: Run): void {
    const { router } = this.#task
    if (run.task_id === this.#task.id) this.#task.open(run.attempt)
    else router.replace({ task: run.task_id, attempt: run.attempt })
    announce(`Run ${run.attempt} of ${run.task_id}, ${outcomeWords(run.outcome)}`)
  }

  async #find(from: number, step: 1 | -1, fits: (run: Run) => boolean): Promise<Run | null> {
    let hole = 0
    for (
      let id = from, looked = 0;
      id > 0 && hole < LONGEST_HOLE && looked < FARTHEST;
      id += step, looked++
    ) {
      const run = await this.#read(id)
      hole = run === null ? hole + 1 : 0
      if (run !== null && fits(run)) return run
    }
    return null
  }

  async #read(id: number): Promise<Run | null> {
    try {
      return (await this.#task.client.run.show({ board: this.#task.board.slug, id })).run
    } catch (cause) {
      if (asFailure(cause).code === 'NOT_FOUND') return null
      throw cause
    }
  }
}
