import { type FSWatcher, watch } from 'node:fs'
import type { Board } from './board.ts'

/**
 * Interval of the looks for writes by other processes, in milliseconds: of all looks where the system reports no
 * writes, and of those that follow a report. A look costs a few microseconds.
 */
const LOOK_MS = 80
/** Where the system reports writes, a board without a report is looked at this seldom, in case one was lost. */
const QUIET_LOOK_MS = 2_000
/**
 * How many looks follow a report. The system reports that the log is written; the writer commits only once it is
 * synced, some milliseconds later.
 */
const LOOKS_AFTER_REPORT = 5
/** The first look after a report. Most commits are complete by then. */
const FIRST_LOOK_MS = 8
/** How many looks pass between two checks whether the open file is still the board's. */
const FILE_LOOKS = { polled: 12, quiet: 2 }

/**
 * Calls its members at an interval. One timer serves all boards, so that ten boards wake an idle process no more often
 * than one.
 */
class Rounds {
  readonly #every: number
  readonly #members = new Set<() => void>()
  #timer: NodeJS.Timeout | null = null

  /** @param every in milliseconds */
  constructor(every: number) {
    this.#every = every
  }

  /** May be called again for a member. */
  add(member: () => void): void {
    this.#members.add(member)
    this.#timer ??= setInterval(() => {
      for (const each of [...this.#members]) each()
    }, this.#every)
  }

  delete(member: () => void): void {
    this.#members.delete(member)
    if (this.#members.size > 0 || this.#timer === null) return
    clearInterval(this.#timer)
    this.#timer = null
  }
}

const often = new Rounds(LOOK_MS)
const seldom = new Rounds(QUIET_LOOK_MS)

/** Spreads the checks of the files of many boards over time. */
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
  /** Looks left since the last report of a write. */
  #alert = 0
  /** A write was found without a report; the report may still be on its way. */
  #isUnreported = false
  #watcher: FSWatcher | null
  #soon: NodeJS.Timeout | null = null

  constructor(board: Board, onWrite: () => void) {
    this.#board = board
    this.#onWrite = onWrite
    this.#version = versionOf(board.connection)
    this.#watcher = watchFolder(board.folder, (event, name) => this.#report(event, name))
    this.#watcher?.on('error', () => this.#unwatch())
    seldom.add(this.#lookQuietly)
    if (this.#isPolled) often.add(this.#lookOften)
  }

  stop(): void {
    seldom.delete(this.#lookQuietly)
    often.delete(this.#lookOften)
    if (this.#soon !== null) clearTimeout(this.#soon)
    this.#unwatch()
  }

  #unwatch(): void {
    this.#watcher?.close()
    this.#watcher = null
  }

  #report(event: string, name: string | null): void {
    this.#isUnreported = false
    if (event === 'rename') this.#look(true)
    else if (name === 'board.db-wal' || name === null) {
      this.#alert = LOOKS_AFTER_REPORT
      often.add(this.#lookOften)
      this.#soon ??= setTimeout(() => {
        this.#soon = null
        this.#look(false)
      }, FIRST_LOOK_MS).unref()
    }
  }

  get #isPolled(): boolean {
    return !reportsWrites || this.#watcher === null
  }

  /** While the board is polled, and after a report. */
  readonly #lookOften = (): void => {
    if (this.#isUnreported) reportsWrites = false
    if (this.#alert > 0) this.#alert--
    else if (!this.#isPolled) return often.delete(this.#lookOften)
    this.#look(this.#isPolled && ++this.#looks % FILE_LOOKS.polled === 0)
  }

  readonly #lookQuietly = (): void => {
    if (this.#isPolled) return often.add(this.#lookOften)
    const isNew = this.#look(++this.#looks % FILE_LOOKS.quiet === 0)
    this.#isUnreported = isNew && this.#alert === 0
    // If no report arrives until the next look, the system has missed it.
    if (this.#isUnreported) often.add(this.#lookOften)
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
