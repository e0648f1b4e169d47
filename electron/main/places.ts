/** A place in a window: a board, a task on it, one attempt of the task. */
export interface Place {
  board: string
  task?: string | undefined
  attempt?: number | undefined
  /** A view of the board other than its columns. */
  view?: 'inbox' | undefined
}

export const DEEP_LINK_SCHEME = 'runboard'

const PLACE_PATTERN =
  /^board\/([a-z0-9][a-z0-9_-]{0,63})(?:\/task\/([\w-]{1,200})(?:\/run\/([1-9]\d{0,8}))?)?\/?$/

/** @param path `board/<slug>[/task/<id>[/run/<attempt>]]` */
function parsePath(path: string): Place | null {
  const match = PLACE_PATTERN.exec(path)
  if (match?.[1] === undefined) return null
  const [, board, task, attempt] = match
  return { board, task, attempt: attempt === undefined ? undefined : Number(attempt) }
}

/**
 * @param link `runboard://board/<slug>/task/<id>/run/<attempt>`, from an untrusted source
 * @returns its place, or null for anything else
 */
export function parseDeepLink(link: string): Place | null {
  const start = `${DEEP_LINK_SCHEME}://`
  return link.startsWith(start) ? parsePath(link.slice(start.length)) : null
}

/** @returns the first deep link in a command line, where Windows and Linux put it */
export function deepLinkIn(words: readonly string[]): Place | null {
  for (const word of words) {
    const place = parseDeepLink(word)
    if (place !== null) return place
  }
  return null
}

/** @returns the fragment that makes the page show the place */
export function hashOf(place: Place): string {
  const parts = ['board', place.board]
  if (place.view !== undefined) parts.push(place.view)
  if (place.task !== undefined) parts.push('task', place.task)
  if (place.task !== undefined && place.attempt !== undefined) parts.push('run', String(place.attempt))
  return `#/${parts.map(encodeURIComponent).join('/')}`
}

/** @returns the board in a page's address, or null if it has none */
export function boardIn(url: string): string | null {
  const match = /#\/board\/([a-z0-9][a-z0-9_-]{0,63})(?:[/?]|$)/.exec(url)
  return match?.[1] ?? null
}
