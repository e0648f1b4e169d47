import { beforeEach, expect, it, vi } from 'vitest'
import { Drafts } from './drafts.ts'

const KEY = 'runboard:draft:task/work/t_1'
const store = new Map<string, string>()
let isFull = false

beforeEach(() => {
  store.clear()
  isFull = false
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => store.get(key) ?? null,
    setItem: (key: string, text: string) => {
      if (isFull) throw new Error('QuotaExceededError')
      store.set(key, text)
    },
    removeItem: (key: string) => store.delete(key),
  })
})

it('keeps the typed text of a field and the text when editing began, until it is saved', () => {
  new Drafts('work/t_1').keepField('title', { text: 'New', opened: 'Old' })
  expect(new Drafts('work/t_1').field('title')).toEqual({ text: 'New', opened: 'Old' })
  expect(new Drafts('other/t_1').field('title')).toBeNull()
  new Drafts('work/t_1').keepField('title', null)
  expect(new Drafts('work/t_1').field('title')).toBeNull()
  expect(store.size).toBe(0)
})

it('keeps nothing for an unchanged field', () => {
  new Drafts('work/t_1').keepField('priority', { text: '7', opened: '7' })
  expect(new Drafts('work/t_1').field('priority')).toBeNull()
})

it('reads a description that an earlier version stored', () => {
  const kept = { comment: 'C', answer: '', body: 'New', opened: 'Old' }
  store.set(KEY, JSON.stringify(kept))
  const drafts = new Drafts('work/t_1')
  expect(drafts.field('body')).toEqual({ text: 'New', opened: 'Old' })
  expect(drafts.comment).toBe('C')
})

it('reads what another view of the task has written since, and overwrites none of it', () => {
  const inbox = new Drafts('work/t_1')
  const drawer = new Drafts('work/t_1')
  drawer.keepAnswerTo(3, 'typed in the drawer')
  drawer.comment = 'a comment'
  expect(inbox.answerTo(3)).toBe('typed in the drawer')
  inbox.keepAnswerTo(4, 'typed in the inbox')
  inbox.comment = ''
  drawer.keepNote(null, 'a note')
  const now = new Drafts('work/t_1')
  expect(now.answerTo(3)).toBe('typed in the drawer')
  expect(now.answerTo(4)).toBe('typed in the inbox')
  expect(now.comment).toBe('')
})

it('keeps all texts in the window while the storage is full, and stores them once it is not', () => {
  vi.spyOn(console, 'warn').mockReturnValue()
  const drafts = new Drafts('work/t_1')
  drafts.comment = 'a comment'
  isFull = true
  drafts.answer = 'an answer'
  expect([drafts.comment, drafts.answer]).toEqual(['a comment', 'an answer'])
  isFull = false
  drafts.keepNote(null, 'a note')
  expect(new Drafts('work/t_1').comment).toBe('a comment')
  expect(new Drafts('work/t_1').answer).toBe('an answer')
})
