import { lineInWords } from './line-words.ts'

/**
 * How an error of ours begins that has the end of the worker's output on its next lines. kernel/dispatcher/ writes them
 * (settle, watched); whoever shows an error says how the process ended in words of its own, or needs only the last line.
 */
const WITH_OUTPUT =
  /^(?:It exited with|It was killed by|It ran for longer than|Neither output nor|Its process is gone|The check “)/

/** In the error of a worker that ended with 0 and without the report that its profile owes. */
const NOT_REPORTED = 'did not report'

/** Sentences that say no more than the status of the exit does. */
const EXIT_ONLY = /^It (?:exited with \d+|was killed by \S+)\.$/

/** @param opening the first line of an error */
export function hasOutputBelow(opening: string): boolean {
  return WITH_OUTPUT.test(opening)
}

/** @param opening the first line of an error */
export function saysOnlyItsExit(opening: string): boolean {
  return EXIT_ONLY.test(opening)
}

export function isNotReported(error: string | null): boolean {
  return error?.includes(NOT_REPORTED) ?? false
}

/**
 * @returns what an error comes to on one line of at most `limit` characters: how it ended and, where its output follows,
 *   what was said last
 */
export function errorBrief(error: string | null, limit = 400): string | null {
  if (error === null) return null
  const [how = '', ...output] = error.split('\n')
  const said = output.filter((line) => line.trim() !== '').at(-1)
  if (said === undefined || !hasOutputBelow(how)) return how.slice(0, limit)
  return `${how.replace(/\.$/, '')}: ${lineInWords(said).trim()}`.slice(0, limit)
}

/** As `errorBrief`, to stand at the end of a sentence that has a full stop of its own. */
export function asReason(error: string | null): string {
  return (errorBrief(error, 200) ?? '').replace(/[.\s]+$/, '')
}
