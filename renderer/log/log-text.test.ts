import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cutBytes, LogText, timeAt, utf8Length } from './log-text.ts'

function read(log: LogText): string[] {
  return Array.from({ length: log.length }, (_, index) => log.plain(index))
}

describe('a log that grows', () => {
  it('has the same lines and offsets however it is split', () => {
    const pieces = fc.array(fc.constantFrom('a', 'bé', '\n', '😀', '\n\n', '\u001b[31m'), { maxLength: 20 })
    fc.assert(
      fc.property(pieces, (parts) => {
        const [grown, whole] = [new LogText(), new LogText()]
        for (const part of parts) grown.append(part)
        whole.append(parts.join(''))
        const all = (log: LogText) =>
          Array.from({ length: log.length }, (_, index) => [log.line(index), log.offset(index)])
        expect(all(grown)).toEqual(all(whole))
      }),
    )
  })

  it('knows the byte at which a line starts', () => {
    const log = new LogText()
    log.append('äö\nb\n')
    expect([log.offset(0), log.offset(1)]).toEqual([0, 5])
  })

  it('carries colours over line breaks', () => {
    const log = new LogText()
    log.append('\u001b[31mone\ntwo\u001b[0m\nthree')
    expect([0, 1, 2].map((index) => log.line(index).style)).toEqual(['', '\u001b[31m', ''])
  })

  it('shows the last state of an overwritten line', () => {
    const log = new LogText()
    log.append('10 %\r20 %')
    log.append('\r99 %\ndone\n')
    expect(read(log)).toEqual(['99 %', 'done'])
  })

  it('finds text in any case, across colours', () => {
    const log = new LogText()
    log.append('one\n\u001b[31mERR\u001b[0mor: no\nerror again\n')
    expect(log.find('error')).toEqual([1, 2])
    expect(log.find('error', 2)).toEqual([2])
    expect(log.findError()).toBe(2)
  })
})

it('UTF-8 lengths match those of the encoder', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      expect(utf8Length(text)).toBe(new TextEncoder().encode(text).length)
    }),
  )
})

it('a line has the time of the last observation before it', () => {
  const times = [
    { offset: 0, at: 100 },
    { offset: 50, at: 200 },
  ]
  expect([0, 49, 50, 900].map((offset) => timeAt(times, offset))).toEqual([100, 100, 200, 200])
  expect(timeAt([], 5)).toBeNull()
})

it('reads the number of removed bytes from the notice', () => {
  expect(cutBytes('[Runboard cut 12345 bytes here: a log holds 20971520 bytes at most]')).toBe(12345)
  expect(cutBytes('Runboard cut')).toBeNull()
})
