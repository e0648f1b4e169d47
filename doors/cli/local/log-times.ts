import { exactTime } from '../views/time.ts'

/** What stands where nobody watched: the output came while no dispatcher lived. */
export const UNKNOWN_TIME = '-'.padEnd(exactTime(0).length)

/** A byte of a log, and when the output from there on was first seen. */
export interface LogTime {
  offset: number
  at: number
}

const LINE_BREAK = 10

/** Puts the time before each line of a log that comes in pieces, which need not end where a line does. */
export class LineTimes {
  private isLineStart = true

  /**
   * @param bytes a piece of the log
   * @param from the byte of the log that it begins at
   * @param times offsets of bytes, and when the output from there on was first seen, ascending
   * @returns the piece, each line in it with the time at which its first byte was seen
   */
  put(bytes: Buffer, from: number, times: readonly LogTime[]): Buffer {
    const parts: Buffer[] = []
    let mark = 0
    let start = 0
    while (start < bytes.length) {
      const at = from + start
      while ((times[mark + 1]?.offset ?? Number.POSITIVE_INFINITY) <= at) mark++
      const end = bytes.indexOf(LINE_BREAK, start)
      const next = end === -1 ? bytes.length : end + 1
      if (this.isLineStart) parts.push(Buffer.from(`${timeAt(times[mark], at)} `))
      parts.push(bytes.subarray(start, next))
      this.isLineStart = end !== -1
      start = next
    }
    return Buffer.concat(parts)
  }
}

function timeAt(known: LogTime | undefined, offset: number): string {
  return known === undefined || known.offset > offset ? UNKNOWN_TIME : exactTime(known.at)
}

/** @returns the time at which the byte at `offset` was first seen, as wide as any */
export function timeBefore(times: readonly LogTime[], offset: number): string {
  const later = times.findIndex((time) => time.offset > offset)
  return timeAt(times.at(later === -1 ? -1 : later - 1), offset)
}
