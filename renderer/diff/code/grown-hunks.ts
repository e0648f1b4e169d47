import type { ChangedFile } from '../../../contract/index.ts'

type Hunks = ChangedFile['hunks']
type Hunk = Hunks[number]

/** A range of lines that a diff leaves out. The line numbers are those of the file before the change. */
export interface Gap {
  /** The index of the hunk that follows; the number of hunks for the end of the file. */
  at: number
  from: number
  /** The last line; null for the end of the file while its length is unknown. */
  to: number | null
}

/** How many unchanged lines git shows around a change. */
const CONTEXT = 3

function contextAtEnd(hunk: Hunk | undefined): number {
  const last = (hunk?.lines ?? []).map(({ kind }) => kind !== 'context').lastIndexOf(true)
  return (hunk?.lines.length ?? 0) - 1 - last
}

/**
 * @param total the number of lines of the file before the change; null if unknown
 * @returns the gaps before each hunk and at the end
 */
export function gapsOf(
  file: Pick<ChangedFile, 'change' | 'binary' | 'cut' | 'hunks'>,
  total: number | null,
): Gap[] {
  const { change, binary, cut, hunks } = file
  if (change === 'added' || change === 'deleted' || binary || hunks.length === 0) return []
  const gaps: Gap[] = []
  let from = 1
  for (const [at, hunk] of hunks.entries()) {
    const to = firstOld(hunk) - 1
    if (to >= from) gaps.push({ at, from, to })
    from = nextOld(hunk)
  }
  // No gap at the end of a cut diff, because more changes follow it. Less context than CONTEXT means that the file ends.
  if (!cut && contextAtEnd(hunks.at(-1)) >= CONTEXT && (total === null || from <= total))
    gaps.push({ at: hunks.length, from, to: total })
  return gaps
}

/**
 * Adds unchanged lines to a diff. Hunks that then touch become one.
 *
 * @param from the number of the first line before the change
 * @param at the gap of the lines: the index of the hunk after it
 */
export function growHunks(hunks: Hunks, at: number, from: number, texts: readonly string[]): Hunks {
  if (texts.length === 0) return hunks
  const [before, after] = [hunks[at - 1], hunks[at]]
  const shift = before === undefined ? 0 : shiftAfter(before)
  const lines = texts.map((text, n): Hunk['lines'][number] => ({
    kind: 'context',
    text,
    old_line: from + n,
    new_line: from + n + shift,
  }))
  const joinsBefore = before !== undefined && nextOld(before) === from
  const joinsAfter = after !== undefined && firstOld(after) === from + texts.length
  const grown: Hunk = {
    old_start: joinsBefore ? before.old_start : from,
    new_start: joinsBefore ? before.new_start : from + shift,
    heading: joinsBefore ? before.heading : joinsAfter ? after.heading : '',
    lines: [...(joinsBefore ? before.lines : []), ...lines, ...(joinsAfter ? after.lines : [])],
  }
  return [...hunks.slice(0, joinsBefore ? at - 1 : at), grown, ...hunks.slice(joinsAfter ? at + 1 : at)]
}

/**
 * @returns the first line that a hunk shows of the file before the change; for a hunk that only adds, the line after the
 *   added ones
 */
function firstOld({ old_start, lines }: Hunk): number {
  return lines.some(({ kind }) => kind !== 'added') ? old_start : old_start + 1
}

function nextOld(hunk: Hunk): number {
  return firstOld(hunk) + hunk.lines.filter(({ kind }) => kind !== 'added').length
}

/** @returns for lines after a hunk: their number in the file after the change, minus that in the file before it */
function shiftAfter(hunk: Hunk): number {
  const now = hunk.lines.filter(({ kind }) => kind !== 'removed').length
  const first = now > 0 ? hunk.new_start : hunk.new_start + 1
  return first + now - nextOld(hunk)
}
