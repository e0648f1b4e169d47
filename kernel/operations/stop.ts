import { OperationError, type OperationOutput } from '../../contract/index.ts'
import { finishStop, requestStop, type WantedEnd } from '../lifecycle/stop.ts'
import { requireTask } from '../lifecycle/transition.ts'
import * as taskRuns from '../tables/task-runs.ts'
import { stopProcess } from '../dispatcher/stop-process.ts'
import type { BoardContext } from './handler.ts'
import { answer } from './tasks.ts'

/**
 * Ends the run of a running task by a person's hand, in three steps: the wanted end is written and the worker fenced;
 * its process tree is stopped and seen gone; the run is closed. Should this process die between the steps, the next
 * dispatcher finishes what is written.
 *
 * @throws OperationError CONFLICT when the task is not running, or when its processes survive
 */
export async function stopRunning(
  context: BoardContext,
  id: string,
  wanted: Omit<WantedEnd, 'by_move'>,
): Promise<OperationOutput<'task.stop'>> {
  const run = await context.write((tx) =>
    requestStop(tx, requireTask(tx, id), { ...wanted, by_move: context.by_move }),
  )
  const stopped = await stopProcess(context.board, run)
  if (stopped.survivors.length > 0) {
    const pids = stopped.survivors.map((survivor) => survivor.pid).join(', ')
    throw new OperationError(
      'CONFLICT',
      `The processes of task ${id} could not be stopped (${pids} live on); it stays running until they are gone.`,
      { id, survivors: stopped.survivors },
    )
  }
  const ended = await context.board.connection.write(context.caller.actor, (tx) => {
    const now = tx.get(taskRuns.byId, { id: run.id })
    const task = requireTask(tx, id)
    // Whoever watches the process may have been faster; it closed the run by the same row.
    if (now?.ended_at !== null || now === undefined) return { task, run: now ?? run }
    return finishStop(tx, task, now, stopped.exit)
  })
  return answer(context, ended.task, ended.run)
}
