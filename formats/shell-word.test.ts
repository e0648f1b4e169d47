import { execFileSync } from 'node:child_process'
import { expect, it } from 'vitest'
import { shellWord } from './shell-word.ts'

it.each(['plain/path-1.ts', 'two words', "it's $(touch x) `id`", '"', '', '-n; rm', 'a\nb', '\\'])(
  'is read by a shell as the text %j',
  (text) => {
    const printed = execFileSync('sh', ['-c', `printf '%s' ${shellWord(text)}`], { encoding: 'utf8' })
    expect(printed).toBe(text)
  },
)

it('is without quotation marks where it needs none', () => {
  expect(shellWord('src/a-b_1.ts')).toBe('src/a-b_1.ts')
})
