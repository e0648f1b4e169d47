import { diffWordsWithSpace } from 'diff'
import type { ChangedFile } from '../../../contract/index.ts'

type Line = ChangedFile['hunks'][number]['lines'][number]

/** A range of characters in a line: `from` is included, `to` is not. */
export type Range = readonly [from: number, to: number]

/** The indexes of a removed line and of the line that replaces it; null in place of a missing counterpart. */
export type Pair = readonly [old: number | null, now: number | null]

/** Longer lines, in characters, are not compared word by word. */
const LONGEST_LINE = 500
/** The least equal part of two lines for word marks; below it, the lines have too little in common. */
const LEAST_EQUAL = 0.3

/** Pairs removed lines with the added lines that replace them. A context line is paired with itself. */
export function pairLines(lines: readonly Line[]): Pair[] {
  const pairs: Pair[] = []
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

/** The changed words of a hunk's lines. A pair of lines is compared when one of them is first asked for. */
export class WordChanges {
  readonly #lines: readonly Line[]
  /** The pair of each line that replaces another, or is replaced, by its index. */
  readonly #pairs = new Map<number, readonly [old: number, now: number]>()
  readonly #found = new Map<number, readonly Range[]>()

  constructor(lines: readonly Line[]) {
    this.#lines = lines
    for (const [old, now] of pairLines(lines)) {
      if (old === null || now === null || old === now) continue
      this.#pairs.set(old, [old, now])
      this.#pairs.set(now, [old, now])
    }
  }

  /** @returns the changed ranges of a line; none for one that changed as a whole */
  of(at: number): readonly Range[] {
    const pair = this.#pairs.get(at)
    if (pair === undefined) return NONE
    const known = this.#found.get(at)
    if (known !== undefined) return known
    const [old, now] = pair
    const { removed, added } = compare(this.#lines[old]?.text ?? '', this.#lines[now]?.text ?? '') ?? EQUAL
    this.#found.set(old, removed).set(now, added)
    return at === old ? removed : added
  }
}

const NONE: readonly Range[] = []
const EQUAL = { removed: NONE, added: NONE }

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
