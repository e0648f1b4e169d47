import { beforeEach, expect, it, vi } from 'vitest'
import { Drafts } from './drafts.ts'

const KEY = 'runboard:draft:task/work/t_1'
const store = new Map<string, string>()

beforeEach(() => {
  store.clear()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => store.get(key) ?? null,
    setItem: (key: string, text: string) => store.set(key, text),
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
