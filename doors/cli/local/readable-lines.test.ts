import { expect, it } from 'vitest'
import { createPaint } from '../views/paint.ts'
import { exactTime } from '../views/time.ts'
import { ReadableLines } from './readable-lines.ts'

const said = (content: string) =>
  `{"type":"message","role":"assistant","content":${JSON.stringify(content)},"delta":true}\n`
const LOG = [
  'Ripgrep is not there.\n',
  '{"type":"init","session_id":"s","model":"m"}\n',
  said('I loo'),
  said('k.'),
  '{"type":"tool_use","tool_name":"shell","parameters":{"command":"ls"}}\n',
  '{"type":"tool_result","tool_id":"t","status":"success","output":"a\\u001b[31m\\u0007b\\nc"}\n',
  said('Dö'),
  said('ne.'),
].join('')

const WORDS = `Ripgrep is not there.
▸ Started · m
I look.
● shell  ls
  ✓ a␇b
    c
Döne.
`

function read(bytes: Buffer, size: number, coloured = false): string {
  const lines = new ReadableLines(createPaint(coloured))
  const printed = []
  for (let from = 0; from < bytes.length; from += size) {
    printed.push(lines.put(bytes.subarray(from, from + size), from, null))
  }
  return Buffer.concat([...printed, lines.end()]).toString()
}

it.each([1, 7, 100, 10_000])('prints a log that arrives in pieces of %i bytes in words', (size) => {
  expect(read(Buffer.from(LOG), size)).toBe(WORDS)
})

it('prints what is not an event byte for byte, also without a final line break', () => {
  const lines = new ReadableLines(createPaint(false))
  const bytes = Buffer.from('a\u001b[31mb\0\xff\nlast', 'latin1')
  expect(Buffer.concat([lines.put(bytes, 0, null), lines.end()])).toEqual(bytes)
})

it("removes the worker's colours and adds its own", () => {
  expect(read(Buffer.from(LOG), 10_000, true)).toContain(
    '\u001b[32m  ✓ \u001b[39m\u001b[2ma␇b\n    c\u001b[22m',
  )
})

it('each line has the time of its first byte, and continuation lines are indented below it', () => {
  const [first = '', ...rest] = LOG.split('\n').slice(5)
  const lines = new ReadableLines(createPaint(false))
  const bytes = Buffer.from([first, ...rest].join('\n'))
  const cut = first.length - 9
  const printed = [
    lines.put(bytes.subarray(0, cut), 50, [{ offset: 20, at: 1_000 }]),
    lines.put(bytes.subarray(cut), 50 + cut, [{ offset: 50 + cut, at: 9_000 }]),
    lines.end(),
  ]
  const margin = ' '.repeat(exactTime(0).length + 1)
  expect(Buffer.concat(printed).toString()).toBe(
    `${exactTime(1_000)}   ✓ a␇b\n${margin}    c\n${exactTime(9_000)} Döne.\n`,
  )
})
