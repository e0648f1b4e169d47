/** What a schema found wrong, and where. */
interface Issue {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** Inputs that only hold what is to be changed: their own name says nothing to whoever set a key of them. */
const WRAPPERS: readonly PropertyKey[] = ['fields', 'settings']

/** @returns what is wrong, with the field that it is about, where the message does not name it by itself */
export function issueSentence({ path, message }: Issue): string {
  const inner = path.length > 1 && WRAPPERS.includes(path[0] ?? '') ? path.slice(1) : path
  // Which one of a list it is, its message says.
  const field = inner.filter((key) => Number.isNaN(Number(key))).join('.')
  if (field === '' || message.includes(field)) return message
  return /^(must|is) /.test(message) ? `${field} ${message}` : `${field}: ${message}`
}
