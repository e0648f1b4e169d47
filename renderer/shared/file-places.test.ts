import { describe, expect, it } from 'vitest'
import { PLACE_AT_START, PLACE_WITHIN, placeHref, placeOf } from './file-places.ts'
import { parseMarkdown } from './markdown-parser.ts'

const linkTo = (place: string) => `<a href="${placeHref(place)}"`

describe('a place in a file', () => {
  it.each(['src/parse.ts:12', 'greet.py:3', './a-b/c.d.ts:1:20', '.github/ci.yml:7', 'src/@types/x.ts:9'])(
    'becomes a link in text and in code: %s',
    (place) => {
      expect(parseMarkdown(`See ${place}, and (${place}).`)?.split(linkTo(place))).toHaveLength(3)
      expect(parseMarkdown(`\`${place}\``)).toContain(`${linkTo(place)} title="Open in your editor"><code>`)
    },
  )

  it.each([
    'https://example.org/a.ts:12',
    'localhost.example:8080x',
    'a.ts:0',
    'a.ts',
    'node:fs',
    '12:30',
    'v1.2:3',
    '[src/a.ts:1](https://example.org)',
  ])('is not found in “%s”', (text) => {
    expect(parseMarkdown(text)).not.toContain('#/file/')
  })

  it('can be read from its address', () => {
    expect(placeOf(placeHref('src/a b.ts:12'))).toEqual({ file: 'src/a b.ts', line: 12 })
    expect(placeOf(placeHref('a.ts:3:9'))).toEqual({ file: 'a.ts', line: 3 })
    for (const href of ['#/task/t_00000000', '#/file/%', '#/file/a.ts']) expect(placeOf(href)).toBeNull()
  })

  it.each(['+', 'a+', 'a.', '/a', 'a/', '@-'])('is searched in linear time in a run of “%s”', (unit) => {
    const least = (text: string) => {
      const times = Array.from({ length: 7 }, () => {
        const from = performance.now()
        for (let n = 0; n < 20; n++) void [PLACE_WITHIN.exec(text), PLACE_AT_START.exec(text)]
        return performance.now() - from
      })
      return Math.min(...times)
    }
    const text = unit.repeat(4000 / unit.length)
    least(text)
    // Quadratic time would grow by 64.
    expect(least(text.repeat(8)) / least(text)).toBeLessThan(30)
  })
})
