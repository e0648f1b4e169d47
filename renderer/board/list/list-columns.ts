import type { ListColumn } from './list-model.ts'

export const COLUMN_NAMES: Record<ListColumn, string> = {
  title: 'Title',
  status: 'Status',
  profile: 'Profile',
  priority: 'Priority',
  labels: 'Labels',
  tenant: 'Tenant',
  due: 'Due',
  age: 'In this state',
  attempts: 'Attempts',
  children: 'Children',
  comments: 'Comments',
  created: 'Created',
  id: 'Id',
}

const WIDTHS: Record<ListColumn, string> = {
  title: 'minmax(260px, 3fr)',
  status: '112px',
  profile: 'minmax(110px, 0.7fr)',
  priority: '76px',
  labels: 'minmax(110px, 0.8fr)',
  tenant: '110px',
  due: '110px',
  age: '104px',
  attempts: 'minmax(172px, 0.7fr)',
  children: '84px',
  comments: '92px',
  created: '104px',
  id: '96px',
}

/** @returns the value of `grid-template-columns`, the same for the head and each row */
export function gridOf(columns: readonly ListColumn[]): string {
  return columns.map((column) => WIDTHS[column]).join(' ')
}
