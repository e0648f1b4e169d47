import { isObject } from '../../../formats/json.ts'
import { itemLine } from '../../questions/schema-fields.ts'
import type { ShownWalk } from './walk.ts'

type ListChange = NonNullable<ShownWalk['visits'][number]['edited']>['changes'][number]

/** A line of a change: the old value (-), the new value (+), or the name of the item. */
export interface ChangeLine {
  sign: '-' | '+' | ''
  text: string
}

/** @returns the lines of a change; for a changed item, only the fields that differ */
export function changeLines({ after, before, change, from, to }: ListChange): ChangeLine[] {
  if (change === 'added') return [{ sign: '+', text: wordsOf(after) }]
  if (change === 'removed') return [{ sign: '-', text: wordsOf(before) }]
  const name = itemLine(after) ?? `item ${to ?? ''}`
  if (change === 'moved') return [{ sign: '', text: `${name}: from ${from ?? ''} to ${to ?? ''}` }]
  if (!isObject(before) || !isObject(after))
    return [
      { sign: '-', text: wordsOf(before) },
      { sign: '+', text: wordsOf(after) },
    ]
  const fields = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter(
    (field) => JSON.stringify(before[field]) !== JSON.stringify(after[field]),
  )
  return [
    { sign: '', text: name },
    ...fields.flatMap((field): ChangeLine[] => [
      ...(before[field] === undefined
        ? []
        : [{ sign: '-' as const, text: `${field}: ${wordsOf(before[field])}` }]),
      ...(after[field] === undefined
        ? []
        : [{ sign: '+' as const, text: `${field}: ${wordsOf(after[field])}` }]),
    ]),
  ]
}

function wordsOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (!isObject(value)) return JSON.stringify(value)
  return Object.entries(value)
    .map(([field, one]) => `${field}: ${typeof one === 'string' ? one : JSON.stringify(one)}`)
    .join(' · ')
}
