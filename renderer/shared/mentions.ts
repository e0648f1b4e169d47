/** The start of a file name in a text: `@` and the text after it, up to the caret. */
export interface Mention {
  /** The index of the `@`. */
  start: number
  end: number
  query: string
}

/** @returns the mention that ends at the caret; null after a space, or in an address such as `ada@example.org` */
export function mentionAt(text: string, caret: number): Mention | null {
  const found = /(?:^|[\s(["'`])@([^\s@]{0,300})$/.exec(text.slice(0, caret))
  const query = found?.[1]
  if (query === undefined) return null
  return { start: caret - query.length - 1, end: caret, query }
}

/**
 * Replaces a mention by `@path`. Agents that know this notation read the file; others see its path. A path with spaces is
 * quoted.
 *
 * @returns the new text, and the index of the caret in it
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
