import type { ChangedFile } from '../../../contract/index.ts'

type Hunks = ChangedFile['hunks']
type Hunk = Hunks[number]

/** Lines that a diff leaves out, as numbers of the file before the change. */
export interface Gap {
  /** The index of the hunk that follows; the number of hunks for the end of the file. */
  at: number
  from: number
  /** null: to the end of the file, which is not known yet. */
  to: number | null
}

/** How many unchanged lines git shows around a change. */
const CONTEXT = 3

function contextAtEnd(hunk: Hunk | undefined): number {
  const last = (hunk?.lines ?? []).map(({ kind }) => kind !== 'context').lastIndexOf(true)
  return (hunk?.lines.length ?? 0) - 1 - last
}

/**
 * @param total how many lines the file had before the change; null when that is not known
 * @returns what is left out before each hunk and at the end
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
  // What follows a hunk that is cut is a change too, and git shows less context only where the file ends.
  if (!cut && contextAtEnd(hunks.at(-1)) >= CONTEXT && (total === null || from <= total))
    gaps.push({ at: hunks.length, from, to: total })
  return gaps
}

/**
 * Adds lines to a diff. Hunks that touch afterwards become one.
 *
 * @param from the number of the first line before the change
 * @param at the gap that they are in: the index of the hunk after it
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

/** The number of the first line of the file before that a hunk shows, or stands before. */
function firstOld({ old_start, lines }: Hunk): number {
  return lines.some(({ kind }) => kind !== 'added') ? old_start : old_start + 1
}

function nextOld(hunk: Hunk): number {
  return firstOld(hunk) + hunk.lines.filter(({ kind }) => kind !== 'added').length
}

/** How much larger the number of a line after a hunk is in the file after the change. */
function shiftAfter(hunk: Hunk): number {
  const now = hunk.lines.filter(({ kind }) => kind !== 'removed').length
  const first = now > 0 ? hunk.new_start : hunk.new_start + 1
  return first + now - nextOld(hunk)
}
