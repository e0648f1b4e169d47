import {
  failureIn,
  isAnswer,
  isPiece,
  joinPieces,
  type LogEvent,
  mayRepeat,
  planOf,
  readLogLine,
  REPEATS_WITHIN,
  withoutRepeats,
} from '../../formats/log-line.ts'
import type { PlanStep } from '../../formats/log-part.ts'
import { eventText } from '../../formats/log-words.ts'
import { plainText } from './ansi.ts'
import { LOOKS_LIKE_ERROR, type LogText } from './log-text.ts'

/** How much of a log is read to find out whether it contains events; more would block the page. */
const MOST_LOOKED_AT = 300
const MOST_LOOKED_AT_CHARS = 1_000_000
/** Parsed events that are cached: more than are rendered at once. */
const CACHED = 400
const LOOKED_BACK = 2_000

/**
 * The events of a log. Each line is a row, except that the pieces of one text share one, and so do a question and the
 * answer right after it. A line is parsed when its row is requested.
 */
export class LogEvents {
  readonly #log: LogText
  /** The first line of each row, as far as the log was read. */
  #starts: number[] = []
  #lookedTo = 0
  #dropped = 0
  #lines = 0
  #chars = 0
  #cache = new Map<number, { text: string; event: LogEvent | null }>()
  /** Whether the log contains anything that reads better in words. */
  found = false
  /** The newest plan of the agent; empty without one. */
  plan: readonly PlanStep[] = []

  constructor(log: LogText) {
    this.#log = log
  }

  get length(): number {
    return this.#starts.length
  }

  /** Processes what was appended to the log, or starts again if the log did. */
  look(): void {
    const log = this.#log
    if (log.length < this.#lookedTo || log.dropped !== this.#dropped) this.#restart()
    // The former last line may have grown.
    const from = Math.max(0, this.#lookedTo - 1)
    while ((this.#starts.at(-1) ?? -1) >= from) this.#starts.pop()
    let before = from > 0 ? log.written(from - 1) : ''
    let wasPiece = isPiece(before)
    for (let line = from; line < log.length; line++) {
      const text = log.written(line)
      const piece = isPiece(text)
      if (!(piece && wasPiece) && !isAnswer(text, before)) this.#starts.push(line)
      wasPiece = piece
      before = text
      this.plan = planOf(text) ?? this.plan
      if (!this.found) this.#lookInto(line)
    }
    this.#lookedTo = log.length
  }

  #restart(): void {
    this.#starts = []
    this.#lookedTo = 0
    this.#dropped = this.#log.dropped
    this.#cache.clear()
    this.plan = []
  }

  #lookInto(line: number): void {
    const written = this.#log.written(line)
    if (this.#lines >= MOST_LOOKED_AT || this.#chars + written.length > MOST_LOOKED_AT_CHARS) return
    if (!written.includes('{"')) return
    const text = this.#log.plain(line).trimEnd()
    if (!text.startsWith('{') || !text.endsWith('}')) return
    this.#lines++
    this.#chars += text.length
    this.found = readLogLine(text)?.known ?? false
  }

  /** @returns the first line of a row, and the first line after it; lines that `look` has not seen are in no row */
  lines(row: number): [from: number, to: number] {
    return [this.#starts[row] ?? this.#lookedTo, this.#starts[row + 1] ?? this.#lookedTo]
  }

  /** @returns the row that contains a line */
  rowOf(line: number): number {
    let low = 0
    let high = this.#starts.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#starts[middle] ?? 0) <= line) low = middle + 1
      else high = middle
    }
    return Math.max(0, low - 1)
  }

  /** @returns the event of a row, cached; null if the row shows its original line */
  at(row: number): LogEvent | null {
    const [from, to] = this.lines(row)
    const text = this.#log.plain(to - 1)
    const kept = this.#cache.get(from)
    if (kept !== undefined && kept.text === text) return kept.event
    const event = this.read(row)
    this.#cache.delete(from)
    this.#cache.set(from, { text, event })
    for (const oldest of this.#cache.keys()) {
      if (this.#cache.size <= CACHED) break
      this.#cache.delete(oldest)
    }
    return event
  }

  /** As `at`, without caching, for reading many rows. */
  read(row: number): LogEvent | null {
    const event = this.#event(row)
    if (event === null || !mayRepeat(event)) return event
    const earlier = Array.from({ length: Math.min(REPEATS_WITHIN, row) }, (_, back) =>
      this.#event(row - back - 1),
    )
    return withoutRepeats(
      event,
      earlier.filter((one) => one !== null),
    )
  }

  #event(row: number): LogEvent | null {
    const [from, to] = this.lines(row)
    if (to - from <= 1) return readLogLine(this.#log.plain(from).trimEnd())
    const events = this.#each(from, to)
    const last = events.at(-1)
    return last?.parts[0]?.kind === 'question' ? last : joinPieces(events)
  }

  #each(from: number, to: number): LogEvent[] {
    const events = Array.from({ length: to - from }, (_, index) =>
      readLogLine(this.#log.plain(from + index).trimEnd()),
    )
    return events.filter((event) => event !== null)
  }

  /** @returns the formatted JSON of a row; pieces of one text follow each other */
  json(row: number): string {
    const events = this.#each(...this.lines(row))
    return events.map(({ json }) => JSON.stringify(json, null, 2)).join('\n')
  }

  /** @returns the text of a row, without colours */
  text(row: number): string {
    const event = this.read(row)
    return event === null ? this.#log.plain(this.lines(row)[0]) : plainText(eventText(event))
  }

  /** @returns the last row with a failure, else the last with a failed call, or null */
  findError(): number | null {
    let failedCall: number | null = null
    const lowest = Math.max(0, this.length - LOOKED_BACK)
    for (let row = this.length - 1; row >= lowest; row--) {
      const event = this.read(row)
      if (event === null) {
        if (LOOKS_LIKE_ERROR.test(this.#log.plain(this.lines(row)[0]))) return row
        continue
      }
      const failure = failureIn(event)
      if (failure === 'end') return row
      if (failure === 'call') failedCall ??= row
    }
    return failedCall
  }
}
