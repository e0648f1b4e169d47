import { expect, it } from 'vitest'
import { mediaTypeOf } from './media-type.ts'

const text = (value: string) => Buffer.from(value)

it.each([
  ['a PNG', Buffer.from('89504e470d0a1a0a', 'hex'), 'image/png'],
  ['a JPEG', Buffer.from('ffd8ffe0', 'hex'), 'image/jpeg'],
  ['a WebP', text('RIFF1234WEBPVP8 '), 'image/webp'],
  ['text', text('hello\nçà'), 'text/plain'],
  ['text cut within a character', text('aé').subarray(0, 2), 'text/plain'],
  ['an SVG, which could run scripts', text('<svg onload="x">'), 'text/plain'],
  ['an empty file', text(''), 'text/plain'],
  ['a binary', Buffer.from('7f454c46020001', 'hex'), 'application/octet-stream'],
  ['the first bytes of a PNG only', Buffer.from('89504e47', 'hex'), 'application/octet-stream'],
] as const)('%s is %s', (_name, bytes, type) => {
  expect(mediaTypeOf(bytes)).toBe(type)
})
