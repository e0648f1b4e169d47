import { PLACE_WITHIN, placeHref } from '../shared/file-places.ts'
import type { Piece } from './ansi.ts'

/** The most links in one line: each adds elements to the page. */
const MOST_LINKS = 100
/** How much of a line is searched for links, in characters: a worker may write lines of any length. */
const SEARCHED = 4000

const ADDRESS = String.raw`https?:\/\/[^\s<>"'${'`'}|\\^{}]+`
/** Punctuation that ends a sentence rather than an address. */
const ENDS = '.,;:!?)]*'
const TASK = String.raw`(?<![\w/])t_[0-9a-f]{8}(?!\w)`
/** An absolute place, as compilers and stack traces print it: `/src/parse.ts:12:5`, `file:///src/parse.mjs:3`. */
const ABSOLUTE = String.raw`(?<![\w/:.@+-])(?:file:\/\/)?(?:\/[\w@.+-]{1,255}){1,64}\.[A-Za-z][A-Za-z0-9]{0,9}:[1-9]\d{0,6}(?::\d{1,7})?(?![\w:])`
const LINK = new RegExp(`${ADDRESS}|${TASK}|${ABSOLUTE}|${PLACE_WITHIN.source}`, 'g')

/** How the places in files that a log names are found and opened. */
export interface LogFiles {
  /** The folder of the work. */
  root: string
  open: (place: { file: string; line: number }) => unknown
}

interface Link {
  from: number
  to: number
  href: string
}

/**
 * Turns addresses, ids of tasks, and places in files into links. A worker's text stays text: only the address of a
 * link is made from it.
 *
 * @param parts a line, in pieces of one style each
 * @param root the folder that absolute places must be in; null makes no links to places
 * @returns the same text and styles, cut where a link begins or ends
 */
export function linked(parts: readonly Piece[], root: string | null): readonly Piece[] {
  const text = parts.map((part) => part.text).join('')
  if (!text.includes(':') && !text.includes('t_')) return parts
  const links = linksIn(text, root)
  return links.length === 0 ? parts : cutAt(parts, links)
}

function linksIn(text: string, root: string | null): Link[] {
  const links: Link[] = []
  for (const { 0: found, index: from } of text.slice(0, SEARCHED).matchAll(LINK)) {
    if (links.length === MOST_LINKS) break
    // The rest of it may be cut off.
    if (from + found.length === SEARCHED && text.length > SEARCHED) break
    const shown = found.startsWith('http') ? withoutEnd(found) : found
    const href = hrefOf(shown, root)
    if (href !== null) links.push({ from, to: from + shown.length, href })
  }
  return links
}

function hrefOf(found: string, root: string | null): string | null {
  if (/^https?:/.test(found)) return found
  if (/^t_[0-9a-f]{8}$/.test(found)) return `#/task/${found}`
  if (root === null) return null
  const place = found.replace(/^file:\/\//, '')
  return place.startsWith('/') && !place.startsWith(`${root}/`) ? null : placeHref(place)
}

/** @returns the address without the punctuation of the sentence around it */
function withoutEnd(address: string): string {
  // Not a regular expression: one that ends in `$` takes quadratic time for a long run of such characters.
  let length = address.length
  while (length > 0 && ENDS.includes(address.charAt(length - 1))) length--
  const [short, end] = [address.slice(0, length), address.slice(length)]
  return end.startsWith(')') && short.includes('(') ? `${short})` : short
}

function cutAt(parts: readonly Piece[], links: readonly Link[]): Piece[] {
  const result: Piece[] = []
  let start = 0
  for (const part of parts) {
    const end = start + part.text.length
    const edges = links.flatMap(({ from, to }) => [from, to]).filter((edge) => edge > start && edge < end)
    const cuts = [start, ...edges, end]
    for (let index = 0; index + 1 < cuts.length; index++) {
      const [from, to] = [cuts[index] ?? start, cuts[index + 1] ?? end]
      if (from === to && end > start) continue
      const link = links.find((one) => from >= one.from && to <= one.to)
      // Keeps a link that the worker made itself.
      const href = part.href ?? (from === to ? null : (link?.href ?? null))
      result.push({ ...part, text: part.text.slice(from - start, to - start), href })
    }
    start = end
  }
  return result
}
