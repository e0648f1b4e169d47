import { type FSWatcher, watch } from 'node:fs'
import { Rounds } from '../rounds.ts'
import type { Board } from './board.ts'

/** Interval of the looks for writes by other processes where the system reports none. A look costs microseconds. */
const POLL_MS = 80
/** Where the system reports writes, each board is still looked at this seldom, in case a report was lost. */
const QUIET_LOOK_MS = 30_000
/**
 * The looks after a report: the first after this time, each next one after twice as long. The system reports that the
 * log is written; the writer commits only once it is synced, which takes a millisecond or, on a busy disk, seconds.
 */
const FIRST_LOOK_MS = 1
const LAST_LOOK_MS = 8_192
/** How many looks of a polled board pass between two checks whether the open file is still the board's. */
const FILE_LOOKS = 12

const polls = new Rounds(POLL_MS)
const quietLooks = new Rounds(QUIET_LOOK_MS)

/** Spreads the checks of the files of many polled boards over time. */
let nextPhase = 0

/**
 * Whether the system reports writes to a folder. Only Linux reports each at once (inotify). Once it has missed one, as
 * some file systems in containers and virtual machines do, this process looks at all boards regularly instead.
 */
let reportsWrites = process.platform === 'linux'

/** @returns null where the folder cannot be watched, for instance because the system watches too many already */
function watchFolder(folder: string, onReport: (event: string, name: string | null) => void) {
  if (!reportsWrites) return null
  try {
    return watch(folder, { persistent: false }, onReport)
  } catch {
    return null
  }
}

/** Notices writes by other processes to one board, and the loss of its file. */
class OutsideWrites {
  readonly #board: Board
  readonly #onWrite: () => void
  #version: number | null
  #looks = nextPhase++
  /** A write was found without a report; the report may still be on its way. */
  #isUnreported = false
  #watcher: FSWatcher | null
  /** The next look after a report, and how long it waits. */
  #next: NodeJS.Timeout | null = null
  #wait = FIRST_LOOK_MS

  constructor(board: Board, onWrite: () => void) {
    this.#board = board
    this.#onWrite = onWrite
    // Before the first look: what is written between the two would be reported by nobody.
    this.#watcher = watchFolder(board.folder, (event, name) => this.#report(event, name))
    this.#watcher?.on('error', () => {
      this.#unwatch()
      polls.add(this.#poll)
    })
    this.#version = versionOf(board.connection)
    quietLooks.add(this.#lookQuietly)
    if (this.#isPolled) polls.add(this.#poll)
  }

  stop(): void {
    quietLooks.delete(this.#lookQuietly)
    polls.delete(this.#poll)
    this.#unwatch()
    if (this.#next !== null) clearTimeout(this.#next)
  }

  #unwatch(): void {
    this.#watcher?.close()
    this.#watcher = null
  }

  #report(event: string, name: string | null): void {
    this.#isUnreported = false
    if (event === 'rename') this.#look(true)
    else if (name === 'board.db-wal' || name === null) this.#lookSoon()
  }

  #lookSoon(): void {
    if (this.#next !== null && this.#wait === FIRST_LOOK_MS) return
    this.#lookIn(FIRST_LOOK_MS)
  }

  #lookIn(wait: number): void {
    if (this.#next !== null) clearTimeout(this.#next)
    this.#wait = wait
    this.#next = setTimeout(this.#lookAgain, wait).unref()
  }

  /** Also once a write was found: the report may have been of the one after it. */
  readonly #lookAgain = (): void => {
    this.#next = null
    if (this.#wait < LAST_LOOK_MS) this.#lookIn(this.#wait * 2)
    this.#look(false)
  }

  get #isPolled(): boolean {
    return !reportsWrites || this.#watcher === null
  }

  readonly #poll = (): void => {
    if (this.#isUnreported) reportsWrites = false
    if (!this.#isPolled) return polls.delete(this.#poll)
    this.#look(++this.#looks % FILE_LOOKS === 0)
  }

  readonly #lookQuietly = (): void => {
    if (this.#isPolled) return polls.add(this.#poll)
    const isNew = this.#look(true)
    // Its last listener may have left at this write.
    const isWatched = this.#watcher !== null
    this.#isUnreported = isNew && isWatched && this.#next === null
    // If no report arrives until the next look, the system has missed it.
    if (this.#isUnreported) polls.add(this.#poll)
  }

  /** @returns whether the file has changed since the last look */
  #look(checksFile: boolean): boolean {
    const { connection } = this.#board
    const isGone = checksFile && !connection.isCurrent()
    const now = isGone ? null : versionOf(connection)
    const isNew = now !== this.#version
    this.#version = now
    if (isNew) this.#onWrite()
    return isNew && now !== null
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
    const outside = new OutsideWrites(this.#board, () => this.#tell())
    const unlisten = this.#board.connection.onCommit(() => this.#tell())
    return () => {
      outside.stop()
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
    return connection.dataVersion()
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
