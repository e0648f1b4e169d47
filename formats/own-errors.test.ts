import { expect, it } from 'vitest'
import { asReason, errorBrief, errorHeadline, errorWords } from './own-errors.ts'

it.each([
  [null, null],
  ['It exited with 1. It wrote nothing.', 'It exited with 1. It wrote nothing.'],
  ['It exited with 1.\ncompiling\nno such file\n\n', 'It exited with 1: no such file'],
  ['It was killed by SIGKILL.\nhalf way', 'It was killed by SIGKILL: half way'],
  [
    'It ran for longer than its 60 s and was stopped.\nretry 7 of 10',
    'It ran for longer than its 60 s and was stopped: retry 7 of 10',
  ],
  [
    'It exited with 1.\nbegun\n{"level":50,"msg":"store: no route","err":{"message":"ECONNREFUSED"}}',
    'It exited with 1: ERROR store: no route err="ECONNREFUSED"',
  ],
  ['It exited with 1.\n{"type":"mine","a":1}', 'It exited with 1: {"type":"mine","a":1}'],
  [
    'The check “lint\ntest” ended with 2.\n1 test failed',
    'The check “lint test” ended with 2: 1 test failed',
  ],
  ['The folder is not there.\nMake it, or name another.', 'The folder is not there.'],
])('shortens the error %j to %j', (error, brief) => {
  expect(errorBrief(error)).toBe(brief)
})

it('is within the given length, and has no full stop where the sentence has its own', () => {
  expect(errorBrief(`It exited with 1.\n${'x'.repeat(500)}`, 40)).toHaveLength(40)
  expect(asReason('It exited with 1.\nNo more for today.')).toBe('It exited with 1: No more for today')
})

it('A6: shortens an error to the line that explains it, not to its last line', () => {
  const error = 'It exited with 1.\nTypeError: no rate\n    at f (a.js:1:2)\n\n600 passed'
  expect(errorBrief(error)).toBe('It exited with 1: TypeError: no rate')
  expect(errorHeadline(error)).toBe('TypeError: no rate')
})

it('A6: prefers the reason that a worker states to the rest of its output', () => {
  const error = 'It exited with 1: Reached max turns (30).\nError: an earlier one\nall tests pass now'
  expect(errorHeadline(error)).toBe('Reached max turns (30).')
  expect(errorBrief(error)).toBe('It exited with 1: Reached max turns (30).')
  // As events and tasks keep it: on one line.
  expect(errorHeadline(errorBrief(error))).toBe('Reached max turns (30).')
})

it('A6: the words to search for occur in the error unchanged', () => {
  const error = "It exited with 1.\nthread 'a' panicked at b.rs:1:2:\nno rate for usd\nnote: run with x"
  expect(errorHeadline(error)).toBe("thread 'a' panicked at b.rs:1:2: no rate for usd")
  expect(error).toContain(errorWords(error))
})
