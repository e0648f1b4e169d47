import { diffWordsWithSpace } from 'diff'
import type { ChangedFile } from '../../../contract/index.ts'

type Line = ChangedFile['hunks'][number]['lines'][number]

/** A range of characters in a line: `from` is included, `to` is not. */
export type Range = readonly [from: number, to: number]

/** Longer lines, in characters, are not compared word by word. */
const LONGEST_LINE = 500
/** The least equal part of two lines for word marks; below it, the lines have too little in common. */
const LEAST_EQUAL = 0.3

/**
 * Pairs removed lines with the added lines that replace them.
 *
 * @returns the indexes of each pair; null in place of a missing counterpart; a context line is paired with itself
 */
export function pairLines(lines: readonly Line[]): [old: number | null, now: number | null][] {
  const pairs: [number | null, number | null][] = []
  for (let at = 0; at < lines.length;) {
    if (lines[at]?.kind === 'context') {
      pairs.push([at, at])
      at++
      continue
    }
    const removed = runOf(lines, at, 'removed')
    const added = runOf(lines, at + removed, 'added')
    for (let n = 0; n < Math.max(removed, added); n++) {
      pairs.push([n < removed ? at + n : null, n < added ? at + removed + n : null])
    }
    at += removed + added
  }
  return pairs
}

function runOf(lines: readonly Line[], from: number, kind: Line['kind']): number {
  let at = from
  while (lines[at]?.kind === kind) at++
  return at - from
}

/** @returns the changed ranges of a line by its index; lines that changed as a whole are left out */
export function wordChanges(lines: readonly Line[]): Map<number, Range[]> {
  const changes = new Map<number, Range[]>()
  for (const [old, now] of pairLines(lines)) {
    if (old === null || now === null || old === now) continue
    const found = compare(lines[old]?.text ?? '', lines[now]?.text ?? '')
    if (found === null) continue
    changes.set(old, found.removed)
    changes.set(now, found.added)
  }
  return changes
}

function compare(before: string, after: string): { removed: Range[]; added: Range[] } | null {
  if (Math.max(before.length, after.length) > LONGEST_LINE) return null
  const parts = diffWordsWithSpace(before, after)
  const equal = parts.reduce(
    (sum, { added, removed, value }) => sum + (added || removed ? 0 : value.trim().length),
    0,
  )
  if (equal < LEAST_EQUAL * Math.max(before.trim().length, after.trim().length)) return null
  const [removed, added]: [Range[], Range[]] = [[], []]
  let [old, now] = [0, 0]
  for (const part of parts) {
    const { length } = part.value
    if (part.removed) removed.push([old, old + length])
    if (part.added) added.push([now, now + length])
    if (!part.added) old += length
    if (!part.removed) now += length
  }
  return { removed, added }
}
