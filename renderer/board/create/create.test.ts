import { expect, it } from 'vitest'
import { linesOf } from './create.svelte.ts'

it('splits a pasted list into lines without list marks', () => {
  const text = [
    '- Write the docs',
    '* [ ] Ship it',
    '- [x] Told already',
    '3. Tell everyone',
    '',
    '  Plain words',
  ].join('\n')
  expect(linesOf(text)).toEqual(['Write the docs', 'Ship it', 'Told already', 'Tell everyone', 'Plain words'])
})

it('keeps text that only looks like a list mark', () => {
  expect(linesOf('-flag is renamed\n3rd attempt')).toEqual(['-flag is renamed', '3rd attempt'])
})
