import type { Piece } from './ansi.ts'

/** The most matches that are marked in one line: each costs elements of the page. */
const MOST_HITS = 200

/**
 * Marks the matches of a search in a line of a log.
 *
 * @param parts the line, in pieces of one style each
 * @param query as typed; case is ignored
 * @returns the same text and styles, cut where a match begins or ends. Pieces in a match have `hit`; a match that
 *   spans two styles is two pieces
 */
export function highlighted(parts: readonly Piece[], query: string): (Piece & { hit?: boolean })[] {
  if (query === '') return [...parts]
  const text = parts.map((part) => part.text).join('')
  const hits = hitsIn(foldCase(text), foldCase(query))
  if (hits.length === 0) return [...parts]
  const result: (Piece & { hit?: boolean })[] = []
  let start = 0
  for (const part of parts) {
    const end = start + part.text.length
    const cuts = [start, ...hits.flat().filter((edge) => edge > start && edge < end), end]
    for (let index = 0; index + 1 < cuts.length; index++) {
      const [from, to] = [cuts[index] ?? start, cuts[index + 1] ?? end]
      // Matches that touch have an edge in common.
      if (from === to) continue
      const hit = hits.some(([first, last]) => from >= first && to <= last)
      result.push({ ...part, text: text.slice(from, to), ...(hit ? { hit } : {}) })
    }
    start = end
  }
  return result
}

/** Lower case of the same length: “İ”, for one, has a longer lower case, after which matches would be marked too late. */
function foldCase(text: string): string {
  const lower = text.toLowerCase()
  if (lower.length === text.length) return lower
  return text.replace(/[^]/g, (unit) => (unit.toLowerCase().length === 1 ? unit.toLowerCase() : unit))
}

/** @returns where each match begins and ends; matches do not overlap */
function hitsIn(text: string, query: string): [from: number, to: number][] {
  const hits: [number, number][] = []
  for (
    let at = text.indexOf(query);
    at >= 0 && hits.length < MOST_HITS;
    at = text.indexOf(query, at + query.length)
  ) {
    hits.push([at, at + query.length])
  }
  return hits
}
