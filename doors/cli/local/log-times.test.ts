import { expect, it } from 'vitest'
import { exactTime } from '../views/time.ts'
import { LineTimes } from './log-times.ts'

const T1 = Date.UTC(2026, 0, 1)
const T2 = T1 + 1500

it('each line has the time of its first byte', () => {
  const times = [
    { offset: 0, at: T1 },
    { offset: 6, at: T2 },
  ]
  const lines = new LineTimes()
  const text = lines.put(Buffer.from('one\ntwo\nthree\n'), 0, times).toString()
  expect(text).toBe(`${exactTime(T1)} one\n${exactTime(T1)} two\n${exactTime(T2)} three\n`)
})

it('a line that arrives in pieces has one time', () => {
  const times = [{ offset: 0, at: T1 }]
  const lines = new LineTimes()
  const pieces = ['wor', 'king', '…\nnext', '\n'].map((text) => Buffer.from(text))
  let from = 0
  const printed = pieces.map((piece) => {
    const text = lines.put(piece, from, times).toString()
    from += piece.length
    return text
  })
  expect(printed.join('')).toBe(`${exactTime(T1)} working…\n${exactTime(T1)} next\n`)
})

it('output that was not observed has no time', () => {
  const lines = new LineTimes()
  const text = lines.put(Buffer.from('a\nb\n'), 10, [{ offset: 12, at: T1 }]).toString()
  expect(text).toBe(`${'-'.padEnd(23)} a\n${exactTime(T1)} b\n`)
})
