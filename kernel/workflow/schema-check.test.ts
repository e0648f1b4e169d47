import { expect, it } from 'vitest'
import { problemsIn } from './schema-check.ts'

const evil = { type: 'object', properties: { name: { type: 'string', pattern: '^(a+)+$' } } }

it('checks a pattern', () => {
  expect(problemsIn(evil, { name: 'aaa' })).toEqual([])
  expect(problemsIn(evil, { name: 'b' })).toMatchObject([{ path: ['name'] }])
})

it('stops a pattern that takes exponential time, and checks the next value', () => {
  expect(problemsIn(evil, { name: `${'a'.repeat(60)}!` })).toEqual([
    { path: [], message: 'the check by the JSON Schema took longer than 2 s' },
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

/** Each definition names the next one twice, so that a value that fits none is tried 2^24 times. */
function doubling(depth: number): Record<string, unknown> {
  const defs: Record<string, unknown> = { [`d${depth}`]: { type: 'string' } }
  for (let n = 0; n < depth; n++)
    defs[`d${n}`] = { anyOf: [{ $ref: `#/$defs/d${n + 1}` }, { $ref: `#/$defs/d${n + 1}` }] }
  return { type: 'object', properties: { name: { $ref: '#/$defs/d0' } }, $defs: defs }
}

it('gives up alternatives within alternatives that take too long', () => {
  const schema = doubling(24)
  expect(problemsIn(schema, { name: 'a' }, 100)).toEqual([])
  const began = performance.now()
  expect(problemsIn(schema, { name: 1 }, 100)).toEqual([
    { path: [], message: 'the check by the JSON Schema took longer than 0.1 s' },
  ])
  expect(performance.now() - began).toBeLessThan(2000)
})
