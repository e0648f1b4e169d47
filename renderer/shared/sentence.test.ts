import { expect, it } from 'vitest'
import { asSentence } from './sentence.ts'

it('a phrase becomes a sentence, and a sentence stays one', () => {
  expect(['rate limited: exit 75', ' Stopped by you. ', 'why?', ''].map(asSentence)).toEqual([
    'Rate limited: exit 75.',
    'Stopped by you.',
    'Why?',
    '',
  ])
})
