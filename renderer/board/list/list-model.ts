import type { Card } from '../../../contract/index.ts'
import { TASK_STATUSES } from '../../../contract/states.ts'
import { priorityName } from '../../../formats/priority.ts'
import { compareNaturally } from '../../shared/natural-order.ts'
import { label } from '../../shared/tones.ts'
import { stateSince } from '../card-order.ts'

/** The columns of the list, in display order. The title is always there. */
export const LIST_COLUMNS = [
  'title',
  'status',
  'profile',
  'priority',
  'labels',
  'tenant',
  'due',
  'age',
  'attempts',
  'children',
  'comments',
  'created',
  'id',
] as const
export type ListColumn = (typeof LIST_COLUMNS)[number]

export const DEFAULT_COLUMNS: readonly ListColumn[] = [
  'title',
  'status',
  'profile',
  'priority',
  'labels',
  'due',
  'age',
  'attempts',
]

export const GROUPINGS = ['status', 'profile', 'label', 'priority'] as const
export type Grouping = (typeof GROUPINGS)[number]

export interface ListSettings {
  columns: readonly ListColumn[]
  /** null: as on the board, column after column. */
  sort: { column: ListColumn; descending: boolean } | null
  group: Grouping | null
}

/** @param query the query of the address: `cols`, `sort` (`-` before a column for descending), `group` */
export function parseList(query: Readonly<Record<string, string>>): ListSettings {
  const wanted = (query['cols'] ?? '').split(',')
  const columns = LIST_COLUMNS.filter((column) => column === 'title' || wanted.includes(column))
  const sort = /^(-?)(\w+)$/.exec(query['sort'] ?? '')
  const column = LIST_COLUMNS.find((name) => name === sort?.[2])
  return {
    columns: query['cols'] === undefined ? DEFAULT_COLUMNS : columns,
    sort: column === undefined ? null : { column, descending: sort?.[1] === '-' },
    group: GROUPINGS.find((grouping) => grouping === query['group']) ?? null,
  }
}

/** @returns the query of the address; an empty text removes its parameter */
export function formatList({ columns, sort, group }: ListSettings): Record<string, string> {
  const cols = columns.join(',')
  return {
    cols: cols === DEFAULT_COLUMNS.join(',') ? '' : cols,
    sort: sort === null ? '' : `${sort.descending ? '-' : ''}${sort.column}`,
    group: group ?? '',
  }
}

type Key = string | number | null

const KEYS: Record<ListColumn, (card: Card) => Key> = {
  title: (card) => card.title,
  status: (card) => TASK_STATUSES.indexOf(card.status),
  profile: (card) => card.assignee,
  priority: (card) => -card.priority, // the most urgent first
  labels: (card) => card.labels[0] ?? null,
  tenant: (card) => card.tenant,
  due: (card) => card.due_at,
  age: (card) => stateSince(card),
  attempts: (card) => -card.attempt_count,
  children: (card) => -card.children.length,
  comments: (card) => -card.comment_count,
  created: (card) => -card.created_at,
  id: (card) => card.id,
}

/** Compares two keys; a missing value comes last in either direction. */
function compare(a: Key, b: Key, sign: number): number {
  if (a === b) return 0
  if (a === null) return 1
  if (b === null) return -1
  const result = typeof a === 'string' ? compareNaturally(a, String(b)) : a - Number(b)
  return sign * result
}

export type ListRow =
  { kind: 'group'; key: string; name: string; count: number } | { kind: 'card'; key: string }

/** @param cards in the order of the board, which decides between equal ones */
export function listRows(cards: readonly Card[], { sort, group }: ListSettings): ListRow[] {
  const sorted =
    sort === null
      ? [...cards]
      : [...cards].sort((a, b) =>
          compare(KEYS[sort.column](a), KEYS[sort.column](b), sort.descending ? -1 : 1),
        )
  const rowOf = ({ id }: Card): ListRow => ({ kind: 'card', key: id })
  if (group === null) return sorted.map(rowOf)
  const groups = new Map<string, { order: Key; name: string; cards: Card[] }>()
  for (const card of sorted) {
    const { order, name } = groupOf(card, group)
    const known = groups.get(name) ?? { order, name, cards: [] }
    known.cards.push(card)
    groups.set(name, known)
  }
  return [...groups.values()]
    .sort((a, b) => compare(a.order, b.order, 1))
    .flatMap(({ name, cards: own }) => [
      { kind: 'group' as const, key: `group ${name}`, name, count: own.length },
      ...own.map(rowOf),
    ])
}

/** @returns the group of a card; a card with several labels is in the group of its first */
function groupOf(card: Card, group: Grouping): { order: Key; name: string } {
  switch (group) {
    case 'status':
      return { order: TASK_STATUSES.indexOf(card.status), name: label(card.status) }
    case 'profile':
      return { order: card.assignee, name: card.assignee ?? 'Nobody' }
    case 'label':
      return { order: card.labels[0] ?? null, name: card.labels[0] ?? 'No label' }
    case 'priority':
      return { order: -card.priority, name: `Priority ${priorityName(card.priority)}` }
  }
}
