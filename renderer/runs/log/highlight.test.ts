import { expect, it } from 'vitest'
import { pieces } from './ansi.ts'
import { highlighted } from './highlight.ts'

const texts = (line: string, query: string) =>
  highlighted(pieces(line), query).map(({ text, hit }) => (hit ? `[${text}]` : text))

it('what was searched for stands out, in any case', () => {
  expect(texts('An error, an ERROR', 'error')).toEqual(['An ', '[error]', ', an ', '[ERROR]'])
})

it('also where the colour changes within it', () => {
  expect(texts('\u001b[31mer\u001b[0mror: no', 'error')).toEqual(['[er]', '[ror]', ': no'])
})

it('nothing stands out without a match', () => {
  expect(texts('An error', 'x')).toEqual(['An error'])
  expect(texts('An error', '')).toEqual(['An error'])
})
