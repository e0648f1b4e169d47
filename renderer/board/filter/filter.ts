import type { Card } from '../../../contract/index.ts'
import {
  hasFailed,
  isUnmerged,
  needsPerson,
  TASK_STATUSES,
  type TaskStatus,
} from '../../../contract/states.ts'

/** The board's filter. It is stored in the query part of the address. */
export interface Filter {
  text: string
  profile: string | null
  tenant: string | null
  label: string | null
  status: readonly TaskStatus[]
  needsMe: boolean
  failed: boolean
  /** Only tasks that are done and not merged. */
  unmerged: boolean
}

export const NOBODY = 'none'

export function parseFilter(query: Readonly<Record<string, string>>): Filter {
  const wanted = (query['status'] ?? '').split(',')
  return {
    text: query['q'] ?? '',
    profile: query['profile'] ?? null,
    tenant: query['tenant'] ?? null,
    label: query['label'] ?? null,
    status: TASK_STATUSES.filter((status) => wanted.includes(status)),
    needsMe: query['needs'] === 'me',
    failed: query['failed'] === '1',
    unmerged: query['merged'] === 'no',
  }
}

/** @returns the query part for a filter; an empty text leaves a parameter out */
export function formatFilter(filter: Filter): Record<string, string> {
  return {
    q: filter.text,
    profile: filter.profile ?? '',
    tenant: filter.tenant ?? '',
    label: filter.label ?? '',
    status: filter.status.join(','),
    needs: filter.needsMe ? 'me' : '',
    failed: filter.failed ? '1' : '',
    merged: filter.unmerged ? 'no' : '',
  }
}

export function isNarrow(filter: Filter): boolean {
  return (
    filter.text !== '' ||
    filter.profile !== null ||
    filter.tenant !== null ||
    filter.label !== null ||
    filter.needsMe ||
    filter.failed ||
    filter.unmerged
  )
}

/** @param found ids that the full-text search found for `filter.text`; null until it has answered */
export function matches(card: Card, filter: Filter, found: ReadonlySet<string> | null): boolean {
  if (filter.profile !== null && (card.assignee ?? NOBODY) !== filter.profile) return false
  if (filter.tenant !== null && card.tenant !== filter.tenant) return false
  if (filter.label !== null && !card.labels.includes(filter.label)) return false
  if (filter.needsMe && !needsPerson(card)) return false
  if (filter.failed && !hasFailed(card)) return false
  if (filter.unmerged && !isUnmerged(card)) return false
  if (filter.text === '') return true
  const text = filter.text.toLowerCase()
  return card.id.includes(text) || card.title.toLowerCase().includes(text) || (found?.has(card.id) ?? false)
}
