import type { ContextLimits } from '../../formats/context-limits.ts'
import type { Reader } from '../db/connection.ts'
import type { TaskRow } from '../tables/tasks.ts'
import * as tasks from '../tables/tasks.ts'
import * as workflowItems from '../tables/workflow-items.ts'
import { plain, quote } from './context-frame.ts'

/** @returns the part of the context about the card's item: its key, its carrier and its input; empty for any other card */
export function itemPart(reader: Reader, task: TaskRow, { field }: ContextLimits): string {
  const item = reader.get(workflowItems.ofTask, { task_id: task.id })
  const carrier = item === undefined ? undefined : reader.get(tasks.byId, { id: item.carrier_id })
  if (item === undefined || carrier === undefined) return ''
  const input: unknown = JSON.parse(item.input)
  const text = typeof input === 'string' ? input : JSON.stringify(input, null, 2)
  const framed = quote(text, field, `runboard walk ${carrier.id} --json`)
  return `## Your item\n\nThis card is the item “${plain(item.item_key)}” of the step “${item.step_key}” of ${carrier.id}: ${plain(carrier.title)}. Other workers do the other items. Its input:\n\n${framed}`
}
