/** What was typed and not sent. It outlives the drawer, so that a look at another task costs nobody a text. */
export interface Drafts {
  comment: string
  answer: string
  /** null while the text is not being edited. */
  body: string | null
}

const drafts = new Map<string, Drafts>()
const MOST = 50

/** @param key the task's; the same object for the same key while the window lives */
export function openDrafts(key: string): Drafts {
  const known = drafts.get(key)
  if (known !== undefined) return known
  for (const [old, { comment, answer, body }] of drafts) {
    if (drafts.size < MOST) break
    if (comment === '' && answer === '' && body === null) drafts.delete(old)
  }
  const fresh: Drafts = { comment: '', answer: '', body: null }
  drafts.set(key, fresh)
  return fresh
}
