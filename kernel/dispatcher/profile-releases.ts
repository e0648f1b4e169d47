import type { Board } from '../board/board.ts'
import { writeEvent } from '../lifecycle/write-event.ts'
import * as profileState from '../tables/profile-state.ts'
import type { DispatcherService } from './dispatcher-service.ts'
import type { Clocks } from './watched.ts'

/** Releases rate-limited profiles whose time has come. */
export class ProfileReleases implements DispatcherService {
  readonly #clock: Clocks['clock']
  readonly #board: Board

  constructor({ clock }: Pick<Clocks, 'clock'>, board: Board) {
    this.#clock = clock
    this.#board = board
  }

  async runOnce(): Promise<void> {
    const now = this.#clock()
    if (this.#board.connection.read.all(profileState.expired, { now }).length === 0) return
    await this.#board.connection.write('dispatcher', (tx) => {
      for (const { profile } of tx.all(profileState.expired, { now })) {
        tx.run(profileState.release, { profile })
        writeEvent(tx, 'profile_released', null, null, { profile })
      }
    })
  }

  nextDueIn(): number {
    const held = this.#board.connection.read.all(profileState.all, {})
    return Math.min(Infinity, ...held.map(({ held_until }) => held_until ?? Infinity)) - this.#clock()
  }
}
