import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { headline, HEADLINE_LINES, tellingEnd } from './headline.ts'

interface Ending {
  name: string
  headline: string
  output: string[]
}

/** @param file sample endings, each under `#### name` and `=> headline` */
function endings(file: string): Ending[] {
  const text = readFileSync(new URL(`testing/${file}`, import.meta.url), 'utf8')
  return text
    .split(/^#### /m)
    .slice(1)
    .map((part) => {
      const [name = '', expected = '', ...output] = part.trimEnd().split('\n')
      return { name, headline: expected.replace(/^=> /, ''), output }
    })
}

// The first file has real output of the tools, with neutral paths; the second was written by hand in their formats.
const ENDINGS = [...endings('endings.txt'), ...endings('endings-by-hand.txt')]

describe('A6: the headline of a failure', () => {
  it.each(ENDINGS)('is the line of $name that explains it', ({ headline: expected, output }) => {
    expect(headline(output)).toBe(expected)
  })

  it.each(ENDINGS)(
    'of $name does not change below 600 lines of success',
    ({ headline: expected, output }) => {
      const fine = Array.from({ length: 600 }, (_, index) => `  ✓ keeps entry ${index} (1 ms)`)
      expect(headline([...fine, ...output])).toBe(expected)
    },
  )

  it.each(ENDINGS)('of $name is still found in what an error keeps', ({ headline: expected, output }) => {
    const after = Array.from({ length: 80 }, (_, index) => `  ✓ keeps entry ${index} (1 ms)`)
    const kept = tellingEnd([...output, ...after])
    expect(kept.length).toBeLessThanOrEqual(30)
    // “checked 12 files” and “✓ …” explain equally little.
    if (headline([...output, ...after]) === expected) expect(headline(kept)).toBe(expected)
  })

  it('is the last line when no line says more, and null when there is no text', () => {
    expect(headline(['loading', 'the rates are locked by ada', '600 passed', '  at f (a.js:1:2)', ''])).toBe(
      'the rates are locked by ada',
    )
    expect(headline(['12 passed', 'Done in 3.2 s'])).toBe('Done in 3.2 s')
    expect(headline(['', '  ', '-----'])).toBe('-----')
    expect(headline([])).toBeNull()
    expect(headline(['', ' '])).toBeNull()
  })

  it('does not take “0 errors” for an error', () => {
    expect(headline(['the rates are locked by ada', 'lint: 0 errors, no failures'])).toBe(
      'lint: 0 errors, no failures',
    )
    expect(headline(['could not lock the rates', 'lint: 0 errors, no failures'])).toBe(
      'could not lock the rates',
    )
  })

  it('is one line without control characters, within the given length', () => {
    const text = headline([`Error: a\tb\x1b[31mred\x07${'x'.repeat(5_000)}`], 100)
    expect(text).toHaveLength(100)
    expect(text).toMatch(/^Error: a bredx+…$/)
  })

  it('looks at a bounded part of each line and of the output', () => {
    const early = [`Error: too early`, ...Array.from({ length: HEADLINE_LINES }, () => 'ok')]
    expect(headline(early)).toBe('ok')
    // Repeated openings of every rule: a pattern that backtracks would take minutes here.
    const openings = [
      ' ',
      '█',
      ': ',
      'a.',
      'A::',
      '1:',
      '(1,',
      '> ',
      'a.go:',
      '=',
      ' at a',
      '*** ',
      '0 ',
      'x(',
    ]
    for (const opening of openings) {
      const line = opening.repeat(20_000)
      expect(headline(Array.from({ length: 50 }, () => line))).not.toBe('')
    }
  })

  it('never throws, for any output', () => {
    const word = fc.constantFrom(
      'Error: ',
      'panicked at ',
      '{"type":"error"',
      ' at x',
      '● ',
      '│ ',
      '\x1b[',
      ':',
      '\t',
    )
    const line = fc
      .array(fc.oneof(word, fc.string({ unit: 'binary' })), { maxLength: 6 })
      .map((parts) => parts.join(''))
    fc.assert(
      fc.property(fc.array(line, { maxLength: 40 }), (lines) => {
        const text = headline(lines)
        // eslint-disable-next-line no-control-regex -- the test asserts that there are none
        if (text !== null) expect(text).not.toMatch(/[\n\r\x00-\x08\x1b]/)
        expect(tellingEnd(lines).length).toBeLessThanOrEqual(30)
      }),
    )
  })
})

describe('A6: what an error keeps of a long output', () => {
  it('is its end, when that explains the failure', () => {
    const output = Array.from({ length: 100 }, (_, index) => `step ${index}`).concat('Error: no rate')
    expect(tellingEnd(output)).toEqual(output.slice(-30))
  })

  it('begins with the line that explains the failure, when that line is further up', () => {
    const frames = Array.from({ length: 100 }, (_, index) => `    at f${index} (a.js:${index}:1)`)
    const kept = tellingEnd(['start', 'Error: no rate', ...frames])
    expect(kept).toHaveLength(30)
    expect(kept[0]).toBe('Error: no rate')
    expect(kept[7]).toBe('[72 lines are not shown]')
    expect(kept.at(-1)).toBe(frames.at(-1))
  })
})
