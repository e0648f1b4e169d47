import { describe, expect, it } from 'vitest'
import { placeHref, placeOf } from './file-places.ts'
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
})
