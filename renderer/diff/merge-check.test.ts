import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { OperationError } from '../../contract/errors.ts'
import { MergeCheck } from './merge-check.svelte.ts'

beforeEach(() => vi.useFakeTimers())
afterEach(() => vi.useRealTimers())

it('keeps what it knew of the check when a poll gets no answer', async () => {
  let answer: 'runs' | 'none' | 'busy' | 'gone' = 'runs'
  const read = async () => {
    if (answer === 'busy') throw new OperationError('BUSY', 'The board is busy.')
    if (answer === 'gone') throw new TypeError('fetch failed')
    return { check: answer === 'runs' ? { started_at: 5 } : null }
  }
  const check = new MergeCheck('make test', read as never)
  const { promise, resolve } = Promise.withResolvers<string>()
  const merged = check.during(() => promise)
  const states: boolean[] = []
  for (const next of ['runs', 'busy', 'gone', 'runs', 'none'] as const) {
    answer = next
    await vi.advanceTimersByTimeAsync(300)
    states.push(check.isRunning)
  }
  expect(states).toEqual([true, true, true, true, false])
  expect(check.startedAt).toBe(5)
  resolve('merged')
  expect(await merged).toBe('merged')
})
