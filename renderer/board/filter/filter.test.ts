import { expect, it } from 'vitest'
import { hasFailed } from '../../../contract/states.ts'
import { fakeCards } from '../../shared/fake-data.ts'
import { type Filter, formatFilter, matches, NOBODY, parseFilter } from './filter.ts'

const OPEN: Filter = {
  text: '',
  profile: null,
  tenant: null,
  label: null,
  status: [],
  needsMe: false,
  failed: false,
  unmerged: false,
}
const cards = fakeCards(300, Date.UTC(2026, 10, 22))
const left = (filter: Partial<Filter>, found: ReadonlySet<string> | null = null) =>
  cards.filter((card) => matches(card, { ...OPEN, ...filter }, found))

it('a filter survives a round trip through the address', () => {
  const filter: Filter = {
    text: 'flaky test',
    profile: 'claude',
    tenant: 'infra',
    label: 'ui',
    status: ['ready', 'blocked'],
    needsMe: true,
    failed: true,
    unmerged: true,
  }
  expect(parseFilter(formatFilter(filter))).toEqual(filter)
  expect(parseFilter({})).toEqual(OPEN)
})

it('a label leaves the cards that have it', () => {
  const [first] = cards as [(typeof cards)[number]]
  const labelled = { ...first, labels: ['ui', 'urgent'] }
  expect(matches(labelled, { ...OPEN, label: 'ui' }, null)).toBe(true)
  expect(matches(labelled, { ...OPEN, label: 'docs' }, null)).toBe(false)
})

it('an unknown status is ignored', () => {
  expect(parseFilter({ status: 'ready,sleeping' }).status).toEqual(['ready'])
})

it('an empty filter leaves every card', () => {
  expect(left({})).toHaveLength(cards.length)
})

it('needs me means blocked or in review', () => {
  expect(new Set(left({ needsMe: true }).map((card) => card.status))).toEqual(new Set(['blocked', 'review']))
})

it('a task that failed and is now done or running does not count as failed', () => {
  const failed = left({ failed: true })
  expect(failed.length).toBeGreaterThan(0)
  expect(failed.filter((card) => card.status === 'done' || card.status === 'running')).toEqual([])
  expect(failed.every(hasFailed)).toBe(true)
})

it('text matches title, id, and the results of the full-text search', () => {
  const [first, second] = cards as [(typeof cards)[number], (typeof cards)[number]]
  expect(left({ text: first.id }).map((card) => card.id)).toEqual([first.id])
  expect(left({ text: 'no title has this' }, new Set([second.id])).map((card) => card.id)).toEqual([
    second.id,
  ])
  expect(left({ text: first.title.toUpperCase() })).toContain(first)
})

it('offers nobody among the profiles', () => {
  expect(left({ profile: NOBODY }).every((card) => card.assignee === null)).toBe(true)
})
