/** A problem that a schema found, and its place. */
interface Issue {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** Inputs that only hold the fields to change: their own name means nothing to the caller. */
const WRAPPERS: readonly PropertyKey[] = ['fields', 'settings']

/** @returns the problem, with the name of its field if the message lacks it */
export function issueSentence({ path, message }: Issue): string {
  const inner = path.length > 1 && WRAPPERS.includes(path[0] ?? '') ? path.slice(1) : path
  // The message says which element of a list is meant.
  const field = inner.filter((key) => Number.isNaN(Number(key))).join('.')
  if (field === '' || message.includes(field)) return message
  return /^(must|is) /.test(message) ? `${field} ${message}` : `${field}: ${message}`
}
