import { isDeepStrictEqual } from 'node:util'
import type { ListChangeKind } from '../../contract/workflow-kinds.ts'

/** The change of one item of a list. Places count from 1. */
export interface ListChange {
  change: ListChangeKind
  from: number | null
  to: number | null
  before: unknown
  after: unknown
}

/**
 * Compares two lists. Equal items are the same item; of the others, two items with the same name are one item that changed. As
 * few items as possible count as moved.
 *
 * @returns the items that differ, in the order of the new list; those that were removed last
 */
export function listChanges(before: readonly unknown[], after: readonly unknown[]): ListChange[] {
  const partner = matched(before, after)
  const kept = after.flatMap((_, to) => partner.get(to) ?? [])
  const stays = longestRise(kept)
  const changes = after.flatMap((item, to): ListChange[] => {
    const from = partner.get(to)
    if (from === undefined) return [{ change: 'added', from: null, to: to + 1, before: null, after: item }]
    const old = before[from]
    const place = { from: from + 1, to: to + 1, before: old, after: item }
    if (!isDeepStrictEqual(old, item)) return [{ change: 'changed', ...place }]
    return stays.has(from) ? [] : [{ change: 'moved', ...place }]
  })
  const used = new Set(partner.values())
  const removed = before.flatMap((item, from): ListChange[] =>
    used.has(from) ? [] : [{ change: 'removed', from: from + 1, to: null, before: item, after: null }],
  )
  return [...changes, ...removed]
}

/** @returns the old place of each item that was in the old list, by its new place */
function matched(before: readonly unknown[], after: readonly unknown[]): Map<number, number> {
  const partner = new Map<number, number>()
  const used = new Set<number>()
  const match = (textOf: (item: unknown) => string | null) => {
    const free = new Map<string, number[]>()
    for (const [from, item] of before.entries()) {
      const text = used.has(from) ? null : textOf(item)
      if (text !== null) free.set(text, [...(free.get(text) ?? []), from])
    }
    for (const [to, item] of after.entries()) {
      if (partner.has(to)) continue
      const from = free.get(textOf(item) ?? '')?.shift()
      if (from === undefined) continue
      partner.set(to, from)
      used.add(from)
    }
  }
  match((item) => JSON.stringify(item))
  match(nameOf)
  return partner
}

/** The fields that name an item, the most reliable first. */
const NAMES = ['key', 'id', 'name', 'title']

function nameOf(item: unknown): string | null {
  if (typeof item !== 'object' || item === null) return null
  const name = NAMES.find((one) => typeof (item as Record<string, unknown>)[one] === 'string')
  return name === undefined ? null : `${name} ${String((item as Record<string, unknown>)[name])}`
}

/** @returns the members of a longest increasing subsequence of a list of different numbers */
function longestRise(numbers: readonly number[]): Set<number> {
  /** For each length, the index of the smallest last number of an increasing subsequence of that length. */
  const ends: number[] = []
  const previous: number[] = []
  for (const [index, number] of numbers.entries()) {
    let at = 0
    while (at < ends.length && (numbers[ends[at] ?? 0] ?? 0) < number) at += 1
    previous[index] = at === 0 ? -1 : (ends[at - 1] ?? -1)
    ends[at] = index
  }
  const rise = new Set<number>()
  for (let index = ends.at(-1) ?? -1; index >= 0; index = previous[index] ?? -1) rise.add(numbers[index] ?? 0)
  return rise
}
