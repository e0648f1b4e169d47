import { MINUTE } from '../../formats/time.ts'
import type { BoardLink } from './board-link.ts'

/** How often a heartbeat is sent at most, in milliseconds. */
const EVERY_MS = MINUTE

/**
 * Heartbeats while the agent does something, or waits for a person. Not else: an agent that retries in silence without
 * end must become stale.
 */
export class Pulse {
  readonly #board: BoardLink
  readonly #isWaiting: () => boolean
  readonly #timer: NodeJS.Timeout
  #hasBeaten = false

  constructor(board: BoardLink, isWaiting: () => boolean, every_ms = EVERY_MS) {
    this.#board = board
    this.#isWaiting = isWaiting
    this.#timer = setInterval(() => this.#send(), every_ms)
  }

  /** Notes that the agent has sent something. */
  beat(): void {
    this.#hasBeaten = true
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  #send(): void {
    const waits = this.#isWaiting()
    if (!this.#hasBeaten && !waits) return
    this.#hasBeaten = false
    void this.#board.heartbeat(waits ? 'waits for an answer' : null)
  }
}
