import { SvelteSet } from 'svelte/reactivity'
import type { LogEvent } from '../../formats/log-line.ts'
import type { PlanStep } from '../../formats/log-part.ts'
import { LogEvents } from './log-events.ts'
import type { LogReader } from './log-reader.svelte.ts'

const KEY = 'runboard:log'
const SOON = 150
const STRETCH = 20_000
/** Searching parses events: how long to search at a time without delaying a frame, in milliseconds. */
const STRETCH_MS = 10
/** A scroll this soon after a wheel, key or pointer event counts as the user's, not ours. */
const BY_HAND = 500

interface Kept {
  wrap: boolean
  times: boolean
  /** Events in words, if there are any. */
  readable: boolean
  /** The steps of the agent's plan. */
  plan: boolean
}

const USUAL: Kept = { wrap: true, times: true, readable: true, plan: true }

function kept(): Kept {
  try {
    const { wrap, times, readable, plan } = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Kept>
    return {
      wrap: wrap ?? USUAL.wrap,
      times: times ?? USUAL.times,
      readable: readable ?? USUAL.readable,
      plan: plan ?? USUAL.plan,
    }
  } catch {
    return USUAL // written by another version, or by hand: use the defaults
  }
}

/** What this needs from a list of rows. */
export interface Scrollable {
  scrollToIndex(index: number, options?: { align?: 'start' | 'center' | 'end' | 'nearest' }): void
  findItemIndex(offset: number): number
  getScrollOffset(): number
}

/**
 * How a log is viewed: in words or as written, the position, the width, and the search. Its rows are the log's lines
 * or, in words, those of LogEvents.
 */
export class LogViewState {
  wrap = $state(kept().wrap)
  times = $state(kept().times)
  readable = $state(kept().readable)
  /** Whether the steps of the plan are shown. */
  isPlanOpen = $state(kept().plan)
  #plan = $state.raw<readonly PlanStep[]>([])
  /** The newest plan of the agent; empty without one, and as written. */
  plan = $derived(this.readable ? this.#plan : [])
  /** Whether the log contains anything that reads better in words. */
  hasEvents = $state(false)
  inWords = $derived(this.readable && this.hasEvents)
  /** The number of rows in words. */
  #rows = $state(0)
  /** Counts how often the rows in words were updated: the last one may have grown even if their number has not. */
  #looks = $state(0)
  /** Stay at the end while it grows. Scrolling up stops it, scrolling to the end resumes it. */
  follow = $state(false)
  query = $state('')
  matches = $state.raw<readonly number[]>([])
  searching = $state(false)
  /** The index of the current match. */
  at = $state(0)
  /** A highlighted line: the error that the user jumped to. */
  marked = $state<number | null>(null)
  /** Lines whose JSON is expanded. */
  readonly opened = new SvelteSet<number>()
  /** The row whose button Tab reaches. */
  cursor = $state(0)
  tall = $state(false)
  list: Scrollable | undefined

  readonly #reader: LogReader
  readonly #events: LogEvents
  #searchedTo = 0
  #search = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #handAt = 0

  constructor(reader: LogReader) {
    this.#reader = reader
    this.#events = new LogEvents(reader.text)
  }

  get rows(): number {
    return this.inWords ? this.#rows : this.#reader.length
  }

  /** @returns the first line of a row */
  lineOf(row: number): number {
    return this.inWords ? this.#events.lines(row)[0] : row
  }

  #rowOf(line: number): number {
    return this.inWords ? this.#events.rowOf(line) : line
  }

  /** @returns the event of a row in words; null if the row shows its original line */
  eventOf(row: number): LogEvent | null {
    void this.#looks
    return this.inWords ? this.#events.at(row) : null
  }

  jsonOf(row: number): string {
    return this.#events.json(row)
  }

  isMarked(row: number): boolean {
    return this.marked !== null && this.#rowOf(this.marked) === row
  }

  toggle(what: 'wrap' | 'times' | 'isPlanOpen'): void {
    this[what] = !this[what]
    this.#keep()
  }

  #keep(): void {
    const { wrap, times, readable, isPlanOpen: plan } = this
    localStorage.setItem(KEY, JSON.stringify({ wrap, times, readable, plan } satisfies Kept))
  }

  /** Switches between words and original lines, and keeps the line at the top. */
  show(readable: boolean): void {
    if (readable === this.readable) return
    const top = this.lineOf(this.list?.findItemIndex(this.list.getScrollOffset()) ?? 0)
    this.readable = readable
    this.#keep()
    if (this.query !== '') this.search(this.query)
    if (this.follow) this.#show(this.rows - 1, 'end')
    else this.#show(this.#rowOf(top), 'start')
  }

  open(row: number): void {
    const line = this.lineOf(row)
    if (!this.opened.delete(line)) this.opened.add(line)
    this.cursor = row
  }

  /** Moves the cursor to the next or previous row with an event. */
  moveCursor(by: 1 | -1): boolean {
    for (let row = this.cursor + by; row >= 0 && row < this.rows; row += by) {
      if (this.eventOf(row) === null) continue
      this.cursor = row
      this.list?.scrollToIndex(row, { align: 'nearest' })
      return true
    }
    return false
  }

  /** Moves the cursor to the first event in view, unless it is in view already. */
  placeCursor(viewHeight: number): void {
    if (!this.inWords || this.list === undefined) return
    const top = this.list.getScrollOffset()
    const [first, last] = [this.list.findItemIndex(top), this.list.findItemIndex(top + viewHeight)]
    if (this.cursor >= first && this.cursor <= last && this.eventOf(this.cursor) !== null) return
    for (let row = first; row <= last; row++) {
      if (this.eventOf(row) === null) continue
      this.cursor = row
      return
    }
  }

  touched(): void {
    this.#handAt = performance.now()
  }

  /** @param atEnd whether the last line is in view now */
  scrolled(atEnd: boolean): void {
    if (performance.now() - this.#handAt < BY_HAND) this.follow = atEnd
  }

  toEnd(): void {
    this.follow = true
    this.#show(this.rows - 1, 'end')
  }

  toStart(): void {
    this.follow = false
    this.#show(0, 'start')
  }

  /** Goes to the line that looks like the cause of the failure, or to the end. */
  toError(): void {
    const line = this.#findError()
    this.marked = line
    this.follow = false
    this.#show(line === null ? this.rows - 1 : this.#rowOf(line), line === null ? 'end' : 'center')
  }

  /** Scrolls to a line by its number, counted from 1, and marks it. */
  toLine(number: number): void {
    const line = Math.max(0, Math.min(number - 1 - this.#reader.text.dropped, this.#reader.length - 1))
    this.marked = line
    this.follow = false
    this.#show(this.#rowOf(line), 'center')
  }

  #findError(): number | null {
    if (!this.hasEvents) return this.#reader.text.findError()
    const row = this.#events.findError()
    return row === null ? null : this.#events.lines(row)[0]
  }

  search(query: string): void {
    this.query = query
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => {
      this.matches = []
      this.#searchedTo = 0
      this.at = 0
      void this.#searchOn(query, true)
    }, SOON)
  }

  /** Searches a stretch of rows at a time, so that a long log does not block the page. */
  async #searchOn(query: string, first: boolean): Promise<void> {
    const search = ++this.#search
    this.searching = true
    while (this.#searchedTo < this.rows) {
      const { found, to } = this.inWords ? this.#findInWords(query) : this.#findAsWritten(query)
      this.#searchedTo = to
      const isFirst = this.matches.length === 0
      if (found.length > 0) this.matches = [...this.matches, ...found]
      if (found.length > 0 && isFirst && first) this.#showMatch()
      await new Promise((resolve) => setTimeout(resolve))
      if (search !== this.#search) return
    }
    this.searching = false
  }

  #findAsWritten(query: string): { found: number[]; to: number } {
    const to = Math.min(this.#searchedTo + STRETCH, this.rows)
    return { found: this.#reader.text.find(query, this.#searchedTo, to), to }
  }

  #findInWords(query: string): { found: number[]; to: number } {
    const wanted = query.toLowerCase()
    const until = performance.now() + STRETCH_MS
    const found: number[] = []
    let row = this.#searchedTo
    while (wanted !== '' && row < this.rows && performance.now() < until) {
      if (this.#events.text(row).toLowerCase().includes(wanted)) found.push(row)
      row++
    }
    return { found, to: wanted === '' ? this.rows : row }
  }

  step(by: 1 | -1): void {
    if (this.matches.length === 0) return
    this.at = (this.at + by + this.matches.length) % this.matches.length
    this.#showMatch()
  }

  /** The log grew: searches the new lines, and keeps following the end. */
  grown(): void {
    this.#events.look()
    this.#looks++
    this.#rows = this.#events.length
    this.hasEvents = this.#events.found
    this.#plan = this.#events.plan
    if (this.rows < this.#searchedTo) {
      this.#searchedTo = 0
      this.matches = []
    }
    if (this.query !== '' && !this.searching && this.rows > 0) {
      // The former last line may have grown into a match.
      this.#searchedTo = Math.max(0, Math.min(this.#searchedTo, this.rows) - 1)
      this.matches = this.matches.filter((row) => row < this.#searchedTo)
      void this.#searchOn(this.query, false)
    }
    if (this.follow) this.#show(this.rows - 1, 'end')
  }

  #showMatch(): void {
    const row = this.matches[this.at]
    if (row === undefined) return
    this.follow = false
    this.#show(row, 'center')
  }

  /** After the list has rendered the new rows. */
  #show(row: number, align: 'start' | 'center' | 'end'): void {
    if (row >= 0) requestAnimationFrame(() => this.list?.scrollToIndex(row, { align }))
  }
}
