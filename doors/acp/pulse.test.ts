import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { MINUTE } from '../../formats/time.ts'
import { Pulse } from './pulse.ts'
import { FakeBoard } from './testing/direct.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

it('sends one heartbeat a minute while the agent sends something, and none while it is silent', () => {
  const board = new FakeBoard()
  const pulse = new Pulse(board)
  for (const beats of [3, 1]) {
    for (let n = 0; n < beats; n++) pulse.beat()
    vi.advanceTimersByTime(MINUTE)
  }
  expect(board.beats).toBe(2)

  vi.advanceTimersByTime(60 * MINUTE)
  expect(board.beats, 'an hour of silence').toBe(2)

  pulse.beat()
  pulse.stop()
  vi.advanceTimersByTime(MINUTE)
  expect(board.beats, 'after the end').toBe(2)
})
