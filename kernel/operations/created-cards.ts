import { OperationError } from '../../contract/index.ts'
import type { Reader } from '../db/connection.ts'
import { writeEvent } from '../lifecycle/write-event.ts'
import { requireTask } from '../lifecycle/transition.ts'
import * as taskEvents from '../tables/task-events.ts'
import * as taskLinks from '../tables/task-links.ts'
import * as tasks from '../tables/tasks.ts'
import type { BoardContext } from './handler.ts'

/**
 * Checks the ids that a worker says it created. Each must exist; for a worker, each must also have been created by
 * this very run, or be a child of its task. A wrong claim is recorded on the run, and the completion is refused.
 *
 * @throws OperationError UNKNOWN_CARDS
 */
export async function checkCreatedCards(
  context: BoardContext,
  taskId: string,
  ids: readonly string[],
): Promise<void> {
  if (ids.length === 0) return
  const task = requireTask(context.read, taskId)
  const unknown = ids.filter((id) => !isCreatedHere(context, taskId, id))
  if (unknown.length === 0) return
  await context.write((tx) =>
    writeEvent(tx, 'cards_rejected', taskId, task.current_run_id, { unknown, claimed: ids }),
  )
  throw new OperationError(
    'UNKNOWN_CARDS',
    `The completion was refused: this run did not create ${unknown.join(', ')}.`,
    { unknown },
  )
}

function isCreatedHere({ read, worker }: BoardContext, taskId: string, id: string): boolean {
  if (read.get(tasks.byId, { id }) === undefined) return false
  if (worker === undefined) return true
  if (read.all(taskLinks.childrenOf, { id: taskId }).some((child) => child.id === id)) return true
  return runThatCreated(read, id) === worker.run_id
}

/** @returns the run whose worker created a task; null if no worker did */
export function runThatCreated(read: Reader, id: string): number | null {
  const created = read.all(taskEvents.ofTask, { task_id: id }).find((event) => event.kind === 'created')
  if (created?.payload == null) return null
  return (JSON.parse(created.payload) as { by_run?: number | null }).by_run ?? null
}
