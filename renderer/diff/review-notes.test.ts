import { describe, expect, it } from 'vitest'
import { composeNote, keepNotes, notesOf } from './review-notes.ts'

const note = { path: 'src/a.ts', line: 12, isRemoved: false, quote: '  const x = 1', text: ' Name it. ' }

describe('remarks on lines', () => {
  it('become one note, by file and line, each with its line', () => {
    const earlier = { ...note, line: 3, isRemoved: true, quote: '   ', text: 'Keep this' }
    expect(composeNote([note, earlier])).toBe(
      '`src/a.ts`, removed line 3:\n> (an empty line)\n\nKeep this\n\n`src/a.ts`, line 12:\n> const x = 1\n\nName it.',
    )
    expect(composeNote([])).toBe('')
  })

  it('are kept while something else is looked at', () => {
    keepNotes('board/t_1', [note])
    expect(notesOf('board/t_1')).toEqual([note])
    expect(notesOf('board/t_2')).toEqual([])
    keepNotes('board/t_1', [])
    expect(notesOf('board/t_1')).toEqual([])
  })
})
