import { MINUTE } from '../../formats/time.ts'
import type { BoardLink } from './board-link.ts'

/** The shortest time between two heartbeats, in milliseconds. */
const EVERY_MS = MINUTE

/**
 * Sends heartbeats only while the agent sends messages: an agent that retries silently forever must become stale. (A
 * question keeps its run alive while the run waits for the answer.)
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
