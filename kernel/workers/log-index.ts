import { closeSync, renameSync, writeSync } from 'node:fs'
import { makeRegular, openRegular, readRegular } from './regular-file.ts'
import { errorCode } from './setup-error.ts'

/** At `time_ms` (milliseconds since the epoch) the log was seen to have grown to `offset` bytes. */
export interface LogIndexEntry {
  time_ms: number
  offset: number
}

/** A cut of the log: what lay past `head` before it lies `shift` bytes further ahead now. */
export interface LogCut {
  head: number
  shift: number
}

export interface LogIndex {
  entries: LogIndexEntry[]
  cuts: LogCut[]
}

/** The index lies beside its log: one line `<time> <offset>` an entry, one line `cut <head> <shift>` a cut. */
export function logIndexPath(logPath: string): string {
  return `${logPath}.idx`
}

/** Numbers that a file can have: no more digits than are counted exactly. */
const ENTRY = /^(cut )?(\d{1,15}) (\d{1,15})$/

/** An index of ours stays far below: its interval doubles with each 20,000 entries. */
const LARGEST_INDEX = 8 * 1024 * 1024

/** Reads the index of a log; an empty one where there is none. A last line that is only half written is left out. */
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
 * When the byte at this offset was first seen in the log: never before it was written, and later by at most the
 * interval of the writer. null past the last entry, as for what was written while no dispatcher lived.
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
 * Where a reader goes on whose offset lies past the end of the log, because the log was cut since: at the byte it had
 * not yet read, or, where that was cut away, at the notice that says so.
 */
export function offsetAfterCut({ cuts }: LogIndex, offset: number, size: number): number {
  const cut = cuts.at(-1)
  if (offset <= size || cut === undefined) return Math.min(offset, size)
  return Math.min(size, Math.max(cut.head, offset - cut.shift))
}

/** The interval doubles with each so many entries, so that a run of days does not make an index larger than its log. */
const ENTRIES_PER_INTERVAL = 20_000

/** Writes the index of one log. One writer at a time: whoever holds the dispatcher's lease. */
export class LogIndexWriter {
  readonly #logPath: string
  readonly #intervalMs: number
  #file: number | null = null
  #last: LogIndexEntry
  #count: number

  /** `interval_ms` is the least time between two entries. Goes on with an index that is there. */
  constructor(logPath: string, { interval_ms = 50 }: { interval_ms?: number } = {}) {
    this.#logPath = logPath
    this.#intervalMs = interval_ms
    const { entries } = readIndex(logPath)
    this.#last = entries.at(-1) ?? { time_ms: 0, offset: 0 }
    this.#count = entries.length
  }

  /**
   * Notes that the log has this size now. Too early after the last entry nothing is written: call it again later.
   * Returns how many milliseconds to wait, 0 when nothing is left to be noted. With `at_once` it never waits: for the
   * end of a log.
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
   * The log was cut (capLog): entries within the cut go, those past it move with their bytes.
   *
   * @param size of the log now; an entry past it tells of bytes that were lost
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
      // Whoever wrote here before may have been killed in the middle of a line.
      writeSync(this.#file, '\n')
    }
    writeSync(this.#file, line)
  }
}
