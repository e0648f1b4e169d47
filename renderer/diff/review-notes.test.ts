import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { composeNote, keepNotes, notesOf } from './review-notes.ts'

const note = { path: 'src/a.ts', line: 12, isRemoved: false, quote: '  const x = 1', text: ' Name it. ' }

let stored: Map<string, string>

beforeEach(() => {
  stored = new Map()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
    removeItem: (key: string) => stored.delete(key),
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
})

describe('remarks on lines', () => {
  it('become one note, by file and line, each with its line', () => {
    const earlier = { ...note, line: 3, isRemoved: true, quote: '   ', text: 'Keep this' }
    expect(composeNote([note, earlier])).toBe(
      '`src/a.ts`, removed line 3:\n> (an empty line)\n\nKeep this\n\n`src/a.ts`, line 12:\n> const x = 1\n\nName it.',
    )
    expect(composeNote([])).toBe('')
  })

  it('survive leaving the view', () => {
    keepNotes('board/t_1', [note])
    expect(notesOf('board/t_1')).toEqual([note])
    expect(notesOf('board/t_2')).toEqual([])
    keepNotes('board/t_1', [])
    expect(notesOf('board/t_1')).toEqual([])
    expect(stored).toEqual(new Map())
  })

  it.each(['{', '{}', 'null', '[null, 1, {"path":"a"}]'])(
    'are empty when %s is stored in their place',
    (kept) => {
      keepNotes('board/t_1', [note])
      const [key = ''] = stored.keys()
      stored.set(key, kept)
      expect(notesOf('board/t_1')).toEqual([])
    },
  )
})
