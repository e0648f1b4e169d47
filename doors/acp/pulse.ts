import { MINUTE } from '../../formats/time.ts'
import type { BoardLink } from './board-link.ts'

/** How often a heartbeat is sent at most, in milliseconds. */
const EVERY_MS = MINUTE

/**
 * Heartbeats while the agent does something. Not else: an agent that retries in silence without end must become stale.
 * (A run that waits for an answer is kept alive by its question.)
 */
export class Pulse {
  readonly #board: BoardLink
  readonly #timer: NodeJS.Timeout
  #hasBeaten = false

  constructor(board: BoardLink, every_ms = EVERY_MS) {
    this.#board = board
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
    if (!this.#hasBeaten) return
    this.#hasBeaten = false
    void this.#board.heartbeat()
  }
}
