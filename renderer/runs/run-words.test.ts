import { expect, it } from 'vitest'
import { withoutMarks } from '../../formats/markdown-text.ts'
import { brief, errorLine, errorToFind, isOutput } from './run-words.ts'

it.each([
  ['It exited with 1.\ncompiling\nno such file', 'no such file', true],
  ['It exited with 1. It wrote nothing.', 'It exited with 1. It wrote nothing.', false],
  ['It ran for longer than its 60 s and was stopped.\nretry 7 of 10', 'retry 7 of 10', true],
  ['Neither output nor heartbeat for 60 s; it was stopped.\nwaiting', 'waiting', true],
  ['It exited with 1.\n{"level":"error","msg":"no route","ts":1}', 'ERROR no route', true],
  ['The folder is not there.\nMake it, or name another.', 'The folder is not there.', false],
])('shortens the error “%s” to its most telling line', (error, line, byWorker) => {
  expect(errorLine(error)).toBe(line)
  expect(isOutput(error)).toBe(byWorker)
})

it('takes the text to search for unchanged from the error', () => {
  const record = '{"level":50,"msg":"store: no route","err":{"message":"ECONNREFUSED"}}'
  expect(errorLine(`It exited with 1.\n${record}`)).toBe('ERROR store: no route err="ECONNREFUSED"')
  expect(errorToFind(`It exited with 1.\n${record}`)).toBe('store: no route')
  expect(errorToFind('It exited with 1.\nbegun\nno route')).toBe('no route')
  expect(errorToFind(null)).toBeNull()
})

it('gives no line without an error', () => {
  expect(errorLine(null)).toBeNull()
  expect(isOutput(null)).toBe(false)
})

it('shows a worker’s Markdown without its marks', () => {
  const text = '## Prices\n- are **rounded to cents**, see `total`\n* 2 * 3'
  expect(withoutMarks(text)).toBe('Prices\nare rounded to cents, see total\n2 * 3')
  expect(brief(text)).toBe('Prices')
  const more = '> see [the log](https://example.org/a?b=1) and ![a plot](plot.png)\n  - [x] ~~old~~ [1]'
  expect(withoutMarks(more)).toBe('see the log and a plot\nold [1]')
})
