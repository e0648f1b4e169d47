import { expect, it } from 'vitest'
import { jsonSchemaChecker } from '../../contract/json-schema.ts'
import { BUILTIN } from './library.ts'
import { readWorkflowFile } from './read-file.ts'
import { sampleOf } from './sample-metadata.ts'
import { simulate } from './simulate.ts'

it.each([
  [
    { type: 'object', properties: { a: { type: 'array', items: { type: 'integer', minimum: 3 } } } },
    { a: [3] },
  ],
  [{ type: ['string', 'null'] }, 'example'],
  [{ enum: ['low', 'high'] }, 'low'],
  [{ type: 'boolean', default: false }, false],
  [true, 'example'],
])('makes up a value for %j', (schema, value) => {
  expect(sampleOf(schema)).toEqual(value)
})

it('fits the metadata of every step of the workflows that ship', () => {
  for (const text of BUILTIN) {
    for (const step of readWorkflowFile(text).definition?.steps ?? []) {
      if (step.kind !== 'work' || step.metadata === undefined) continue
      expect(jsonSchemaChecker(step.metadata)(sampleOf(step.metadata)), step.key).toEqual([])
    }
  }
})

it('walks through a map and several rounds of a loop with verdicts alone', () => {
  const text = BUILTIN.find((one) => one.includes('name: plan-and-build')) ?? ''
  const { definition } = readWorkflowFile(text)
  if (definition === null) throw new Error('plan-and-build has mistakes')
  const inputs = { goal: 'x' }
  const walk = (...verdicts: string[]) =>
    simulate(
      definition,
      inputs,
      verdicts.map((verdict) => ({ verdict, made_up: true })),
    ).walk
  expect(walk('done', 'approved')).toMatchObject({ waits: null, items: [expect.any(String)] })
  expect(walk('done', 'changes', 'done', 'changes', 'done').waits).toBeNull()
  expect(walk('done', 'approved', 'succeeded').waits).toBeNull()
})
