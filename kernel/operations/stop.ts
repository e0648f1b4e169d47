import { OperationError, type OperationOutput } from '../../contract/index.ts'
import type { WriteTx } from '../db/connection.ts'
import type { Moved } from '../lifecycle/moved.ts'
import { finishStop, requestStop, takeFromWorker, type WantedEnd } from '../lifecycle/stop.ts'
import { requireTask } from '../lifecycle/transition.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { RunRow } from '../tables/task-runs.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { stopProcess, targetOf } from '../board/stop-process.ts'
import { isWithin, type TreeProcess } from '../workers/process/tree.ts'
import type { BoardContext } from './handler.ts'
import { answer } from './tasks.ts'
import { withWarnings } from './warnings.ts'

/**
 * Ends the run of a running task for a person, in three steps: record the wanted end and fence the worker; stop its
 * process tree and verify that it is gone; close the run. If this process dies between the steps, the next dispatcher
 * finishes the stop.
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
  const ended = await seeStopThrough(context, id, run)
  return answer(context, ended.task, ended.run)
}

/**
 * Stops the process of a run whose end is recorded, and closes the run.
 *
 * @throws OperationError CONFLICT when its processes survive; a dispatcher tries again
 */
export async function seeStopThrough(
  context: BoardContext,
  id: string,
  run: RunRow,
): Promise<{ task: TaskRow; run: RunRow | null }> {
  const stopped = await stopProcess(context.board, run)
  if (stopped.survivors.length > 0) {
    throw new OperationError(
      'CONFLICT',
      `The processes of task ${id} could not be stopped (${pidsOf(stopped.survivors)} live on); it stays running until they are gone.`,
      { id, survivors: stopped.survivors },
    )
  }
  return context.board.connection.write(context.caller.actor, (tx) => {
    const now = tx.get(taskRuns.byId, { id: run.id })
    const task = requireTask(tx, id)
    // The process that watches the worker may have been faster; it closed the run by the same row.
    if (now?.ended_at !== null || now === undefined) return { task, run: now ?? run }
    return finishStop(tx, task, now, stopped.exit)
  })
}

/**
 * Ends a task's run by a verb of its own: complete, block, request review. A worker that calls it may finish its
 * current work. When a person calls it, the task is taken from the worker, and its process tree is gone when this
 * answers.
 *
 * @param verb the change to make, in the transaction that fences the worker
 */
export async function endRun(
  context: BoardContext,
  id: string,
  verb: (tx: WriteTx, task: TaskRow) => Moved,
): Promise<OperationOutput<'task.complete'>> {
  const isPerson = context.worker === undefined && !(await isCalledByWorker(context, id))
  const { task, run, taken } = await context.write((tx) => {
    const now = requireTask(tx, id)
    const left = isPerson ? takeFromWorker(tx, now) : null
    return { ...verb(tx, now), taken: left }
  })
  if (taken === null) return answer(context, task, run)
  const { exit, survivors } = await stopProcess(context.board, taken)
  if (exit !== null) {
    await context.board.connection.write(context.caller.actor, (tx) =>
      tx.returning(taskRuns.noteExit, { id: taken.id, now: tx.now, ...exit }),
    )
  }
  const ended = context.read.get(taskRuns.byId, { id: taken.id }) ?? run
  return {
    ...answer(context, task, ended),
    ...withWarnings(survivors.length > 0 ? [liveOn(id, survivors)] : []),
  }
}

/**
 * A worker may have dropped its environment before it reports, so we recognise it by its process: it must not stop
 * itself in the middle of its work.
 */
async function isCalledByWorker({ read }: BoardContext, id: string): Promise<boolean> {
  const { current_run_id } = requireTask(read, id)
  const run = current_run_id === null ? undefined : read.get(taskRuns.byId, { id: current_run_id })
  const target = run === undefined ? null : targetOf(run)
  return target !== null && isWithin(target)
}

function liveOn(id: string, survivors: readonly TreeProcess[]): string {
  return `The processes of the last worker of task ${id} could not be stopped (${pidsOf(survivors)} live on). The dispatcher tries again.`
}

function pidsOf(processes: readonly TreeProcess[]): string {
  return processes.map(({ pid }) => pid).join(', ')
}
