import { describe, expect, it } from 'vitest'
import { lastWritten, pieces, plainText, styleAfter } from './ansi.ts'

const ESC = '\u001b'

describe('coloured output', () => {
  it('becomes pieces with class names', () => {
    expect(pieces(`${ESC}[31merror:${ESC}[0m no <store> & "none"`)).toEqual([
      { text: 'error:', classes: 'ansi-red-fg', href: null },
      { text: ' no <store> & "none"', classes: '', href: null },
    ])
  })

  it('never produces an inline style, whatever the worker sets', () => {
    const [piece] = pieces(`${ESC}[1;3;4;38;2;250;20;30;48;5;22mloud`)
    expect(piece).toEqual({
      text: 'loud',
      classes: 'ansi-bold ansi-italic ansi-underline ansi-red-fg ansi-green-bg',
      href: null,
    })
  })

  it('maps bright and arbitrary colours to those of the theme', () => {
    const classOf = (codes: string) => pieces(`${ESC}[${codes}mx`)[0]?.classes
    expect(classOf('92')).toBe('ansi-green-fg')
    expect(classOf('38;2;255;255;0')).toBe('ansi-yellow-fg')
    expect(classOf('38;5;244')).toBe('ansi-black-fg')
    expect(classOf('38;2;90;90;255')).toBe('ansi-blue-fg')
  })

  it('does not affect the next line, even if a sequence is cut off', () => {
    pieces(`${ESC}[31mred`)
    expect(pieces(`${ESC}[1mbold`)).toEqual([{ text: 'bold', classes: 'ansi-bold', href: null }])
    pieces(`cut ${ESC}[3`)
    expect(pieces(`${ESC}[32mgreen`)).toEqual([{ text: 'green', classes: 'ansi-green-fg', href: null }])
  })

  it('links only to web addresses', () => {
    const link = (url: string) => pieces(`${ESC}]8;;${url}${ESC}\\here${ESC}]8;;${ESC}\\`)
    expect(link('https://example.org/a?b=1&c=2')).toEqual([
      { text: 'here', classes: '', href: 'https://example.org/a?b=1&c=2' },
    ])
    expect(link('javascript:alert(1)').some(({ href }) => href !== null)).toBe(false)
  })

  it('leaves text that looks like markup unchanged', () => {
    const [piece] = pieces(`${ESC}[32m<img src=x onerror="alert('1')">`)
    expect(piece?.text).toBe(`<img src=x onerror="alert('1')">`)
  })
})

describe('styles across lines', () => {
  it('continue until they are reset', () => {
    const after = styleAfter(`${ESC}[1m${ESC}[31mbegins`, '')
    expect(pieces('continues', after)[0]?.classes).toBe('ansi-bold ansi-red-fg')
    expect(styleAfter(`ends${ESC}[0m`, after)).toBe('')
    expect(styleAfter(`ends${ESC}[0;32m`, after)).toBe(`${ESC}[0;32m`)
  })

  it('do not accumulate without limit', () => {
    let style = ''
    for (let line = 0; line < 500; line++) style = styleAfter(`${ESC}[3${line % 8}m`, style)
    expect(style.length).toBeLessThanOrEqual(120)
  })
})

describe('plain text', () => {
  it('has neither colours nor other control sequences', () => {
    expect(plainText(`${ESC}[2K${ESC}[1;31mred${ESC}[0m\u0007 and ${ESC}]0;title\u0007done`)).toBe(
      'red and done',
    )
  })

  it('of an overwritten line is the last text written', () => {
    expect(lastWritten('10 %\r55 %\r100 %')).toBe('100 %')
    expect(lastWritten('windows line\r')).toBe('windows line')
  })
})
