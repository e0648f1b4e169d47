import { exactTime } from '../views/time.ts'

/** Printed for output that was written while no dispatcher ran. */
export const UNKNOWN_TIME = '-'.padEnd(exactTime(0).length)

/** A byte of a log, and when the output from that byte on was first seen. */
export interface LogTime {
  offset: number
  at: number
}

const LINE_BREAK = 10

/** Puts the time before each line of a log that comes in pieces; a piece may end within a line. */
export class LineTimes {
  private isLineStart = true

  /**
   * @param bytes a piece of the log
   * @param from the offset of the piece in the log
   * @param times ascending offsets, and when the output from each was first seen
   * @returns the piece, with the time of its first byte before each line
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

/** @returns when the byte at `offset` was first seen, always in the same width */
export function timeBefore(times: readonly LogTime[], offset: number): string {
  const later = times.findIndex((time) => time.offset > offset)
  return timeAt(times.at(later === -1 ? -1 : later - 1), offset)
}
