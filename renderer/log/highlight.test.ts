import { expect, it } from 'vitest'
import { pieces } from './ansi.ts'
import { highlighted } from './highlight.ts'

const texts = (line: string, query: string) =>
  highlighted(pieces(line), query).map(({ text, hit }) => (hit ? `[${text}]` : text))

it('highlights matches in any case', () => {
  expect(texts('An error, an ERROR', 'error')).toEqual(['An ', '[error]', ', an ', '[ERROR]'])
})

it('highlights the match itself after a letter whose lower case is longer', () => {
  expect(texts('İİ an error here', 'ERROR')).toEqual(['İİ an ', '[error]', ' here'])
})

it('highlights a match across a change of colour', () => {
  expect(texts('\u001b[31mer\u001b[0mror: no', 'error')).toEqual(['[er]', '[ror]', ': no'])
})

it('highlights nothing without a match', () => {
  expect(texts('An error', 'x')).toEqual(['An error'])
  expect(texts('An error', '')).toEqual(['An error'])
})
