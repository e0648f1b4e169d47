import type { LogReader } from './log-reader.svelte.ts'

const KEY = 'runboard:log'
const SOON = 150
const STRETCH = 20_000
/** A scroll this soon after a wheel, a key or a press is the person's, not ours. */
const BY_HAND = 500

interface Kept {
  wrap: boolean
  times: boolean
}

function kept(): Kept {
  try {
    const stored = JSON.parse(localStorage.getItem(KEY) ?? '{}') as Partial<Kept>
    return { wrap: stored.wrap ?? true, times: stored.times ?? true }
  } catch {
    return { wrap: true, times: true } // written by another version, or by hand: the usual will do
  }
}

/** What a list of lines can be told. */
export interface Scrollable {
  scrollToIndex(index: number, options?: { align?: 'start' | 'center' | 'end' | 'nearest' }): void
}

/** How a log is looked at: where, how wide, and what is searched in it. */
export class LogViewState {
  wrap = $state(kept().wrap)
  times = $state(kept().times)
  /** Stay at the end while it grows. Scrolling up ends it, scrolling to the end takes it up again. */
  follow = $state(false)
  query = $state('')
  matches = $state.raw<readonly number[]>([])
  searching = $state(false)
  /** Which of the matches is looked at. */
  at = $state(0)
  /** A line that is pointed out: the error that was asked for. */
  marked = $state<number | null>(null)
  tall = $state(false)
  list: Scrollable | undefined

  readonly #reader: LogReader
  #searchedTo = 0
  #search = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #handAt = 0

  constructor(reader: LogReader) {
    this.#reader = reader
  }

  toggle(what: keyof Kept): void {
    this[what] = !this[what]
    localStorage.setItem(KEY, JSON.stringify({ wrap: this.wrap, times: this.times }))
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
    this.#show(this.#reader.length - 1, 'end')
  }

  toStart(): void {
    this.follow = false
    this.#show(0, 'start')
  }

  /** To the line that looks like the cause of the failure; to the end where none does. */
  toError(): void {
    const line = this.#reader.text.findError()
    this.marked = line
    this.follow = false
    this.#show(line ?? this.#reader.length - 1, line === null ? 'end' : 'center')
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

  /** Looks at a stretch of lines at a time, so that a long log does not hold up the page. */
  async #searchOn(query: string, first: boolean): Promise<void> {
    const search = ++this.#search
    this.searching = true
    while (this.#searchedTo < this.#reader.length) {
      const to = Math.min(this.#searchedTo + STRETCH, this.#reader.length)
      const found = this.#reader.text.find(query, this.#searchedTo, to)
      this.#searchedTo = to
      const isFirst = this.matches.length === 0
      if (found.length > 0) this.matches = [...this.matches, ...found]
      if (found.length > 0 && isFirst && first) this.#showMatch()
      await new Promise((resolve) => setTimeout(resolve))
      if (search !== this.#search) return
    }
    this.searching = false
  }

  step(by: 1 | -1): void {
    if (this.matches.length === 0) return
    this.at = (this.at + by + this.matches.length) % this.matches.length
    this.#showMatch()
  }

  /** More lines came: they are searched too, and the end is kept in view where it was. */
  grown(): void {
    if (this.#reader.length < this.#searchedTo) {
      this.#searchedTo = 0
      this.matches = []
    }
    if (this.query !== '' && !this.searching && this.#reader.length > 0) {
      // The line that was the last may have grown into a match.
      this.#searchedTo = Math.max(0, Math.min(this.#searchedTo, this.#reader.length) - 1)
      this.matches = this.matches.filter((line) => line < this.#searchedTo)
      void this.#searchOn(this.query, false)
    }
    if (this.follow) this.#show(this.#reader.length - 1, 'end')
  }

  #showMatch(): void {
    const line = this.matches[this.at]
    if (line === undefined) return
    this.follow = false
    this.#show(line, 'center')
  }

  /** After the list has taken in the new lines. */
  #show(line: number, align: 'start' | 'center' | 'end'): void {
    if (line >= 0) requestAnimationFrame(() => this.list?.scrollToIndex(line, { align }))
  }
}
