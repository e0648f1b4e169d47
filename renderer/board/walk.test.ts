import { beforeEach, expect, it, vi } from 'vitest'
import { BoardWalk } from './walk.svelte.ts'

/** A page whose frames are drawn when the test says so, and whose cards can take the focus. */
let page: { body: string; activeElement: string; querySelector: (selector: string) => object }
let frames: (() => void)[]
beforeEach(() => {
  frames = []
  page = {
    body: 'body',
    activeElement: 'body',
    querySelector: (selector) => ({
      focus: () => (page.activeElement = selector),
      scrollIntoView: () => undefined,
    }),
  }
  vi.stubGlobal('document', page)
  vi.stubGlobal('CSS', { escape: (text: string) => text })
  vi.stubGlobal('requestAnimationFrame', (draw: () => void) => frames.push(draw))
})
const drawAll = () => {
  for (const draw of frames.splice(0)) draw()
}

function setup() {
  const walk = new BoardWalk()
  const columns = { ready: ['a', 'b', 'c'], running: [] as string[], done: ['x', 'y'] }
  // Not in visual order: a filter removes columns and adds them back.
  walk.add({ place: 6, ids: () => columns.done, scrollTo: () => undefined })
  walk.add({ place: 2, ids: () => columns.ready, scrollTo: () => undefined })
  walk.add({ place: 3, ids: () => columns.running, scrollTo: () => undefined })
  return { walk, columns }
}

it('the first move goes to the first card', () => {
  const { walk } = setup()
  walk.step('down')
  expect(walk.current).toBe('a')
})

it('moves down and up a column, and past empty columns to the next', () => {
  const { walk } = setup()
  const path = (['down', 'down', 'down', 'down', 'right', 'left', 'first', 'last'] as const).map(
    (direction) => {
      walk.step(direction)
      return walk.current
    },
  )
  expect(path).toEqual(['a', 'b', 'c', 'c', 'y', 'b', 'a', 'c'])
})

it('Shift selects the cards that the movement passes', () => {
  const { walk } = setup()
  walk.step('down')
  walk.step('down', true)
  walk.step('down', true)
  expect([...walk.selected].sort()).toEqual(['a', 'b', 'c'])
  expect(walk.targets).toHaveLength(3)
})

it('a removed card leaves the selection; keys then act on the current card', () => {
  const { walk } = setup()
  walk.toggle('b')
  walk.step('down')
  walk.keep((id) => id !== 'b')
  expect(walk.targets).toEqual(['a'])
})

it('a current card that was removed is not a starting point', () => {
  const { walk, columns } = setup()
  walk.step('last')
  walk.step('last')
  columns.ready = ['a', 'b']
  walk.step('down')
  expect(walk.current).toBe('a')
})

it('only the card where the movement ended takes the focus, with the next frame', async () => {
  const { walk } = setup()
  await Promise.all([walk.goTo('a'), walk.goTo('b')])
  expect(page.activeElement).toBe('body')
  drawAll()
  expect(page.activeElement).toBe('[data-card="b"]')
})

it('an element that has taken the focus in the meantime keeps it', async () => {
  const { walk } = setup()
  await walk.goTo('a')
  page.activeElement = 'drawer'
  drawAll()
  expect(page.activeElement).toBe('drawer')
})
