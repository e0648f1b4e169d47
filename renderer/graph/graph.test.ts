import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { TaskStatus } from '../../contract/states.ts'
import { buildGraph, heldUpLinks, linkId, Neighbours } from './graph-model.ts'
import { layOut, NODE } from './layout.ts'
import { stepFrom } from './walk-graph.ts'

interface Given {
  status?: TaskStatus
  held?: boolean
  parents?: string[]
}

/** Cards by id. */
function cardsOf(given: Record<string, Given>) {
  return Object.entries(given).map(([id, { status = 'todo', held = false, parents = [] }]) => ({
    id,
    status,
    held,
    parents,
  }))
}

const CHAIN = { a: { status: 'blocked' }, b: { parents: ['a'] }, c: { parents: ['b'] } } as const

function mutable(given: typeof CHAIN): Record<string, Given> {
  return structuredClone(given) as unknown as Record<string, Given>
}

describe('the graph of a board', () => {
  it('contains linked tasks, and counts those without links', () => {
    const cards = cardsOf({ ...mutable(CHAIN), alone: {} })
    expect(buildGraph(cards, false)).toEqual({
      ids: ['a', 'b', 'c'],
      links: [
        ['a', 'b'],
        ['b', 'c'],
      ],
      single: 1,
      finished: 0,
    })
  })

  it('leaves out chains of finished tasks unless requested, and links to tasks that are not loaded', () => {
    const cards = cardsOf({ x: { status: 'done', parents: ['gone'] }, y: { status: 'done', parents: ['x'] } })
    expect(buildGraph(cards, false)).toEqual({ ids: [], links: [], single: 0, finished: 2 })
    expect(buildGraph(cards, true).links).toEqual([['x', 'y']])
  })

  it('highlights the path behind a task that needs a person, as far as tasks wait for it', () => {
    const given: Record<string, Given> = {
      ...mutable(CHAIN),
      d: { status: 'done', parents: ['a'] },
      e: { parents: ['d'] },
      f: { status: 'running' },
      g: { parents: ['f', 'b'] },
    }
    const cards = cardsOf(given)
    const lit = heldUpLinks(buildGraph(cards, false), (id) => cards.find((card) => card.id === id))
    expect([...lit].sort()).toEqual([linkId('a', 'b'), linkId('b', 'c'), linkId('b', 'g')])
  })

  it('finds the chain of a task: everything before and after it, and nothing else', () => {
    const cards = cardsOf({ a: {}, b: { parents: ['a'] }, c: { parents: ['b'] }, side: { parents: ['a'] } })
    const chain = new Neighbours(buildGraph(cards, false)).chain('b')
    expect([...chain].sort()).toEqual(['a', 'b', 'c'])
  })
})

describe('the layout', () => {
  it('places a task to the right of what it waits for, without overlaps', () => {
    const links = fc.uniqueArray(fc.tuple(fc.nat(11), fc.nat(11)), { maxLength: 24 })
    fc.assert(
      fc.property(links, (pairs) => {
        const ids = Array.from({ length: 12 }, (_, index) => String(index))
        const edges = pairs.filter(([a, b]) => a < b).map(([a, b]) => [String(a), String(b)] as const)
        const positions = layOut({ ids, links: edges })
        for (const [parent, child] of edges) {
          expect(positions[child]!.x).toBeGreaterThanOrEqual(positions[parent]!.x + NODE.width)
        }
        for (const a of ids) {
          for (const b of ids) {
            if (a >= b) continue
            const [one, other] = [positions[a]!, positions[b]!]
            const apart = Math.abs(one.x - other.x) >= NODE.width || Math.abs(one.y - other.y) >= NODE.height
            expect(apart, `${a} and ${b}`).toBe(true)
          }
        }
      }),
      { numRuns: 30 },
    )
  })

  it('moves by arrow keys along the links and within a column', () => {
    const cards = cardsOf({ a: {}, b: { parents: ['a'] }, c: { parents: ['a'] } })
    const graph = buildGraph(cards, false)
    const [positions, neighbours] = [layOut(graph), new Neighbours(graph)]
    const [upper, lower] = positions['b']!.y < positions['c']!.y ? ['b', 'c'] : ['c', 'b']
    expect(stepFrom('b', 'ArrowLeft', positions, neighbours)).toBe('a')
    expect(stepFrom('a', 'ArrowLeft', positions, neighbours)).toBeNull()
    expect(['b', 'c']).toContain(stepFrom('a', 'ArrowRight', positions, neighbours))
    expect(stepFrom(upper, 'ArrowDown', positions, neighbours)).toBe(lower)
    expect(stepFrom(upper, 'ArrowUp', positions, neighbours)).toBeNull()
    expect(stepFrom('c', 'Home', positions, neighbours)).toBe('a')
  })
})
