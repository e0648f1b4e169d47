/** A file that is being named in a text: `@` and what follows it, up to the caret. */
export interface Mention {
  /** Of the `@`. */
  start: number
  end: number
  query: string
}

/** @returns the mention that ends at the caret; null within an address such as `ada@example.org`, or after a space */
export function mentionAt(text: string, caret: number): Mention | null {
  const found = /(?:^|[\s(["'`])@([^\s@]{0,300})$/.exec(text.slice(0, caret))
  const query = found?.[1]
  if (query === undefined) return null
  return { start: caret - query.length - 1, end: caret, query }
}

/**
 * Replaces a mention by a file, as `@path`: agents that know this notation read the file, and for all others it is its
 * path. A path with spaces is quoted.
 *
 * @returns the text, and where the caret goes
 */
export function insertFile(
  text: string,
  { start, end }: Mention,
  file: string,
): { text: string; caret: number } {
  const name = /\s/.test(file) ? `@"${file}"` : `@${file}`
  const rest = text.slice(end)
  const gap = /^\s/.test(rest) ? '' : ' '
  return { text: text.slice(0, start) + name + gap + rest, caret: start + name.length + 1 }
}
