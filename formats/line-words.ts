import { readLogLine } from './log-line.ts'
import { eventText } from './log-words.ts'

/** What stands before an event in a log, where a column of them tells the kinds apart. */
const MARKS = /^(?:┆ )?\s*[●✓✗▸■·>~] /gm

/**
 * @param line of output, without colours
 * @returns the line to be shown by itself: an event in words, on one line; any other line as it is
 */
export function lineInWords(line: string): string {
  const event = readLogLine(line.trim())
  if (event === null || !event.known) return line
  return eventText(event).replace(MARKS, '').replace(/\s+/g, ' ').trim()
}

/** @returns of an event the text that its line holds as it is, to be searched for; any other line whole */
export function textInLine(line: string): string {
  const [part] = readLogLine(line.trim())?.parts ?? []
  if (part?.kind === 'record') return part.message
  return part?.kind === 'said' || part?.kind === 'error' ? part.text : line
}
