import { isPiece, type LogEvent, mayRepeat, readLogLine, REPEATS_WITHIN, withoutRepeats } from './log-line.ts'

/** Reads a log line by line, each in the context of the lines before it. */
export class LogReading {
  #before: LogEvent[] = []
  #wasPiece = false

  /**
   * @param line without colours and line break
   * @returns its event, or null for a line to show unchanged; `continues`: it continues the line before; `isPiece`: the
   *   next line may continue it
   */
  put(line: string): { event: LogEvent | null; continues: boolean; isPiece: boolean } {
    const read = readLogLine(line)
    const isNext = read !== null && isPiece(line)
    const continues = isNext && this.#wasPiece
    this.#wasPiece = isNext
    if (read === null) return { event: null, continues, isPiece: isNext }
    const event = mayRepeat(read) ? withoutRepeats(read, this.#before) : read
    this.#before = [...this.#before, read].slice(-REPEATS_WITHIN)
    return { event, continues, isPiece: isNext }
  }
}
