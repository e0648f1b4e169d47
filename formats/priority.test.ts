import { expect, it } from 'vitest'
import { PRIORITIES, priorityName, readPriority } from './priority.ts'

it('reads back the name of each priority', () => {
  for (const { value } of PRIORITIES) expect(readPriority(priorityName(value))).toBe(value)
  expect(readPriority(' urgent ')).toBe(20)
})

it.each([7, -3, 0, 1_000_000])('reads the number %s', (priority) => {
  expect(readPriority(priorityName(priority))).toBe(priority)
})

it.each(['', 'highest', '1.5', '1e3', '9007199254740993'])('refuses “%s”', (text) => {
  expect(readPriority(text)).toBeNull()
})
