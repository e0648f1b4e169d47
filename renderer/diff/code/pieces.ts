import type { Token } from './syntax.ts'
import type { Range } from './word-changes.ts'

/** A part of a line with one colour, which is either changed or not. */
export interface Piece extends Token {
  isChanged: boolean
}

/** @returns a line, split where its colour changes and where a changed word begins or ends */
export function piecesOf(tokens: readonly Token[], changes: readonly Range[]): Piece[] {
  if (changes.length === 0) return tokens.map((token) => ({ ...token, isChanged: false }))
  const pieces: Piece[] = []
  let start = 0
  for (const { text, kind } of tokens) {
    const end = start + text.length
    const cuts = changes.flat().filter((at) => at > start && at < end)
    const edges = [start, ...new Set(cuts), end].sort((a, b) => a - b)
    for (const [n, from] of edges.slice(0, -1).entries()) {
      const to = edges[n + 1] ?? end
      if (to === from) continue
      const isChanged = changes.some(([first, last]) => first <= from && to <= last)
      pieces.push({ text: text.slice(from - start, to - start), kind, isChanged })
    }
    start = end
  }
  return pieces
}
