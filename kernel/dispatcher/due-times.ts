import type { Board } from '../board/board.ts'
import { isFromFuture, mendDueTimes } from '../lifecycle/mend-clock.ts'
import * as tasks from '../tables/tasks.ts'
import type { DispatcherService } from './dispatcher-service.ts'
import type { Clocks } from './watched.ts'

/** The times that tasks wait for: a delay, or the end of a backoff. */
export class DueTimes implements DispatcherService {
  readonly #clock: Clocks['clock']
  readonly #board: Board

  constructor({ clock }: Pick<Clocks, 'clock'>, board: Board) {
    this.#clock = clock
    this.#board = board
  }

  /**
   * The clock may have been set back, here or while nobody dispatched. No task may wait until the old, later time.
   */
  async runOnce(): Promise<void> {
    if (!isFromFuture(this.#board.connection.read, this.#clock())) return
    await this.#board.connection.write('dispatcher', mendDueTimes)
  }

  nextDueIn(): number {
    const now = this.#clock()
    return (this.#board.connection.read.get(tasks.nextDueAt, { now })?.at ?? Infinity) - now
  }
}
