import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Rounds } from './rounds.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('a round does not call a member that another one has just removed', () => {
  const rounds = new Rounds(1_000)
  const called: string[] = []
  const second = () => called.push('second')
  const first = () => {
    called.push('first')
    rounds.delete(second)
  }
  rounds.add(first)
  rounds.add(second)

  vi.advanceTimersByTime(2_000)

  expect(called).toEqual(['first', 'first'])
  rounds.delete(first)
  expect(vi.getTimerCount()).toBe(0)
})
