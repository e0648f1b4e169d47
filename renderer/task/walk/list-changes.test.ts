import { expect, it } from 'vitest'
import { changeLines } from './list-changes.ts'

const none = { from: null, to: null, before: null, after: null }

it('shows only the fields of a changed item that differ', () => {
  const before = { key: 'a', goal: 'old', after: ['b'] }
  const change = { ...none, change: 'changed' as const, before, after: { key: 'a', goal: 'new' } }
  expect(changeLines(change)).toEqual([
    { sign: '', text: 'a' },
    { sign: '-', text: 'goal: old' },
    { sign: '+', text: 'goal: new' },
    { sign: '-', text: 'after: ["b"]' },
  ])
})

it('shows added, removed and moved items', () => {
  expect(changeLines({ ...none, change: 'added', after: 'x' })).toEqual([{ sign: '+', text: 'x' }])
  expect(changeLines({ ...none, change: 'removed', before: { key: 'a', n: 1 } })).toEqual([
    { sign: '-', text: 'key: a · n: 1' },
  ])
  expect(changeLines({ change: 'moved', from: 3, to: 1, before: 'x', after: 'x' })).toEqual([
    { sign: '', text: 'x: from 3 to 1' },
  ])
})
