import { type EventKind, isRunScoped } from '../../contract/index.ts'
import type { WriteTx } from '../db/connection.ts'
import * as taskEvents from '../tables/task-events.ts'

/** A JSON object, or nothing. An empty one is stored as nothing. */
export type Payload = Record<string, unknown> | null

/**
 * Writes an event of a task, in the transaction of the change that it reports.
 *
 * @param runId the run it belongs to; null for task-scoped kinds, and for a completion or block that has no run
 */
export function writeEvent(
  tx: WriteTx,
  kind: EventKind,
  taskId: string | null,
  runId: number | null,
  payload: Payload = null,
  actor: string = tx.actor,
): void {
  const isEmpty = payload === null || Object.keys(payload).length === 0
  tx.run(taskEvents.insert, {
    task_id: taskId,
    run_id: isRunScoped(kind) ? runId : null,
    kind,
    payload: isEmpty ? null : JSON.stringify(payload),
    actor,
    created_at: tx.now,
  })
}

/** The first line of a text, at most `limit` characters: the part of a summary that an event carries. */
export function firstLine(value: string | null, limit = 400): string | null {
  if (value === null) return null
  return (value.split('\n', 1)[0] ?? '').slice(0, limit)
}
