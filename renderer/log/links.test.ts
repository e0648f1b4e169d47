import { describe, expect, it } from 'vitest'
import { placeHref } from '../shared/file-places.ts'
import { pieces } from './ansi.ts'
import { linked } from './links.ts'

const ROOT = '/home/ada/shop'
/** The links of a line: for each, its text and its address. */
const linksOf = (line: string, root: string | null = ROOT) =>
  linked(pieces(line), root)
    .filter(({ href }) => href !== null)
    .map(({ text, href }) => [text, href])

describe('links in a line of a log', () => {
  it.each([
    ['See https://example.org/a?b=c#d.', 'https://example.org/a?b=c#d'],
    ['(http://localhost:3000/path)', 'http://localhost:3000/path'],
    ['https://en.wikipedia.org/wiki/Rank_(chess), it says', 'https://en.wikipedia.org/wiki/Rank_(chess)'],
    ['"https://example.org/x","y"', 'https://example.org/x'],
  ])('are addresses: %s', (line, address) => {
    expect(linksOf(line)).toEqual([[address, address]])
  })

  it('are ids of tasks, but not within a longer word', () => {
    expect(linksOf('waits for t_0123abcd, not for at_0123abcd or t_0123abcde')).toEqual([
      ['t_0123abcd', '#/task/t_0123abcd'],
    ])
  })

  it.each([
    ['src/parse.ts:12:5 - error TS2304', 'src/parse.ts:12:5', 'src/parse.ts:12:5'],
    [
      '    at read (/home/ada/shop/src/a.ts:3:9)',
      '/home/ada/shop/src/a.ts:3:9',
      '/home/ada/shop/src/a.ts:3:9',
    ],
    ['at file:///home/ada/shop/a.mjs:1:2', 'file:///home/ada/shop/a.mjs:1:2', '/home/ada/shop/a.mjs:1:2'],
  ])('are places in files: %s', (line, shown, place) => {
    expect(linksOf(line)).toEqual([[shown, placeHref(place)]])
    expect(linksOf(line, null)).toEqual([])
  })

  it('leave out places outside of the folder of the work', () => {
    expect(linksOf('at /usr/lib/python3/json.py:3 and /home/ada/shopping/a.ts:1')).toEqual([])
  })

  it('keep the text, its colours and the links that a worker made', () => {
    const line =
      '\u001b[31mfail\u001b[0m src/\u001b[1ma.ts\u001b[0m:3 \u001b]8;;https://example.org/t_00000000\u001b\\here\u001b]8;;\u001b\\ <b>'
    const parts = linked(pieces(line), ROOT)
    expect(parts.map(({ text }) => text).join('')).toBe('fail src/a.ts:3 here <b>')
    expect(parts).toContainEqual({ text: 'a.ts', classes: 'ansi-bold', href: placeHref('src/a.ts:3') })
    expect(parts).toContainEqual({ text: 'here', classes: '', href: 'https://example.org/t_00000000' })
  })

  it('have no other kind of address', () => {
    expect(linksOf('javascript:alert(1) data:text/html,x //example.org/a')).toEqual([])
  })

  it('are made in the first 4,000 characters, and never from a part of an address', () => {
    const link = 'src/a.ts:123'
    const before = 'x '.repeat((4000 - link.length) / 2)
    expect(linksOf(`${before}${link} ${link}`)).toEqual([])
    expect(linksOf(`${before.slice(2)}${link} ${link}`)).toEqual([[link, placeHref(link)]])
    expect(linksOf(`${before}${link}`)).toEqual([[link, placeHref(link)]])
  })

  it.each([
    ['a long word', 'a'.repeat(500)],
    ['many folders', 'a/'.repeat(250)],
    ['many dots and colons', 'a.b:'.repeat(125)],
    ['many signs', 'a+a@'.repeat(125)],
    ['only plus signs', '+'.repeat(500)],
    ['many absolute folders', '/a.b'.repeat(125)],
    ['an address with many dots', `http://${'.'.repeat(490)}`],
  ])('are found in linear time: %s', (_what, line) => {
    const least = (text: string) => {
      const parts = pieces(`${text} t_`)
      const times = Array.from({ length: 7 }, () => {
        const from = performance.now()
        for (let n = 0; n < 50; n++) linked(parts, ROOT)
        return performance.now() - from
      })
      return Math.min(...times)
    }
    least(line)
    // For a line that is 7 times as long, linear time grows by 7, quadratic time by 49.
    expect(least(line.repeat(7)) / least(line)).toBeLessThan(25)
  })
})
