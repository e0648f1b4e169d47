import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { ViewedFiles } from './viewed-files.svelte.ts'

let stored: Map<string, string>

beforeEach(() => {
  stored = new Map()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => stored.set(key, value),
    removeItem: (key: string) => stored.delete(key),
  })
})
afterEach(() => {
  vi.unstubAllGlobals()
})

it('a file stays viewed until its change differs', () => {
  new ViewedFiles('board/t_1').set({ path: 'a.ts', digest: 'one' }, true)
  const later = new ViewedFiles('board/t_1')
  expect(later.has({ path: 'a.ts', digest: 'one' })).toBe(true)
  expect(later.has({ path: 'a.ts', digest: 'two' })).toBe(false)
  expect(new ViewedFiles('board/t_2').has({ path: 'a.ts', digest: 'one' })).toBe(false)
  later.set({ path: 'a.ts', digest: 'one' }, false)
  expect(stored.size).toBe(0)
})

it('a file without a digest, or with the name of a property of objects, is not viewed', () => {
  const viewed = new ViewedFiles('board/t_1')
  viewed.set({ path: 'big.bin', digest: null }, true)
  expect(viewed.has({ path: 'big.bin', digest: null })).toBe(false)
  expect(viewed.has({ path: 'constructor', digest: 'x' })).toBe(false)
})

it.each(['{', 'null', '[1]', '{"a.ts": 1}'])('is empty if the storage has %s', (kept) => {
  stored.set('runboard:viewed:board/t_1', kept)
  expect(new ViewedFiles('board/t_1').has({ path: 'a.ts', digest: '1' })).toBe(false)
})
