import { lastWritten, plainText, styleAfter } from './ansi.ts'

/** When the output from this byte on was first observed. */
export interface LogTime {
  offset: number
  at: number
}

export interface LogLine {
  text: string
  /** Style sequences in effect before it. */
  style: string
}

/** A longer line is rendered cut: a browser would need seconds to lay it out. */
export const LONGEST_DRAWN = 4000
/** The most lines in a list: beyond it the browser runs out of pixels. The oldest lines are left out, with a notice. */
export const MOST_LINES = 1_000_000

/** Words of a line that explains a failure. */
export const LOOKS_LIKE_ERROR =
  /\b(?:error|fatal|panic|exception|traceback|failed|denied|refused|killed|cannot|abort(?:ed)?)\b/i

const CUT_NOTICE = /^\[Runboard cut (\d+) bytes here/

/** @returns how many bytes were removed from the log at this line, or null for any other line */
export function cutBytes(line: string): number | null {
  const match = CUT_NOTICE.exec(line)
  return match === null ? null : Number(match[1])
}

/** @returns the length of a text in UTF-8 */
export function utf8Length(text: string): number {
  let length = text.length
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 0x80) continue
    // A surrogate pair takes four bytes, two for each half: one more than was counted.
    length += code < 0x800 || (code >= 0xd800 && code < 0xe000) ? 1 : 2
  }
  return length
}

/**
 * The lines of a growing log. Nothing is parsed until it is rendered, so that 20 MB are read as fast as they arrive.
 */
export class LogText {
  readonly #lines: string[] = []
  readonly #styles: string[] = []
  readonly #offsets: number[] = []
  #style = ''
  /** Where the last line starts, and whether it may still grow. */
  #open = false
  #offset = 0
  /** Number of lines at the start that were dropped. */
  dropped = 0

  get length(): number {
    return this.#lines.length
  }

  /** @param text continues the text appended before */
  append(text: string): void {
    if (text === '') return
    const parts = text.split('\n')
    if (this.#open) {
      const last = this.#lines.pop() ?? ''
      this.#offset = this.#offsets.pop() ?? 0
      this.#style = this.#styles.pop() ?? ''
      parts[0] = last + (parts[0] ?? '')
    }
    this.#open = parts.at(-1) !== ''
    if (!this.#open) parts.pop()
    parts.forEach((line, index) => {
      this.#lines.push(line)
      this.#styles.push(this.#style)
      this.#offsets.push(this.#offset)
      this.#style = styleAfter(line, this.#style)
      this.#offset += utf8Length(line) + (this.#open && index === parts.length - 1 ? 0 : 1)
    })
    this.#drop()
  }

  /** Resets to the empty log. */
  clear(): void {
    for (const list of [this.#lines, this.#styles, this.#offsets]) list.length = 0
    this.#style = ''
    this.#open = false
    this.#offset = 0
    this.dropped = 0
  }

  #drop(): void {
    const over = this.#lines.length - MOST_LINES
    if (over < MOST_LINES / 10) return
    this.#lines.splice(0, over)
    this.#styles.splice(0, over)
    this.#offsets.splice(0, over)
    this.dropped += over
  }

  line(index: number): LogLine {
    return { text: lastWritten(this.#lines[index] ?? ''), style: this.#styles[index] ?? '' }
  }

  /** A line as written, including overwritten text. */
  written(index: number): string {
    return this.#lines[index] ?? ''
  }

  plain(index: number): string {
    return plainText(lastWritten(this.#lines[index] ?? ''))
  }

  /** The byte at which a line starts. */
  offset(index: number): number {
    return this.#offsets[index] ?? this.#offset
  }

  /**
   * @param query as typed; case is ignored
   * @returns the lines in [from, to) that contain it
   */
  find(query: string, from = 0, to = this.#lines.length): number[] {
    const wanted = query.toLowerCase()
    const found: number[] = []
    if (wanted === '') return found
    for (let index = from; index < to; index++) {
      if (this.plain(index).toLowerCase().includes(wanted)) found.push(index)
    }
    return found
  }

  /** @returns the last line that looks like the cause of a failure, or null */
  findError(): number | null {
    const lowest = Math.max(0, this.#lines.length - 2000)
    for (let index = this.#lines.length - 1; index >= lowest; index--) {
      if (LOOKS_LIKE_ERROR.test(this.plain(index))) return index
    }
    return null
  }

  /** The whole log as plain text, for copying. */
  wholePlain(): string {
    return this.#lines.map((_, index) => this.plain(index)).join('\n')
  }
}

/**
 * @param times ascending
 * @returns when the byte at this offset was first observed; null before the first observation
 */
export function timeAt(times: readonly LogTime[], offset: number): number | null {
  let low = 0
  let high = times.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((times[middle]?.offset ?? 0) <= offset) low = middle + 1
    else high = middle
  }
  return times[low - 1]?.at ?? null
}
