/**
 * @returns the text as one word of a POSIX shell, in quotation marks where it needs them: for commands that a person
 *   copies, which may hold what a worker wrote
 */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}
