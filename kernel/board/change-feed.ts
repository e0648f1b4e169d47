import type { Board } from './board.ts'

/**
 * How soon a write by another process is noticed, in milliseconds. A look costs a few microseconds; at this interval
 * an idle board uses far less than one per cent of a core, however many listeners it has.
 */
const OUTSIDE_POLL_MS = 80

/** Every Nth look checks whether the open file is still the board's. */
const FILE_EVERY = 12

/**
 * The looks for writes from outside. One timer serves all boards, so that ten boards wake an idle process no more
 * often than one.
 */
const looks = new Set<() => void>()
let timer: NodeJS.Timeout | null = null

function lookRegularly(look: () => void): () => void {
  looks.add(look)
  timer ??= setInterval(() => {
    for (const each of [...looks]) each()
  }, OUTSIDE_POLL_MS)
  return () => {
    looks.delete(look)
    if (looks.size > 0 || timer === null) return
    clearInterval(timer)
    timer = null
  }
}

/** Notifies all listeners of a board in this process when it may have changed, with one look for all of them. */
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
    let version = versionOf(connection)
    let looks = 0
    const stopLooking = lookRegularly(() => {
      const isGone = ++looks % FILE_EVERY === 0 && !connection.isCurrent()
      const now = isGone ? null : versionOf(connection)
      if (now !== version) this.#tell()
      version = now
    })
    const unlisten = connection.onCommit(() => this.#tell())
    return () => {
      stopLooking()
      unlisten()
    }
  }

  #tell(): void {
    for (const listener of [...this.#listeners]) listener()
  }
}

/** null for a board that is closed or cannot be read: its listeners are notified once, read it, and get the error. */
function versionOf(connection: Board['connection']): number | null {
  try {
    return connection.isOpen ? connection.dataVersion() : null
  } catch {
    return null
  }
}

const feeds = new WeakMap<Board, ChangeFeed>()

/**
 * Calls `listener` after each commit of this process on the board, soon after a commit of another process, and when
 * the board was closed.
 *
 * @returns a function that stops the calls
 */
export function onChange(board: Board, listener: () => void): () => void {
  let feed = feeds.get(board)
  if (feed === undefined) {
    feed = new ChangeFeed(board)
    feeds.set(board, feed)
  }
  return feed.subscribe(listener)
}
