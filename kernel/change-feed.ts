import type { Board } from './board.ts'

/**
 * How soon a write by another process is noticed, in milliseconds. A look costs a few microseconds; with this pause an
 * idle board takes far less than one per cent of a core, however many follow it.
 */
const OUTSIDE_POLL_MS = 80

/** Tells all that follow a board in this process when it may have changed: by one look for all of them. */
class ChangeFeed {
  readonly #board: Board
  readonly #listeners = new Set<() => void>()
  #stop: (() => void) | null = null

  constructor(board: Board) {
    this.#board = board
  }

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    this.#stop ??= this.#start()
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size > 0) return
      this.#stop?.()
      this.#stop = null
    }
  }

  #start(): () => void {
    const { connection } = this.#board
    let version = connection.dataVersion()
    const timer = setInterval(() => {
      if (!connection.isOpen) return this.#tell()
      const now = connection.dataVersion()
      if (now !== version) this.#tell()
      version = now
    }, OUTSIDE_POLL_MS)
    const unlisten = connection.onCommit(() => this.#tell())
    return () => {
      clearInterval(timer)
      unlisten()
    }
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener()
  }
}

const feeds = new WeakMap<Board, ChangeFeed>()

/**
 * Calls `listener` after each commit of this process on the board, soon after another process's, and when the board has
 * been closed.
 *
 * @returns a function that ends it
 */
export function onChange(board: Board, listener: () => void): () => void {
  let feed = feeds.get(board)
  if (feed === undefined) {
    feed = new ChangeFeed(board)
    feeds.set(board, feed)
  }
  return feed.subscribe(listener)
}
