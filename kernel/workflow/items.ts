import type { StepOf } from '../../contract/workflow-file.ts'
import type { ItemState } from '../../contract/workflow-kinds.ts'
import { isObject } from '../../formats/json.ts'
import { projectOfItem } from './item-project.ts'
import { parseReference, valueOf, type Values } from './references.ts'

/** Pure functions about the items of a map step: reading them from a list, and combining their results. */

/** An item of the list of a map step. */
export interface Item {
  /** Unique in its list. */
  key: string
  /** From 1, in the order of the list. */
  position: number
  input: unknown
  /** The keys of the items that must be done first. */
  after: string[]
  /** The title of its card. */
  title: string
  /** The project folder that it works in; null for that of its carrier. */
  project: string | null
}

const LONGEST_KEY = 200
const LONGEST_TITLE = 200

/**
 * Reads the list of a map step.
 *
 * @returns its items, or a sentence that says why they cannot be made. A list that is too long is never cut.
 */
export function itemsOf(step: StepOf<'map'>, values: Values): { items: Item[] } | { problem: string } {
  const reference = parseReference(step.over)
  const list = reference === null ? undefined : valueOf(reference, values)
  // An optional input that was not given.
  if (list === undefined && reference?.of === 'input') return { items: [] }
  if (!Array.isArray(list)) return { problem: `“${step.over}” is not a list.` }
  if (list.length > step.max_items)
    return {
      problem: `“${step.over}” has ${list.length} items; “${step.key}” takes at most ${step.max_items} (max_items).`,
    }
  const items: Item[] = []
  const seen = new Set<string>()
  const own = list.map((input) => ownKey(step, input))
  const taken = new Set(own)
  for (const [index, input] of list.entries()) {
    const key = own[index] ?? (step.item_key === undefined ? freeNumber(index + 1, taken) : null)
    if (key === null)
      return { problem: `Item ${index + 1} of “${step.over}” has no usable “${step.item_key ?? ''}”.` }
    if (seen.has(key)) return { problem: `Two items of “${step.over}” have the key “${key}”.` }
    seen.add(key)
    const after = afterOf(step, input)
    if (after === null)
      return { problem: `“${step.after ?? ''}” of the item “${key}” is not a list of keys.` }
    const place = projectOfItem(step, { ...values, item: input })
    if ('problem' in place) return { problem: `The item “${key}” of “${step.over}”: ${place.problem}.` }
    items.push({ key, position: index + 1, input, after, title: titleOf(key, input), ...place })
  }
  const problem = orderProblem(items)
  return problem === null ? { items } : { problem }
}

function field(input: unknown, name: string): unknown {
  return isObject(input) && Object.hasOwn(input, name) ? input[name] : undefined
}

/** @returns the key from the item: its `item_key` field, or the item if it is a string; null when it cannot be a key */
function ownKey({ item_key: name }: StepOf<'map'>, input: unknown): string | null {
  const value = name !== undefined ? field(input, name) : typeof input === 'string' ? input : null
  const text = typeof value === 'string' ? oneLine(value) : Number.isFinite(value) ? String(value) : ''
  return text === '' || text.length > LONGEST_KEY ? null : text
}

/** Takes the first number, counting up from `from`, that is not the key of another item. */
function freeNumber(from: number, taken: Set<string | null>): string {
  let number = from
  while (taken.has(String(number))) number += 1
  taken.add(String(number))
  return String(number)
}

function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, ' ').trim()
}

/** @returns the keys of the items that come before one; null for anything but a list of keys, none for a missing list */
export function afterOf({ after: name }: Pick<StepOf<'map'>, 'after'>, input: unknown): string[] | null {
  const value = name === undefined ? undefined : field(input, name)
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) return null
  const keys = value.map((one) =>
    typeof one === 'string' ? oneLine(one) : typeof one === 'number' ? String(one) : '',
  )
  return keys.includes('') ? null : [...new Set(keys)]
}

function titleOf(key: string, input: unknown): string {
  const title = typeof input === 'string' ? input : field(input, 'title')
  const text = typeof title === 'string' ? oneLine(title) : ''
  return text === '' ? key : text.length <= LONGEST_TITLE ? text : `${text.slice(0, LONGEST_TITLE - 1)}…`
}

/** @returns a sentence when an item comes after one that does not exist, or when items wait for each other in a circle */
function orderProblem(items: readonly Item[]): string | null {
  const waiting = new Map(items.map(({ after, key }) => [key, new Set(after)]))
  for (const { after, key } of items) {
    const unknown = after.find((one) => !waiting.has(one))
    if (unknown !== undefined) return `The item “${key}” comes after “${unknown}”, which does not exist.`
  }
  const followers = new Map<string, string[]>()
  for (const { after, key } of items)
    for (const before of after) followers.set(before, [...(followers.get(before) ?? []), key])
  const free = items.filter(({ after }) => after.length === 0).map(({ key }) => key)
  for (let key = free.pop(); key !== undefined; key = free.pop()) {
    waiting.delete(key)
    for (const follower of followers.get(key) ?? []) {
      const before = waiting.get(follower)
      before?.delete(key)
      if (before?.size === 0) free.push(follower)
    }
  }
  if (waiting.size === 0) return null
  const names = [...waiting.keys()].slice(0, 5).map((key) => `“${key}”`)
  return `The items ${names.join(', ')} wait for each other.`
}

/** @returns the verdict of a map step; null while an item is open */
export function verdictOfItems(
  { join }: Pick<StepOf<'map'>, 'join'>,
  states: readonly ItemState[],
): 'succeeded' | 'some_failed' | null {
  if (states.includes('open')) return null
  const isBad = (state: ItemState) => state === 'failed' || (state === 'let_go' && join === 'all_success')
  return states.some(isBad) ? 'some_failed' : 'succeeded'
}

/** The verdict of a list without items. */
export function verdictOfNone(step: Pick<StepOf<'map'>, 'on'>): string {
  return Object.hasOwn(step.on, 'empty') ? 'empty' : 'succeeded'
}

/** An item with the handoff of its card. */
export interface ItemEnd {
  key: string
  state: ItemState
  task_id: string | null
  summary: string | null
  metadata: Record<string, unknown> | null
  /** The commit that stands for its work; absent for an item without a branch of its own. */
  commit?: string
}

/** @returns the items of a map step that a person can choose from: those that succeeded in its latest valid visit */
export function itemsToChoose(values: Values, key: string): ItemEnd[] {
  const items = (values.step(key)?.metadata?.['items'] ?? []) as ItemEnd[]
  return items.filter(({ state }) => state === 'succeeded')
}

/** The names under `steps.KEY.metadata` of a map step, and whether each is a list. */
export const MAP_METADATA: Readonly<Record<string, 'list' | 'number'>> = {
  items: 'list',
  succeeded: 'number',
  failed: 'number',
  let_go: 'number',
}

/** Maximum characters of all results together, and of one. */
const MOST_RESULTS = 200_000
const MOST_RESULT = 8000

/**
 * The handoff of a map step: its items with their results, and the number of items in each end state. A long summary is
 * cut; metadata that is too long is left out.
 */
export function handoffOfItems(items: readonly ItemEnd[]): Record<string, unknown> {
  const most = Math.min(MOST_RESULT, Math.floor(MOST_RESULTS / Math.max(1, items.length)))
  const count = (state: ItemState) => items.filter((item) => item.state === state).length
  return {
    items: items.map(({ summary, metadata, ...item }) => ({
      ...item,
      summary: summary !== null && summary.length > most ? `${summary.slice(0, most)}…` : summary,
      metadata: metadata !== null && JSON.stringify(metadata).length > most ? null : metadata,
    })),
    succeeded: count('succeeded'),
    failed: count('failed'),
    let_go: count('let_go'),
  }
}

/** @returns how the items ended, as a sentence */
export function sentenceOfItems(states: readonly ItemState[]): string {
  if (states.length === 0) return 'There are no items.'
  const count = (state: ItemState) => states.filter((one) => one === state).length
  const parts = [
    `${count('succeeded')} of ${states.length} items succeeded`,
    ...(count('failed') > 0 ? [`${count('failed')} failed`] : []),
  ]
  const letGo = count('let_go') > 0 ? `; a person let ${count('let_go')} go` : ''
  return `${parts.join(', ')}${letGo}.`
}
