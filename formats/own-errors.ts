import { findHeadline } from './headline.ts'
import { textInLine } from './line-words.ts'
import { onOneLine } from './log-part.ts'

/**
 * Openings of our errors that are followed by the end of the worker's output. kernel/dispatcher/ writes them (settle,
 * watched).
 */
const WITH_OUTPUT =
  /^(?:It exited with|It was killed by|It ran for longer than|Neither output nor|Its process is gone|The check “)/

/** The opening of a failed check contains its command, which may have several lines. */
const CHECK_OPENING = /^The check “[^]{0,8000}?” ended with [^\n]*/

/**
 * Openings for a worker that ended without the report that its profile requires, so that a person decides. The last one
 * is for a worker whose exit code would have counted as the report, but was not observed; in an error that is a plain
 * failure, output or words follow it.
 */
const NOT_REPORTED =
  /^It exited with 0 but did not report|^It exited with 0, and its profile .{0,300} to say whether that means done|^Its process is gone, and nobody saw how it ended\.$/

/** Sentences that contain only the exit status. */
const EXIT_ONLY = /^It (?:exited with \d+|was killed by \S+)\.$/

/** The opening of an error in which the worker stated the reason: `It exited with 1: Reached max turns (30)`. */
const STATED = /^It (?:exited with [^:\n]{1,80}|was killed by [^:\n]{1,40}): (\S.*)$/

/** No error holds more output than this; the rest is not searched. */
const SEARCHED_CHARS = 64 * 1024

/** @param opening the first line of an error */
export function hasOutputBelow(opening: string): boolean {
  return WITH_OUTPUT.test(opening)
}

/** @param opening the first line of an error */
export function saysOnlyItsExit(opening: string): boolean {
  return EXIT_ONLY.test(opening)
}

export function isNotReported(error: string | null): boolean {
  return error !== null && NOT_REPORTED.test(error)
}

/** An error, reduced to what matters. */
export interface Explained {
  /** How the run ended, in our words: the opening of the error, on one line. */
  how: string
  /** The line that explains the failure: from the output if it has one, else `how`. */
  headline: string
  /** The line of the error that the headline was made from, unchanged. */
  line: string
  /** Whether the worker wrote it. */
  isOutput: boolean
}

/** @returns null for null and for a blank error */
export function explain(error: string | null): Explained | null {
  if (error === null || error.trim() === '') return null
  const opening = CHECK_OPENING.exec(error)?.[0] ?? error.split('\n', 1).join('')
  const how = onOneLine(opening, 2_000)
  // The colon of such an error is ours: no words of the worker follow it.
  const stated = isNotReported(error) ? undefined : STATED.exec(opening)?.[1]
  if (stated !== undefined) return { how, headline: onOneLine(stated, 300), line: stated, isOutput: true }
  if (hasOutputBelow(opening)) {
    const output = error.slice(opening.length).slice(-SEARCHED_CHARS).split('\n')
    const found = findHeadline(output)
    if (found !== null) {
      const text = onOneLine(found.text, 300)
      return { how, headline: text, line: output[found.at] ?? text, isOutput: true }
    }
  }
  return { how, headline: onOneLine(how, 300), line: opening, isOutput: false }
}

/**
 * The one line that people see of a failure, everywhere: on cards, in lists, notifications and reports. Derived when a
 * run is presented, so that old runs have one too.
 */
export function errorHeadline(error: string | null): string | null {
  return explain(error)?.headline ?? null
}

/** @returns the words of the headline to search the board for; all of them occur in the error */
export function errorWords(error: string | null): string | null {
  const explained = explain(error)
  return explained === null ? null : textInLine(explained.line.trim()).slice(0, 60)
}

/**
 * @returns an error on one line of at most `limit` characters: how the run ended, and the line of output that explains
 *   it
 */
export function errorBrief(error: string | null, limit = 400): string | null {
  const explained = explain(error)
  if (explained === null) return error === null ? null : ''
  const { how, headline, isOutput } = explained
  if (!isOutput || how.endsWith(`: ${headline}`)) return onOneLine(how, limit)
  return onOneLine(`${how.replace(/\.$/, '')}: ${headline}`, limit)
}

/** As `errorBrief`, for the end of a sentence that has its own full stop. */
export function asReason(error: string | null): string {
  return (errorBrief(error, 200) ?? '').replace(/[.\s]+$/, '')
}
