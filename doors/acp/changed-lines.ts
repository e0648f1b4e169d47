import { cutMiddle, LONGEST_OUTPUT } from './cut-text.ts'

/**
 * Finds the lines that differ between two texts: all lines between their common start and their common end.
 *
 * @param longest the maximum characters of each result
 * @returns the differing lines of each text, shortened
 */
export function changedLines(
  before: string,
  after: string,
  longest = LONGEST_OUTPUT,
): { removed: string; added: string } {
  const [old, now] = [linesOf(before), linesOf(after)]
  const shorter = Math.min(old.length, now.length)
  let start = 0
  while (start < shorter && old[start] === now[start]) start++
  let end = 0
  while (end < shorter - start && old[old.length - 1 - end] === now[now.length - 1 - end]) end++
  const part = (lines: readonly string[]) =>
    cutMiddle(lines.slice(start, lines.length - end).join('\n'), longest)
  return { removed: part(old), added: part(now) }
}

function linesOf(text: string): string[] {
  if (text === '') return []
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}
