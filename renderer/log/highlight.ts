import type { Piece } from './ansi.ts'

/**
 * @param query as typed; case is ignored
 * @returns the same text, with each match in pieces of its own, also across a change of colour
 */
export function highlighted(parts: readonly Piece[], query: string): (Piece & { hit?: boolean })[] {
  if (query === '') return [...parts]
  const text = parts.map((part) => part.text).join('')
  const hits = hitsIn(text.toLowerCase(), query.toLowerCase())
  if (hits.length === 0) return [...parts]
  const result: (Piece & { hit?: boolean })[] = []
  let start = 0
  for (const part of parts) {
    const end = start + part.text.length
    const edges = hits.flat().filter((edge) => edge > start && edge < end)
    const stops = [start, ...edges, end]
    for (let index = 0; index + 1 < stops.length; index++) {
      const [from, to] = [stops[index] ?? start, stops[index + 1] ?? end]
      if (from === to) continue
      const hit = hits.some(([first, last]) => from >= first && to <= last)
      result.push({ ...part, text: text.slice(from, to), ...(hit ? { hit } : {}) })
    }
    start = end
  }
  return result
}

function hitsIn(text: string, query: string): [from: number, to: number][] {
  const hits: [number, number][] = []
  for (
    let at = text.indexOf(query);
    at >= 0 && hits.length < 200;
    at = text.indexOf(query, at + query.length)
  ) {
    hits.push([at, at + query.length])
  }
  return hits
}
