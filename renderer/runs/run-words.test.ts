import { expect, test } from 'vitest'
import { errorLine, isOutput } from './run-words.ts'

test.each([
  ['It exited with 1.\ncompiling\nno such file', 'no such file', true],
  ['It exited with 1. It wrote nothing.', 'It exited with 1. It wrote nothing.', false],
  ['It ran for longer than its 60 s and was stopped.\nretry 7 of 10', 'retry 7 of 10', true],
  ['Neither output nor heartbeat for 60 s; it was stopped.\nwaiting', 'waiting', true],
  ['The folder is not there.\nMake it, or name another.', 'The folder is not there.', false],
])('of the error “%s” the line is told that says most', (error, line, byWorker) => {
  expect(errorLine(error)).toBe(line)
  expect(isOutput(error)).toBe(byWorker)
})

test('no error has no line', () => {
  expect(errorLine(null)).toBeNull()
  expect(isOutput(null)).toBe(false)
})
