import { describe, expect, it } from 'vitest'
import { AGENT_FORMATS } from './agent-formats.ts'
import { grownBeyond, HOSTILE } from './testing/hostile.ts'
import { clipLine, hasControls, lastWritten, toPlainLines, toPlainText } from './controls.ts'
import { parseObject } from './json.ts'
import { lineInWords, textInLine } from './line-words.ts'
import { LogReading } from './log-reading.ts'
import { withoutMarks } from './markdown-text.ts'
import { MARKDOWN_LIMITS, mayBeParsed, mayBeShown } from './markdown-limits.ts'
import { cutTexts, eventSegments, eventText } from './log-words.ts'
import { asReason, errorBrief, hasOutputBelow, saysOnlyItsExit } from './own-errors.ts'

const SIZE = 64 * 1024

function readAll(text: string): void {
  const reading = new LogReading()
  for (const line of text.split('\n')) {
    const { event } = reading.put(line)
    if (event === null) continue
    eventText(event)
    eventSegments(event)
    cutTexts(event)
  }
}

/** Every function in this folder that reads what a worker has written. */
const READERS: Readonly<Record<string, (text: string) => unknown>> = {
  toPlainText,
  toPlainLines,
  lastWritten,
  'LogReading and log-words': readAll,
  lineInWords,
  textInLine,
  withoutMarks,
  errorBrief: (text) => errorBrief(`It exited with 1.\n${text}`),
  asReason: (text) => asReason(text),
  'own-errors': (text) => [hasOutputBelow(text), saysOnlyItsExit(text)],
  'each format': (text) => {
    const event = parseObject(text.split('\n', 1)[0] ?? '')
    if (event !== null)
      for (const format of Object.values(AGENT_FORMATS)) {
        format.owns(event)
        format.parts(event)
        format.usage([event])
      }
  },
}

describe('X5: takes time in proportion to any hostile text:', () => {
  it.each(Object.entries(READERS))('%s', (_name, read) => {
    expect(grownBeyond(read, SIZE)).toEqual([])
  })
})

describe('X11: the limits of Markdown', () => {
  it('are checked in linear time', () => {
    expect(grownBeyond((text) => [mayBeParsed(text), mayBeShown(text)], 3 * MARKDOWN_LIMITS.chars)).toEqual(
      [],
    )
  })

  it.each(['quotes of Markdown', 'lists in lists', 'lists in lists, line by line'])('refuse %s', (name) => {
    expect(mayBeParsed(HOSTILE[name]!(20_000))).toBe(false)
  })

  it('accept what people write', () => {
    expect(
      mayBeParsed(
        `# Plan\n\n${'> a quote\n> > of a quote\n\n'.repeat(50)}${'- a\n  - b\n    - c\n'.repeat(50)}`,
      ),
    ).toBe(true)
    expect(mayBeParsed(`text\n\n${' '.repeat(40)}code\n--- ** 2026. 5)`)).toBe(true)
    expect(mayBeShown('<p>a<br>b</p>'.repeat(1_000))).toBe(true)
    expect(mayBeShown('<td>'.repeat(61))).toBe(false)
    expect(mayBeShown('<td></td>'.repeat(4_001))).toBe(false)
  })
})

describe('plain text', () => {
  it.each(Object.entries(HOSTILE))(
    'of %s is no longer than its source and has no control character',
    (_what, make) => {
      const text = make(10_000)
      const plain = toPlainText(text)
      expect(plain.length).toBeLessThanOrEqual(text.length)
      expect(hasControls(plain)).toBe(false)
    },
  )

  it.each([
    ['\u001b[1;31mred\u001b[0m', 'red'],
    ['\u001b]0;title\u0007after', 'after'],
    ['\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\', 'link'],
    ['\u009d52;c;aGk=\u009cafter', 'after'],
    ['\u001bPq#0;2\u001b\\after', 'after'],
    ['\u001b_G;AAAA\u001b\\after', 'after'],
    ['\u001b(Bafter', 'after'],
    ['\u001b7\u001b[6n\u001b[?25lafter', 'after'],
    ['a\tb\nc', 'a\tb\nc'],
    ['a\u0000\u0008\u007f\u0085b', 'ab'],
    ['before \u001b]0;never ended', 'before 0;never ended'],
    ['before \u001b]0;ended by the line\nafter', 'before 0;ended by the line\nafter'],
    ['ends with \u001b', 'ends with '],
    ['\u001b[12', ''],
  ])('of %j is %j', (text, plain) => {
    expect(toPlainText(text)).toBe(plain)
  })

  it('is clipped without cutting a character in half', () => {
    expect(clipLine('a👩👩👩', 5)).toBe('a👩…')
    expect(clipLine('abcdef', 5)).toBe('abcd…')
    expect(clipLine('abcde', 5)).toBe('abcde')
  })
})
