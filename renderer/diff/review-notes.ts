import { keepDraft, keptDraft } from '../shared/kept-drafts.ts'

/** A remark on a line of a diff, before it is sent. */
export interface LineNote {
  path: string
  /** In the current file; for a removed line, in the file before. */
  line: number
  isRemoved: boolean
  /** The text of the line. */
  quote: string
  text: string
}

/** @returns the key of a line within a diff */
export function lineKey(path: string, line: number, isRemoved: boolean): string {
  return `${path}:${isRemoved ? '-' : '+'}${line}`
}

/** @returns the remarks as one note for the next attempt: by file and line, each with the line it concerns */
export function composeNote(notes: readonly LineNote[]): string {
  const sorted = [...notes].sort((a, b) => a.path.localeCompare(b.path) || a.line - b.line)
  return sorted
    .map(({ path, line, isRemoved, quote, text }) => {
      const place = `\`${path}\`, ${isRemoved ? 'removed line' : 'line'} ${line}:`
      return `${place}\n> ${quote.trim() === '' ? '(an empty line)' : quote.trim().slice(0, 200)}\n\n${text.trim()}`
    })
    .join('\n\n')
}

const draftKey = (key: string) => `remarks/${key}`

/**
 * The unsent remarks on a task's lines. They survive leaving the view and a reload.
 *
 * @param key of board and task
 */
export function notesOf(key: string): readonly LineNote[] {
  const kept = keptDraft(draftKey(key))
  return Array.isArray(kept) ? kept.filter(isNote) : []
}

function isNote(value: unknown): value is LineNote {
  if (typeof value !== 'object' || value === null) return false
  const { path, line, isRemoved, quote, text } = value as Partial<Record<keyof LineNote, unknown>>
  const isPlaced = typeof path === 'string' && Number.isInteger(line) && typeof isRemoved === 'boolean'
  return isPlaced && typeof quote === 'string' && typeof text === 'string'
}

export function keepNotes(key: string, notes: readonly LineNote[]): void {
  keepDraft(draftKey(key), notes.length === 0 ? null : notes)
}
