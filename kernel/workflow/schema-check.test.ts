import { expect, it } from 'vitest'
import { problemsIn } from './schema-check.ts'

const evil = { type: 'object', properties: { name: { type: 'string', pattern: '^(a+)+$' } } }

it('checks a pattern', () => {
  expect(problemsIn(evil, { name: 'aaa' })).toEqual([])
  expect(problemsIn(evil, { name: 'b' })).toMatchObject([{ path: ['name'] }])
})

it('stops a pattern that takes exponential time, and checks the next value', () => {
  expect(problemsIn(evil, { name: `${'a'.repeat(60)}!` })).toEqual([
    { path: [], message: 'a pattern of the JSON Schema took longer than 2 s' },
  ])
  expect(problemsIn(evil, { name: 'aaa' })).toEqual([])
})

it('also stops the pattern of a nested name', () => {
  const nested = {
    type: 'object',
    properties: { parts: { type: 'array', items: { patternProperties: { '^(a+)+$': {} }, type: 'object' } } },
  }
  expect(problemsIn(nested, { parts: [{ [`${'a'.repeat(60)}!`]: 1 }] })).toHaveLength(1)
})
