import { expect, it } from 'vitest'
import { readGraph } from './circles.ts'
import { ROOMS, trespasses } from './rooms.ts'

const rooms = { upper: ['lower'], lower: [] }

it('accepts an import that the table allows, and imports within a room', () => {
  const graph = new Map([
    ['kernel/upper/a.ts', ['kernel/lower/b.ts', 'kernel/upper/c.ts', 'contract/index.ts']],
    ['doors/cli/main.ts', ['kernel/upper/a.ts']],
  ])
  expect(trespasses(graph, rooms)).toEqual([])
})

it('reports an import that the table forbids, and an entry that no import needs', () => {
  const graph = new Map([['kernel/lower/b.ts', ['kernel/upper/a.ts']]])
  expect(trespasses(graph, rooms)).toEqual([
    'kernel/lower may not import from kernel/upper: kernel/lower/b.ts imports kernel/upper/a.ts.',
    'kernel/upper imports nothing from kernel/lower: take it off the table in scripts/lint/rooms.ts.',
  ])
})

it('a room that is not in the table may import from no other', () => {
  expect(trespasses(new Map([['kernel/new/a.ts', ['kernel/lower/b.ts']]]), { lower: [] })).toHaveLength(1)
})

it('the kernel follows its table', () => {
  expect(trespasses(readGraph(`${import.meta.dirname}/../..`), ROOMS)).toEqual([])
})
