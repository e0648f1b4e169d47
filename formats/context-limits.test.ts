import { expect, it } from 'vitest'
import { contextLimits, typedTooLong } from './context-limits.ts'

const KB = 1024
const AGENT = { command: ['agent', '-p', '{prompt}'], shell: null }
const SCRIPT = { command: null, shell: 'npm test' }

it.each([
  ['of any profile, within what a file takes', 'body', undefined, 'x'.repeat(256 * KB), null],
  [
    'of any profile',
    'body',
    undefined,
    'x'.repeat(257 * KB),
    '257 KB long: a worker is given the first 256 KB',
  ],
  ['of an agent', 'body', AGENT, 'x'.repeat(104 * KB), '104 KB long: a worker is given the first 96 KB'],
  ['of a script', 'body', SCRIPT, 'x'.repeat(104 * KB), null],
  ['of an agent, an answer', 'field', AGENT, 'x'.repeat(17 * KB), 'the first 16 KB'],
  ['of an agent, in letters of two bytes', 'comment', AGENT, 'ä'.repeat(9 * KB), '18 KB long'],
  ['of an agent, in letters of two bytes that fit', 'comment', AGENT, 'ä'.repeat(8 * KB), null],
] as const)('A5: a text that is typed %s', (_what, part, profile, text, said) => {
  const warning = typedTooLong({ text, part, profile, platform: '' })
  if (said === null) expect(warning).toBeNull()
  else expect(warning).toContain(said)
})

it('A5: less fits into a command line on Windows', () => {
  const text = 'x'.repeat(contextLimits('argument', 'win32').body + KB)
  expect(typedTooLong({ text, part: 'body', profile: AGENT, platform: 'win32' })).toContain('first 12 KB')
})
