import { closeSync, renameSync, writeSync } from 'node:fs'
import { makeRegular, openRegular, readRegular } from '../../home/regular-file.ts'
import { errorCode } from '../../home/system-error.ts'

/** At `time_ms` (milliseconds since the epoch) we saw that the log had grown to `offset` bytes. */
export interface LogIndexEntry {
  time_ms: number
  offset: number
}

/** A cut of the log: bytes that lay past `head` now lie `shift` bytes further ahead. */
export interface LogCut {
  head: number
  shift: number
}

export interface LogIndex {
  entries: LogIndexEntry[]
  cuts: LogCut[]
}

/**
 * The index lies beside its log: a line `<time> <offset>` for each entry, a line `cut <head> <shift>` for each cut.
 */
export function logIndexPath(logPath: string): string {
  return `${logPath}.idx`
}

/** Numbers that can occur in a file: at most as many digits as JavaScript counts exactly. */
const ENTRY = /^(cut )?(\d{1,15}) (\d{1,15})$/

/** An index of ours stays far smaller: its interval doubles every 20,000 entries. */
const LARGEST_INDEX = 8 * 1024 * 1024

/** Reads the index of a log; empty if there is none. A half-written last line is ignored. */
export function readIndex(logPath: string): LogIndex {
  const index: LogIndex = { entries: [], cuts: [] }
  let text = ''
  try {
    text = readRegular(logIndexPath(logPath), LARGEST_INDEX).toString('latin1')
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error
  }
  for (const line of text.slice(0, text.lastIndexOf('\n') + 1).split('\n')) {
    const [, cut, first, second] = ENTRY.exec(line) ?? []
    if (cut !== undefined) index.cuts.push({ head: Number(first), shift: Number(second) })
    else if (first !== undefined) index.entries.push({ time_ms: Number(first), offset: Number(second) })
  }
  return index
}

/**
 * When the byte at this offset was first seen in the log: not before it was written, and at most one interval of the
 * writer later. null past the last entry, as for output written while no dispatcher lived.
 */
export function timeAt({ entries }: LogIndex, offset: number): number | null {
  let [low, high] = [0, entries.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((entries[middle]?.offset ?? 0) > offset) high = middle
    else low = middle + 1
  }
  return entries[low]?.time_ms ?? null
}

/**
 * Where a reader continues whose offset lies past the end of the log because the log was cut: at its next unread
 * byte, or, if that was cut away, at the notice that says so.
 */
export function offsetAfterCut({ cuts }: LogIndex, offset: number, size: number): number {
  const cut = cuts.at(-1)
  if (offset <= size || cut === undefined) return Math.min(offset, size)
  return Math.min(size, Math.max(cut.head, offset - cut.shift))
}

/**
 * The interval doubles every ENTRIES_PER_INTERVAL entries, so that the index of a run of many days does not outgrow
 * its log.
 */
const ENTRIES_PER_INTERVAL = 20_000

/**
 * Writes the index of one log. Only one process may write it at a time: the one that holds the dispatcher's lease.
 */
export class LogIndexWriter {
  readonly #logPath: string
  readonly #intervalMs: number
  #file: number | null = null
  #last: LogIndexEntry
  #count: number

  /** `interval_ms` is the minimum time between two entries. Continues an existing index. */
  constructor(logPath: string, { interval_ms = 50 }: { interval_ms?: number } = {}) {
    this.#logPath = logPath
    this.#intervalMs = interval_ms
    const { entries } = readIndex(logPath)
    this.#last = entries.at(-1) ?? { time_ms: 0, offset: 0 }
    this.#count = entries.length
  }

  /**
   * Records the log's current size. If the last entry is too recent nothing is written: call again later. Returns the
   * milliseconds to wait, 0 when everything is recorded. With `at_once` it never waits: for the end of a log.
   */
  note(size: number, now: number, { at_once = false }: { at_once?: boolean } = {}): number {
    if (size <= this.#last.offset) return 0
    const interval = this.#intervalMs * 2 ** Math.floor(this.#count / ENTRIES_PER_INTERVAL)
    const early = this.#last.time_ms + interval - now
    // A clock that was set back must not silence the index.
    if (!at_once && early > 0 && early <= interval) return early
    this.#append(`${now} ${size}\n`)
    this.#last = { time_ms: now, offset: size }
    this.#count++
    return 0
  }

  /**
   * Adjusts the index to a cut of the log (capLog): entries within the cut are removed, later ones move with their
   * bytes.
   *
   * @param size of the log now; an entry past it describes bytes that were lost
   */
  noteCut(cut: LogCut, size = Infinity): void {
    this.close()
    const { entries, cuts } = readIndex(this.#logPath)
    const kept = entries.flatMap(({ time_ms, offset }) => {
      if (offset <= cut.head) return [{ time_ms, offset }]
      return offset - cut.shift > cut.head ? [{ time_ms, offset: Math.min(offset - cut.shift, size) }] : []
    })
    const lines = [
      ...[...cuts, cut].map(({ head, shift }) => `cut ${head} ${shift}\n`),
      ...kept.map(({ time_ms, offset }) => `${time_ms} ${offset}\n`),
    ]
    const path = logIndexPath(this.#logPath)
    makeRegular(`${path}.tmp`, lines.join(''))
    renameSync(`${path}.tmp`, path)
    this.#last = kept.at(-1) ?? { time_ms: 0, offset: 0 }
    this.#count = kept.length
  }

  /** Closes the file; may be called twice, and a later note opens it again. */
  close(): void {
    if (this.#file !== null) closeSync(this.#file)
    this.#file = null
  }

  #append(line: string): void {
    if (this.#file === null) {
      this.#file = openRegular(logIndexPath(this.#logPath), 'append')
      // An earlier writer may have been killed in the middle of a line.
      writeSync(this.#file, '\n')
    }
    writeSync(this.#file, line)
  }
}
