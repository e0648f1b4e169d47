import { expect, it } from 'vitest'
import fc from 'fast-check'
import { listChanges } from './list-changes.ts'

const said = (before: unknown[], after: unknown[]) =>
  listChanges(before, after).map(({ change, from, to }) => `${change} ${from ?? '-'} ${to ?? '-'}`)

it('finds no change between equal lists', () => {
  expect(said(['a', { key: 'b' }], ['a', { key: 'b' }])).toEqual([])
})

it('finds added and removed items', () => {
  expect(said(['a', 'b'], ['a', 'c'])).toEqual(['added - 2', 'removed 2 -'])
})

it('recognises a changed item by its name', () => {
  const changes = listChanges(
    [{ key: 'a', goal: 'x' }, { key: 'b' }],
    [{ key: 'a', goal: 'y' }, { key: 'b' }],
  )
  expect(changes).toEqual([
    { change: 'changed', from: 1, to: 1, before: { key: 'a', goal: 'x' }, after: { key: 'a', goal: 'y' } },
  ])
})

it('marks only the item that moved, not those that it passed', () => {
  expect(said(['a', 'b', 'c', 'd'], ['d', 'a', 'b', 'c'])).toEqual(['moved 4 1'])
})

it('leads from one list to the other, whatever they are', () => {
  const list = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { maxLength: 8 })
  fc.assert(
    fc.property(list, list, (before, after) => {
      const changes = listChanges(before, after)
      const gone = changes.flatMap(({ change, from }) => (change === 'removed' ? [from ?? 0] : []))
      const added = changes.flatMap(({ change, to }) => (change === 'added' ? [to ?? 0] : []))
      const left = before.filter((_, index) => !gone.includes(index + 1))
      const kept = after.filter((_, index) => !added.includes(index + 1))
      expect([...kept].sort()).toEqual([...left].sort())
      if (!changes.some(({ change }) => change === 'moved')) expect(kept).toEqual(left)
    }),
  )
})
