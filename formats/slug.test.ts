import { expect, it } from 'vitest'
import { slugOf } from './slug.ts'

it.each([
  ['My Project', 'my-project'],
  ['Café Bénin', 'cafe-benin'],
  ['Be\u0301nin', 'benin'],
  ['ＡＢＣ １２', 'abc-12'],
  ['  --a__b--  ', 'a-b'],
  ['İstanbul', 'istanbul'],
  ['日本', ''],
  ['', ''],
])('makes a slug of “%s”', (name, slug) => {
  expect(slugOf(name)).toBe(slug)
})

it('cuts a long name, never after a hyphen', () => {
  const slug = slugOf(`${'a'.repeat(63)} b`)
  expect(slug).toBe('a'.repeat(63))
  expect(slugOf(slug)).toBe(slug)
})
