import type { WriteTx } from '../db/connection.ts'
import * as messages from '../tables/messages.ts'
import type { RunRow } from '../tables/task-runs.ts'
import { writeEvent } from './write-event.ts'

/**
 * Records that the context of a run has delivered messages, in the transaction that records the context: the next attempt
 * does not get them again.
 *
 * @param ids the messages in the context; those that the run has already are skipped
 */
export function deliverInContext(
  tx: WriteTx,
  { id: run_id, task_id }: Pick<RunRow, 'id' | 'task_id'>,
  ids: readonly number[],
): void {
  for (const id of ids) {
    if (tx.returning(messages.deliverInContext, { id, run_id, now: tx.now }) === undefined) continue
    writeEvent(tx, 'message_delivered', task_id, run_id, { message_id: id, how: messages.IN_CONTEXT })
  }
}

/** Leaves the messages in the context of a run for the next attempt: the program that was to read them never ran. */
export function giveBackMessages(tx: WriteTx, { id: run_id }: Pick<RunRow, 'id'>): void {
  tx.run(messages.giveBack, { run_id })
}
