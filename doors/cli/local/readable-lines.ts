import { LogReading } from '../../../formats/log-reading.ts'
import { eventSegments, type Tone } from '../../../formats/log-words.ts'
import type { Paint } from '../views/paint.ts'
import { visible } from '../views/text.ts'
import { type LogTime, timeBefore, UNKNOWN_TIME } from './log-times.ts'

const LINE_BREAK = 10

const COLOURS: Readonly<Record<Exclude<Tone, 'plain'>, keyof Paint>> = {
  dim: 'dim',
  strong: 'bold',
  call: 'cyan',
  good: 'green',
  warn: 'yellow',
  bad: 'red',
  added: 'green',
  removed: 'red',
}

/** Prints a log that comes in pieces: events in words, other lines as they are written. */
export class ReadableLines {
  private readonly paint: Paint
  private readonly reading = new LogReading()
  /** The start of a line whose end has not arrived. */
  private rest = Buffer.alloc(0)
  private restFrom = 0
  private restTimes: readonly LogTime[] | null = null
  /** Whether the next piece of text may continue the last printed line. */
  private isOpen = false

  constructor(paint: Paint) {
    this.paint = paint
  }

  /**
   * @param bytes a piece of the log
   * @param from the offset of the piece in the log
   * @param times as the operation returns them, if each line is to start with its time
   * @returns the lines that are complete now, ready to print
   */
  put(bytes: Buffer, from: number, times: readonly LogTime[] | null): Buffer {
    const isNext = from === this.restFrom + this.rest.length
    const printed = isNext ? [] : [this.end()]
    let at = isNext ? this.restFrom : from
    const all = isNext ? Buffer.concat([this.rest, bytes]) : bytes
    // The time of the unfinished line came with its first piece.
    const known = [...(this.restTimes ?? []).filter(({ offset }) => offset <= at).slice(-1), ...(times ?? [])]
    let start = 0
    for (let end = all.indexOf(LINE_BREAK); end !== -1; end = all.indexOf(LINE_BREAK, start)) {
      printed.push(this.line(all.subarray(start, end + 1), at, times === null ? null : known))
      at += end + 1 - start
      start = end + 1
    }
    this.rest = Buffer.from(all.subarray(start))
    this.restFrom = at
    this.restTimes = times === null ? null : known
    return Buffer.concat(printed)
  }

  /** @returns the last line, which may lack a line break */
  end(): Buffer {
    const last = this.rest.length === 0 ? [] : [this.line(this.rest, this.restFrom, this.restTimes)]
    this.rest = Buffer.alloc(0)
    const close = this.isOpen ? [Buffer.from('\n')] : []
    this.isOpen = false
    return Buffer.concat([...last, ...close])
  }

  private line(bytes: Buffer, at: number, times: readonly LogTime[] | null): Buffer {
    const time = times === null ? '' : `${timeBefore(times, at)} `
    const { event, continues, isPiece } = this.reading.put(visible(bytes.toString('utf8')).trimEnd())
    const before = this.isOpen && !continues ? '\n' : ''
    this.isOpen = isPiece
    if (event === null) return Buffer.concat([Buffer.from(before + time), bytes])
    const text = eventSegments(event)
      .map((part) => this.painted(part.tone, visible(part.text)))
      .join('')
    const margin = ' '.repeat(times === null ? 0 : UNKNOWN_TIME.length + 1)
    const shown = (continues ? '' : before + time) + text.replaceAll('\n', `\n${margin}`)
    return Buffer.from(isPiece ? shown : `${shown}\n`)
  }

  private painted(tone: Tone, text: string): string {
    return tone === 'plain' ? text : this.paint[COLOURS[tone]](text)
  }
}
