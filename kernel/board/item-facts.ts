import type { Reader } from '../db/connection.ts'
import { definitionOf } from '../lifecycle/walk.ts'
import * as workflowItems from '../tables/workflow-items.ts'
import * as templates from '../tables/workflow-templates.ts'
import { graphOf } from '../workflow/graph.ts'
import type { BoardFacts, ItemTurn } from './gates.ts'

/** @returns the facts for the gates of items and of their carriers. Reads as many rows as there are open items. */
export function itemFacts(read: Reader): Pick<BoardFacts, 'open_items' | 'item_turns'> {
  const maps = read.all(workflowItems.openMaps, {})
  const turns = new Map<string, ItemTurn>()
  for (const { running, step_key, template_id, visit_id } of maps) {
    const limit = parallelOf(read, template_id, step_key)
    if (limit === null) continue
    const turn = { visit_id, running, limit }
    for (const { task_id } of read.all(workflowItems.openIdsOf, { visit_id })) turns.set(task_id, turn)
  }
  return {
    open_items: new Map(maps.map(({ carrier_id, items, open }) => [carrier_id, { items, open }])),
    item_turns: turns,
  }
}

/** @returns how many items of a map step may run at once; null without a limit */
function parallelOf(read: Reader, template_id: number, key: string): number | null {
  const template = read.get(templates.byId, { id: template_id })
  const step = template === undefined ? undefined : graphOf(definitionOf(template)).steps.get(key)
  return step?.kind === 'map' ? (step.max_parallel ?? null) : null
}

/** @returns the rows, without items that would exceed the `max_parallel` of their map step */
export function withTurn<T extends { id: string }>(
  rows: readonly T[],
  { item_turns }: Pick<BoardFacts, 'item_turns'>,
): T[] {
  const taken = new Map<number, number>()
  return rows.filter(({ id }) => {
    const turn = item_turns.get(id)
    if (turn === undefined) return true
    const now = taken.get(turn.visit_id) ?? turn.running
    if (now >= turn.limit) return false
    taken.set(turn.visit_id, now + 1)
    return true
  })
}
