import fc from 'fast-check'
import { expect, it } from 'vitest'
import { formatRoute, parseRoute, type Route } from './router.svelte.ts'
import { VIEWS } from '../../formats/views.ts'

const HOME: Route = { view: 'board', board: null, task: null, attempt: null, section: null, query: {} }

it.each<[string, Partial<Route>]>([
  ['', {}],
  ['#/', {}],
  ['#/board/work', { board: 'work' }],
  ['#/board/work/task/t_1', { board: 'work', task: 't_1' }],
  ['#/board/work/task/t_1/run/3', { board: 'work', task: 't_1', attempt: 3 }],
  ['#/board/work/inbox/task/t_1', { board: 'work', view: 'inbox', task: 't_1' }],
  ['#/board/work?q=flaky%20test&failed=1', { board: 'work', query: { q: 'flaky test', failed: '1' } }],
  ['#/settings/profiles', { view: 'settings', section: 'profiles' }],
  ['#/workers', { view: 'workers' }],
])('parses the address %s', (hash, route) => {
  expect(parseRoute(hash)).toEqual({ ...HOME, ...route })
})

it.each(['#/board/work/task/t_1/run/0', '#/board/work/task/t_1/run/-1', '#/board/work/task/t_1/run/x'])(
  'finds no attempt in %s',
  (hash) => {
    expect(parseRoute(hash)).toEqual({ ...HOME, board: 'work', task: 't_1' })
  },
)

it('shows the board for an unknown view', () => {
  expect(parseRoute('#/board/work/no-such-view').view).toBe('board')
})

it('a stray % in an address typed by hand is a plain character', () => {
  expect(parseRoute('#/board/50%/task/t_1').board).toBe('50%')
})

it('every route survives a round trip through the address', () => {
  const word = fc.string({ minLength: 1, unit: 'grapheme' })
  const places = fc.record<Route>({
    view: fc.constantFrom(...VIEWS.map(({ view }) => view)),
    board: word,
    task: fc.option(word),
    attempt: fc.constant(null),
    section: fc.constant(null),
    query: fc.dictionary(word, word),
  })
  fc.assert(
    fc.property(places, fc.integer({ min: 1, max: 99 }), (place, attempt) => {
      const route = { ...place, attempt: place.task === null ? null : attempt }
      // Settings have no task in the address: what follows is their section.
      fc.pre(route.view !== 'settings' || route.task === null)
      expect(parseRoute(formatRoute(route))).toEqual({ ...route, query: { ...route.query } })
    }),
  )
})
