import { exactTime } from '../views/time.ts'

/** What stands where nobody watched: the output came while no dispatcher lived. */
const UNKNOWN = '-'.padEnd(exactTime(0).length)

const LINE_BREAK = 10

/**
 * Puts the time before each line of a log.
 *
 * @param bytes a piece of the log
 * @param from the byte of the log that it begins at
 * @param times offsets of bytes, and when the output from there on was first seen, ascending
 * @returns the piece, each line with the time at which its first byte was seen
 */
export function timed(bytes: Buffer, from: number, times: readonly { offset: number; at: number }[]): Buffer {
  const parts: Buffer[] = []
  let mark = 0
  let start = 0
  while (start < bytes.length) {
    while ((times[mark + 1]?.offset ?? Number.POSITIVE_INFINITY) <= from + start) mark++
    const known = times[mark]
    const time = known === undefined || known.offset > from + start ? UNKNOWN : exactTime(known.at)
    const end = bytes.indexOf(LINE_BREAK, start)
    const next = end === -1 ? bytes.length : end + 1
    parts.push(Buffer.from(`${time} `), bytes.subarray(start, next))
    start = next
  }
  return Buffer.concat(parts)
}
