import { readLogLine } from './log-line.ts'
import { eventText } from './log-words.ts'

/** The marks before an event in a log, which tell the kinds of events apart in a column. */
const MARKS = /^(?:┆ )?\s*[●✓✗▸■·>»?↳~] /gm

/**
 * @param line of output, without colours
 * @returns the line to show on its own: an event in words, on one line; any other line unchanged
 */
export function lineInWords(line: string): string {
  const event = readLogLine(line.trim())
  if (event === null || !event.known) return line
  return eventText(event).replace(MARKS, '').replace(/\s+/g, ' ').trim()
}

/** @returns the text of an event exactly as its line contains it, for searching; any other line whole */
export function textInLine(line: string): string {
  const [part] = readLogLine(line.trim())?.parts ?? []
  if (part?.kind === 'record') return part.message
  return part?.kind === 'said' || part?.kind === 'error' ? part.text : line
}
