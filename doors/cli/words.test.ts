import { expect, it } from 'vitest'
import { verbs } from './all-verbs.ts'
import { assignWords } from './words.ts'

function assigned(name: string, words: readonly string[], own?: string) {
  const verb = verbs.find((candidate) => candidate.words.join(' ') === name)
  if (verb === undefined) throw new Error(`no verb ${name}`)
  return Object.fromEntries([...assignWords(verb, words, own)].map(([arg, texts]) => [arg.name, texts]))
}

it('the last word of assign is the profile', () => {
  expect(assigned('assign', ['a', 'b', 'claude'])).toEqual({ ID: ['a', 'b'], 'PROFILE|none': ['claude'] })
})

it('KEY=VALUE pairs follow the slug', () => {
  expect(assigned('boards set', ['main', 'a=1', 'b=2'])).toEqual({
    SLUG: ['main'],
    'KEY=VALUE': ['a=1', 'b=2'],
  })
})

it('a single word from a worker is the text of its comment', () => {
  expect(assigned('comment', ['a text'], 't_own')).toEqual({ ID: ['t_own'], TEXT: ['a text'] })
  expect(assigned('comment', ['t_1', 'a text'], 't_own')).toEqual({ ID: ['t_1'], TEXT: ['a text'] })
})

it('a worker may omit its task where it may act on it', () => {
  for (const name of ['show', 'context', 'heartbeat', 'complete', 'block', 'request-review']) {
    expect(assigned(name, [], 't_own')).toEqual({ ID: ['t_own'] })
    expect(() => assigned(name, [])).toThrow('ID is missing')
  }
  expect(() => assigned('stop', [], 't_own')).toThrow('ID is missing')
})

it.each([
  ['create', []],
  ['create', ['two', 'words']],
  ['assign', ['t_1']],
  ['link', ['t_1']],
  ['link', ['t_1', 't_2', 't_3']],
  ['comment', ['no id']],
  ['settings set', []],
  ['list', ['x']],
  ['archive', []],
])('%s %j is wrong usage', (name, words) => {
  expect(() => assigned(name, words)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }) as Error)
})
