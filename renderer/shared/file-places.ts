/**
 * A place in a file, always with a line: `src/parse.ts:12`, `src/parse.ts:12:5`. A path with spaces does not match. The
 * bounds are those of file systems: a worker writes the text, and a search of it must take linear time.
 */
const PLACE = String.raw`(?:[\w@.+-]{1,255}\/){0,64}[\w@+-][\w@.+-]{0,254}\.[A-Za-z][A-Za-z0-9]{0,9}:[1-9]\d{0,6}(?::\d{1,7})?(?![\w:])`

/**
 * Finds the next place in a text, but not within a longer word or an address. The characters before it include all that
 * a path may have, so that a path is tried from its start only.
 */
export const PLACE_WITHIN = new RegExp(String.raw`(?<![\w/:.@+-])${PLACE}`)
/** Matches a place at the start of a text. */
export const PLACE_AT_START = new RegExp(`^${PLACE}`)

const HREF = '#/file/'

/** @returns an address that the open task handles (TaskPane.svelte) */
export function placeHref(place: string): string {
  return HREF + encodeURIComponent(place)
}

export function isPlaceHref(href: string | null): boolean {
  return href?.startsWith(HREF) === true
}

/** @returns null for an address that names no place */
export function placeOf(href: string): { file: string; line: number } | null {
  if (!isPlaceHref(href)) return null
  try {
    const [, file, line] = /^(.+?):(\d+)(?::\d+)?$/.exec(decodeURIComponent(href.slice(HREF.length))) ?? []
    return file === undefined || line === undefined ? null : { file, line: Number(line) }
  } catch {
    return null // a stray % in an address that a worker wrote
  }
}
