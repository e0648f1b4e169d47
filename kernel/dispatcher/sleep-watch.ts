import type { Board } from '../board/board.ts'
import { extendClaims } from '../lifecycle/claim.ts'
import type { DispatcherService } from './dispatcher-service.ts'
import type { Clocks } from './watched.ts'

/** A smaller gap is not a sleep: the clock was adjusted a little, or the process was delayed. */
const SHORTEST_SLEEP_MS = 30_000

/**
 * Notices that the machine has slept: wall time has advanced further than the awake clock. A worker on this machine
 * that claimed a task could not send a heartbeat meanwhile, so claims are extended by the time slept.
 */
export class SleepWatch implements DispatcherService {
  readonly #clocks: Clocks
  readonly #board: Board
  readonly #onSleep: () => void
  #wall: number
  #awake: number
  /** Sleeps that claims have not been extended by yet: start and length. */
  readonly #slept: { since: number; ms: number }[] = []

  /** @param onSleep called when `pulse` notices that the machine has slept */
  constructor(clocks: Clocks, board: Board, onSleep: () => void) {
    this.#clocks = clocks
    this.#board = board
    this.#onSleep = onSleep
    this.#wall = clocks.clock()
    this.#awake = clocks.awake()
  }

  /** @returns whether the machine has slept since the last look */
  look(): boolean {
    const [wall, awake] = [this.#clocks.clock(), this.#clocks.awake()]
    const ms = Math.round(wall - this.#wall - (awake - this.#awake))
    const since = this.#wall
    this.#wall = wall
    this.#awake = awake
    if (Math.abs(ms) < SHORTEST_SLEEP_MS) return false
    this.#slept.push({ since, ms })
    return true
  }

  pulse(): void {
    if (this.look()) this.#onSleep()
  }

  /** Extends the claims that were valid when the machine fell asleep. Call before lapsed claims are taken back. */
  async runOnce(): Promise<void> {
    this.look()
    for (let sleep = this.#slept[0]; sleep !== undefined; sleep = this.#slept[0]) {
      const { since, ms } = sleep
      await this.#board.connection.write('dispatcher', (tx) => extendClaims(tx, since, ms))
      this.#slept.shift()
    }
  }
}
