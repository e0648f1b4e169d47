import { expect, test } from 'vitest'
import { linesOf } from './create.svelte.ts'

test('a pasted list is its lines, without what makes it a list', () => {
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

test('what only looks like a mark stays', () => {
  expect(linesOf('-flag is renamed\n3rd attempt')).toEqual(['-flag is renamed', '3rd attempt'])
})
