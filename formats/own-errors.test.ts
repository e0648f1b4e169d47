import { expect, test } from 'vitest'
import { asReason, errorBrief } from './own-errors.ts'

test.each([
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
  ['The check “lint\ntest” ended with 2.\n1 test failed', 'The check “lint: 1 test failed'],
  ['The folder is not there.\nMake it, or name another.', 'The folder is not there.'],
])('the error %j comes to %j', (error, brief) => {
  expect(errorBrief(error)).toBe(brief)
})

test('it is as short as asked, and has no full stop where the sentence has its own', () => {
  expect(errorBrief(`It exited with 1.\n${'x'.repeat(500)}`, 40)).toHaveLength(40)
  expect(asReason('It exited with 1.\nNo more for today.')).toBe('It exited with 1: No more for today')
})
