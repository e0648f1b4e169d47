import { expect, it } from 'vitest'
import { fakeCards } from '../shared/fake-data.ts'
import { dueOf } from './due.ts'

const NOW = Date.UTC(2026, 10, 22)
const HOUR = 3_600_000
const [card] = fakeCards(1, NOW) as [ReturnType<typeof fakeCards>[number]]

it.each([
  ['ready', NOW + 2 * HOUR, { words: 'due in 2 h', late: false }],
  ['blocked', NOW - 2 * HOUR, { words: 'was due 2 h ago', late: true }],
  ['done', NOW - 2 * HOUR, null],
  ['ready', null, null],
] as const)('a %s card due at %s', (status, due_at, expected) => {
  expect(dueOf({ ...card, status, due_at }, NOW)).toEqual(expected)
})
