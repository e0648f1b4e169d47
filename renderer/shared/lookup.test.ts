import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { Lookup } from './lookup.svelte.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

it('asks for the text unchanged', async () => {
  const asked: string[] = []
  const lookup = new Lookup((text) => Promise.resolve(asked.push(text)), 0)
  lookup.look('\n\nname: x\n')
  await vi.runAllTimersAsync()
  expect(asked).toEqual(['\n\nname: x\n'])
})

it('knows which text its value answers', async () => {
  const lookup = new Lookup((text) => Promise.resolve(text.length), 0)
  expect(lookup.answered).toBeNull()
  lookup.look('oil')
  await vi.runAllTimersAsync()
  lookup.look('oil the')
  expect([lookup.answered, lookup.value]).toEqual(['oil', 3])
  await vi.runAllTimersAsync()
  expect([lookup.answered, lookup.value]).toEqual(['oil the', 7])
})
