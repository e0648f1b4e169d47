import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Coalescer } from './coalescer.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

it('runs once for requests within the wait', async () => {
  const run = vi.fn()
  const coalescer = new Coalescer(run, { wait: 50 })
  coalescer.soon()
  await vi.advanceTimersByTimeAsync(49)
  coalescer.soon()
  expect(run).toHaveBeenCalledTimes(0)
  await vi.advanceTimersByTimeAsync(1)
  expect(run).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(100)
  expect(run).toHaveBeenCalledTimes(1)
})

it('runs once more for requests during a run, never two at the same time', async () => {
  const ends: (() => void)[] = []
  const coalescer = new Coalescer(() => new Promise<void>((resolve) => ends.push(resolve)), {})
  const first = coalescer.now()
  await coalescer.now()
  await coalescer.now()
  expect(ends).toHaveLength(1)
  ends[0]?.()
  await vi.advanceTimersByTimeAsync(0)
  expect(ends).toHaveLength(2)
  ends[1]?.()
  await first
  expect(ends).toHaveLength(2)
})

it('keeps the least time between two runs', async () => {
  const run = vi.fn()
  const coalescer = new Coalescer(run, { every: 1000 })
  coalescer.soon()
  await vi.advanceTimersByTimeAsync(0)
  coalescer.soon()
  await vi.advanceTimersByTimeAsync(999)
  expect(run).toHaveBeenCalledTimes(1)
  await vi.advanceTimersByTimeAsync(1)
  expect(run).toHaveBeenCalledTimes(2)
})

it('runs nothing after a stop', async () => {
  const run = vi.fn()
  const coalescer = new Coalescer(run, { wait: 50 })
  coalescer.soon()
  coalescer.stop()
  coalescer.soon()
  await vi.advanceTimersByTimeAsync(100)
  expect(run).toHaveBeenCalledTimes(0)
})

it('runs again after a run that failed', async () => {
  const run = vi.fn(() => Promise.reject(new Error('refused')))
  const coalescer = new Coalescer(run, {})
  await expect(coalescer.now()).rejects.toThrow('refused')
  await expect(coalescer.now()).rejects.toThrow('refused')
  expect(run).toHaveBeenCalledTimes(2)
})
