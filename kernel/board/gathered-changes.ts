import type { Board } from './board.ts'
import { onChange } from './change-feed.ts'

/** Followers get the changes within this time together. As long as a frame of a screen, in milliseconds. */
const GATHER_MS = 16

/**
 * Calls the followers of a board after its changes, once for several changes: at the end of the turn, so that the call
 * that made the change is answered first, and at most once in `GATHER_MS`.
 */
class Gathering {
  /** Grows with each call of the followers, and when changes may have had no follower. */
  version = 0
  readonly #board: Board
  readonly #followers = new Set<(isThere: boolean) => void>()
  #stop: (() => void) | null = null
  #isPending = false
  #calledAt = -Infinity

  constructor(board: Board) {
    this.#board = board
  }

  subscribe(follower: (isThere: boolean) => void): () => void {
    this.#followers.add(follower)
    if (this.#stop === null) {
      this.version++
      this.#stop = onChange(this.#board, () => this.#changed())
    }
    return () => {
      this.#followers.delete(follower)
      if (this.#followers.size > 0) return
      this.#stop?.()
      this.#stop = null
    }
  }

  #changed(): void {
    if (this.#isPending) return
    this.#isPending = true
    const call = () => this.#callFollowers()
    const wait = this.#calledAt + GATHER_MS - performance.now()
    if (wait <= 0) setImmediate(call)
    else setTimeout(call, wait)
  }

  #callFollowers(): void {
    this.#isPending = false
    this.#calledAt = performance.now()
    this.version++
    const { connection } = this.#board
    const isThere = connection.isOpen && connection.isCurrent()
    for (const follower of [...this.#followers]) follower(isThere)
  }
}

const gatherings = new WeakMap<Board, Gathering>()

/** @returns the one place where followers of the board subscribe */
export function changesOf(board: Board): Gathering {
  let gathering = gatherings.get(board)
  if (gathering === undefined) gatherings.set(board, (gathering = new Gathering(board)))
  return gathering
}
