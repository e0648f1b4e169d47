import { describe, expect, it } from 'vitest'
import type { Card } from '../../../contract/index.ts'
import { fakeCards } from '../../shared/fake-data.ts'
import { DEFAULT_COLUMNS, formatList, listRows, parseList } from './list-model.ts'

const [card] = fakeCards(1, Date.UTC(2026, 10, 22)) as [Card]
const at = (id: string, fields: Partial<Card>): Card => ({
  ...card,
  priority: 0,
  labels: [],
  due_at: null,
  id,
  ...fields,
})
const plain = { columns: DEFAULT_COLUMNS, sort: null, group: null } as const
const keys = (cards: readonly Card[], settings: Partial<Parameters<typeof listRows>[1]>) =>
  listRows(cards, { ...plain, ...settings }).map((row) =>
    row.kind === 'group' ? `${row.name} ${row.count}` : row.key,
  )

describe('the list', () => {
  const cards = [
    at('a', { title: 'Task 10', priority: 0, assignee: 'codex', labels: ['ui'] }),
    at('b', { title: 'task 9', priority: 5, assignee: null, due_at: 100 }),
    at('c', { title: 'Alpha', priority: 0, assignee: 'claude', labels: ['api', 'ui'], due_at: 50 }),
  ]

  it('sorts by a column, numbers as numbers, and puts missing values last in both directions', () => {
    expect(keys(cards, { sort: { column: 'title', descending: false } })).toEqual(['c', 'b', 'a'])
    expect(keys(cards, { sort: { column: 'due', descending: false } })).toEqual(['c', 'b', 'a'])
    expect(keys(cards, { sort: { column: 'due', descending: true } })).toEqual(['b', 'c', 'a'])
  })

  it('keeps the order of the board without a sort, and between equal cards', () => {
    expect(keys(cards, {})).toEqual(['a', 'b', 'c'])
    expect(keys(cards, { sort: { column: 'priority', descending: false } })).toEqual(['b', 'a', 'c'])
  })

  it('groups by profile, label and priority, with cards that have none last', () => {
    expect(keys(cards, { group: 'profile' })).toEqual(['claude 1', 'c', 'codex 1', 'a', 'Nobody 1', 'b'])
    expect(keys(cards, { group: 'label' })).toEqual(['api 1', 'c', 'ui 1', 'a', 'No label 1', 'b'])
    expect(keys(cards, { group: 'priority' })).toEqual(['Priority 5 1', 'b', 'Priority Normal 2', 'a', 'c'])
  })
})

describe('the address of a list', () => {
  it('has only the settings that differ from the default', () => {
    expect(formatList(plain)).toEqual({ cols: '', sort: '', group: '' })
  })

  it('gives the same settings when it is read back', () => {
    const settings = {
      columns: ['title', 'labels', 'id'],
      sort: { column: 'age', descending: true },
      group: 'status',
    } as const
    expect(parseList(formatList(settings))).toEqual(settings)
  })

  it('keeps the known settings and ignores unknown ones', () => {
    expect(parseList({ cols: 'status,cost', sort: '-cost', group: 'cost' })).toEqual({
      columns: ['title', 'status'],
      sort: null,
      group: null,
    })
  })
})
