import { type FSWatcher, watch } from 'node:fs'
import type { Board } from './board.ts'

/**
 * Interval of the looks for writes by other processes, in milliseconds: of all looks where the system reports no
 * writes, and of those that follow a report. A look costs a few microseconds.
 */
const LOOK_MS = 80
/** Where the system reports writes, a board without a report is looked at this seldom, in case one was lost. */
const QUIET_LOOKS = 25
/**
 * How many looks follow a report. The system reports that the log is written; the writer commits only once it is
 * synced, some milliseconds later.
 */
const LOOKS_AFTER_REPORT = 5
/** The first look after a report. Most commits are complete by then. */
const FIRST_LOOK_MS = 8
/** How many looks pass between two checks whether the open file is still the board's. */
const FILE_LOOKS = { polled: 12, reported: 50 }

/**
 * The looks of all boards. One timer serves them, so that ten boards wake an idle process no more often than one.
 */
const looks = new Set<() => void>()
let timer: NodeJS.Timeout | null = null

function lookRegularly(look: () => void): () => void {
  looks.add(look)
  timer ??= setInterval(() => {
    for (const each of [...looks]) each()
  }, LOOK_MS)
  return () => {
    looks.delete(look)
    if (looks.size > 0 || timer === null) return
    clearInterval(timer)
    timer = null
  }
}

/** Spreads the looks of many quiet boards over time. */
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
  #looks = nextPhase++ % FILE_LOOKS.reported
  /** Looks left since the last report of a write. */
  #alert = 0
  /** A write was found without a report; the report may still be on its way. */
  #isUnreported = false
  #watcher: FSWatcher | null
  #soon: NodeJS.Timeout | null = null
  readonly #stopLooking: () => void

  constructor(board: Board, onWrite: () => void) {
    this.#board = board
    this.#onWrite = onWrite
    this.#version = versionOf(board.connection)
    this.#watcher = watchFolder(board.folder, (event, name) => this.#report(event, name))
    this.#watcher?.on('error', () => this.#unwatch())
    this.#stopLooking = lookRegularly(() => this.#lookIfDue())
  }

  stop(): void {
    this.#stopLooking()
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
      this.#soon ??= setTimeout(() => {
        this.#soon = null
        this.#look(false)
      }, FIRST_LOOK_MS).unref()
    }
  }

  #lookIfDue(): void {
    if (this.#isUnreported) reportsWrites = false
    const isPolled = !reportsWrites || this.#watcher === null
    const number = ++this.#looks
    const isAlert = this.#alert > 0
    if (isAlert) this.#alert--
    if (!isPolled && !isAlert && number % QUIET_LOOKS !== 0) return
    const isNew = this.#look(number % (isPolled ? FILE_LOOKS.polled : FILE_LOOKS.reported) === 0)
    this.#isUnreported = isNew && !isPolled && !isAlert
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
