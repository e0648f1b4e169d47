import { describe, expect, it } from 'vitest'
import type { Card, Client, Task } from '../../contract/index.ts'
import { fakeCards } from '../shared/fake-data.ts'
import { backOf, placeBeside, placeOneStep, rankAll } from './rank-cards.ts'

const [card] = fakeCards(1, Date.UTC(2026, 10, 22)) as [Card]
const at = (id: string, fields: Partial<Card> = {}): Card => ({
  ...card,
  priority: 0,
  rank: null,
  id,
  ...fields,
})

describe('a card that is dropped beside another', () => {
  it('goes before or after it, by the edge', () => {
    expect(placeBeside(at('a'), at('b'), 'top')).toEqual({ before: 'b' })
    expect(placeBeside(at('a'), at('b'), 'bottom')).toEqual({ after: 'b' })
  })

  it('stays within its priority: first in it beside a more urgent card, last beside a less urgent one', () => {
    expect(placeBeside(at('a'), at('b', { priority: 5 }), 'top')).toEqual({ place: 'first' })
    expect(placeBeside(at('a', { priority: 5 }), at('b'), 'bottom')).toEqual({ place: 'last' })
  })
})

describe('a step by keyboard', () => {
  const column = [at('urgent', { priority: 5 }), at('a'), at('b')]

  it('moves past the next card', () => {
    expect(placeOneStep(column, column[1]!, 1)).toEqual({ after: 'b' })
    expect(placeOneStep(column, column[2]!, -1)).toEqual({ before: 'a' })
  })

  it('is refused at another priority and at the end of the column', () => {
    expect(placeOneStep(column, column[1]!, -1)).toBeNull()
    expect(placeOneStep(column, column[2]!, 1)).toBeNull()
  })
})

describe('Undo', () => {
  it('restores a card before the one that followed it, or in the order by time if it had no place', () => {
    const column = [at('a', { rank: 1 }), at('b', { rank: 2 }), at('c')]
    expect(column.map((each) => backOf(column, each))).toEqual([
      { before: 'b' },
      { before: 'c' },
      { place: 'none' },
    ])
    expect(backOf([at('a', { rank: 1 })], at('a', { rank: 1 }))).toEqual({ place: 'last' })
  })
})

it('places several cards one after the other', async () => {
  const calls: unknown[] = []
  const client = {
    task: {
      rank: (input: { id: string }) => {
        calls.push(input)
        return Promise.resolve({ task: at(input.id) })
      },
    },
  } as unknown as Client
  const applied: string[] = []
  await rankAll(client, 'work', ['a', 'b'], { before: 'z' }, ({ id }: Task) => applied.push(id))
  expect(calls).toEqual([
    { board: 'work', id: 'a', before: 'z' },
    { board: 'work', id: 'b', after: 'a' },
  ])
  expect(applied).toEqual(['a', 'b'])
})
