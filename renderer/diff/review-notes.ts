/** A remark on a line of a diff, before it is sent. */
export interface LineNote {
  path: string
  /** As the file is now; before, for a line that is gone. */
  line: number
  isRemoved: boolean
  /** The text of the line. */
  quote: string
  text: string
}

/** @returns the name of a line within a diff */
export function lineKey(path: string, line: number, isRemoved: boolean): string {
  return `${path}:${isRemoved ? '-' : '+'}${line}`
}

/** @returns the remarks as one note for the next attempt: by file and line, each with the line that it is about */
export function composeNote(notes: readonly LineNote[]): string {
  const sorted = [...notes].sort((a, b) => a.path.localeCompare(b.path) || a.line - b.line)
  return sorted
    .map(({ path, line, isRemoved, quote, text }) => {
      const place = `\`${path}\`, ${isRemoved ? 'removed line' : 'line'} ${line}:`
      return `${place}\n> ${quote.trim() === '' ? '(an empty line)' : quote.trim().slice(0, 200)}\n\n${text.trim()}`
    })
    .join('\n\n')
}

/** What was written on the lines of each task and not sent: it outlives a look at something else. */
const drafts = new Map<string, readonly LineNote[]>()

/** @param key of board and task */
export function notesOf(key: string): readonly LineNote[] {
  return drafts.get(key) ?? []
}

export function keepNotes(key: string, notes: readonly LineNote[]): void {
  if (notes.length === 0) drafts.delete(key)
  else drafts.set(key, notes)
}
