import {
  asOperationError,
  type CallName,
  type CheckedInput,
  hasEnded,
  legalTargets,
  OperationError,
  operationList,
  type OperationOutput,
  type TaskStatus,
  verbForMove,
} from '../../contract/index.ts'
import { holdTask, releaseTask } from '../lifecycle/hold.ts'
import { archiveTask, restoreTask } from '../lifecycle/archive.ts'
import { rankTask } from '../lifecycle/rank.ts'
import { stoppingItems } from '../lifecycle/stop.ts'
import { scheduleTask } from '../lifecycle/schedule.ts'
import { promoteFromTriage, reopenTask } from '../lifecycle/promote.ts'
import { refuseVerb, requireTask } from '../lifecycle/transition.ts'
import { writeEvent } from '../lifecycle/write-event.ts'
import * as tasks from '../tables/tasks.ts'
import type { RunRow } from '../tables/task-runs.ts'
import type { TaskRow } from '../tables/tasks.ts'
import type { BoardContext, BoardHandlers } from './handler.ts'
import { seeStopThrough, stopRunning } from './stop.ts'
import { answer } from './tasks.ts'
import { withWarnings } from './warnings.ts'

type TaskAnswer = OperationOutput<'task.complete'>

export const moveHandlers = {
  'task.hold': async (context, { id, reason }) =>
    answer(context, await context.write((tx) => holdTask(tx, requireTask(tx, id), reason)), null),

  'task.release': async (context, { id }) =>
    answer(context, await context.write((tx) => releaseTask(tx, requireTask(tx, id))), null),

  'task.schedule': async (context, { id, not_before_at }) => {
    const task = await context.write((tx) => {
      const before = requireTask(tx, id)
      if (hasEnded(before)) throw refuseVerb(before, 'rescheduled')
      return scheduleTask(tx, before, not_before_at)
    })
    return answer(context, task, null)
  },

  'task.rank': async (context, { id, before, after, place }) => {
    const ranked = await context.write((tx) => rankTask(tx, requireTask(tx, id), { before, after, place }))
    return answer(context, ranked, null)
  },

  'task.promote': async (context, { id }) => {
    const { task } = await context.write((tx) => promoteFromTriage(tx, requireTask(tx, id)))
    return answer(context, task, null)
  },

  'task.reopen': async (context, { id, note }) => {
    const { task } = await context.write((tx) => reopenTask(tx, requireTask(tx, id), note))
    return answer(context, task, null)
  },

  'task.archive': async (context, { id }) => {
    const isRunning = requireTask(context.read, id).status === 'running'
    const archived = isRunning
      ? await stopRunning(context, id, { outcome: 'reclaimed', status: 'archived', reason: 'archived' })
      : answer(context, (await context.write((tx) => archiveTask(tx, requireTask(tx, id)))).task, null)
    return { ...archived, ...withWarnings(await stopItemsOf(context, id)) }
  },

  'task.restore': async (context, { id }) => {
    const { task } = await context.write((tx) => restoreTask(tx, requireTask(tx, id)))
    return answer(context, task, null)
  },

  'task.move': moveTo,
  'task.bulk': bulk,
} satisfies Partial<BoardHandlers>

/**
 * Stops the processes of the items of a card that has just been archived.
 *
 * @returns a sentence for each item whose processes could not be stopped; a dispatcher tries again
 */
async function stopItemsOf(context: BoardContext, id: string): Promise<string[]> {
  const stop = async (run: RunRow): Promise<string[]> => {
    try {
      await seeStopThrough(context, run.task_id, run)
      return []
    } catch (error) {
      if (!(error instanceof OperationError)) throw error
      return [error.message]
    }
  }
  return (await inOrder(stoppingItems(context.read, id), stop, () => true)).flat()
}

/** Each verb with the inputs that `move` can give it. */
async function moveTo(context: BoardContext, input: CheckedInput<'task.move'>): Promise<TaskAnswer> {
  const { id, status, note } = input
  const task = requireTask(context.read, id)
  const verb = verbForMove(task.status, status)
  if (verb === null) {
    const targets = legalTargets(task.status)
    throw new OperationError(
      'CONFLICT',
      `Task ${id} is ${task.status} and cannot be moved to ${status}. It can be moved to ${targets.join(', ')}.`,
      { id, status: task.status, targets },
    )
  }
  refuseOtherRestore(task, status)
  const handoff = { summary: input.summary, metadata: input.metadata }
  const given: Record<string, Record<string, unknown>> = {
    complete: handoff,
    request_review: handoff,
    approve: { note },
    request_changes: { note: note ?? 'Moved back without a note.' },
    block: { reason: note ?? `Blocked by ${context.caller.actor}.` },
    unblock: { answer: note },
    reclaim: { reason: note },
    reopen: { note },
  }
  const name = `task.${verb}` as CallName
  return (await context.callByName(name, { id, ...given[verb] }, tellingMoves(id))) as TaskAnswer
}

/**
 * @returns a function that makes a context write the event of a task's move in the transaction that moves it, so that
 *   both happen or neither
 */
function tellingMoves(id: string): (context: BoardContext) => BoardContext {
  return (context) => ({
    ...context,
    by_move: true,
    write: (body) =>
      context.write((tx) => {
        const from = requireTask(tx, id).status
        const done = body(tx)
        const to = requireTask(tx, id).status
        if (to !== from) writeEvent(tx, 'moved', id, null, { from, to })
        return done
      }),
  })
}

/**
 * A task is restored from the archive to its old column. A person who moves it elsewhere means something else, and
 * must not find a worker started on it.
 *
 * @throws OperationError CONFLICT
 */
function refuseOtherRestore(task: TaskRow, status: TaskStatus): void {
  const was = task.archived_from
  const isRunnable = (one: TaskStatus | null) => one === 'ready' || one === 'todo'
  if (was === null || was === status || (isRunnable(was) && isRunnable(status))) return
  throw new OperationError(
    'CONFLICT',
    `Task ${task.id} was ${was} when it was archived and cannot be moved to ${status} from there. Restore it first.`,
    { id: task.id, status: task.status, targets: [was] },
  )
}

/** Applies one verb to several tasks: does what can be done and reports each refusal. */
async function bulk(
  context: BoardContext,
  input: CheckedInput<'task.bulk'>,
): Promise<OperationOutput<'task.bulk'>> {
  const { ids, verb, board: _board, ...own } = input
  const wanted = verb.replaceAll('-', '_')
  const entry = operationList.find(([, spec]) => spec.bulk === wanted)
  if (entry === undefined) {
    const verbs = operationList.flatMap(([, spec]) => spec.bulk ?? [])
    throw new OperationError(
      'INVALID_INPUT',
      `“${verb}” cannot be applied to several tasks. Use one of: ${verbs.join(', ')}.`,
    )
  }
  const [name, spec] = entry
  refuseSharedHandoff(wanted, ids.length, own)
  const probe = spec.input.safeParse({ id: ids[0], ...own })
  if (!probe.success) {
    throw new OperationError(
      'INVALID_INPUT',
      `${probe.error.issues.map((issue) => issue.message).join('; ')}.`,
    )
  }
  const each = async (id: string): Promise<BulkResult & { warnings: string[] }> => {
    try {
      const done = (await context.callByName(name as CallName, { ...own, id })) as Partial<TaskAnswer>
      return { id, task: done.task ?? null, warnings: done.warnings ?? [] }
    } catch (error) {
      const refused = asOperationError(error)
      if (refused.code === 'INTERNAL') context.services.report(`${name} failed`, refused.cause)
      return { id, error: refused.toBody().error as never, warnings: [] }
    }
  }
  const done = await inOrder([...new Set(ids)], each, (id) => isRunning(context, id))
  return {
    results: done.map(({ warnings: _warnings, ...result }) => result),
    ...withWarnings(done.flatMap(({ warnings }) => warnings)),
  }
}

type BulkResult = OperationOutput<'task.bulk'>['results'][number]

/** Stopping a worker takes seconds, and each looks through the processes of the machine. */
const STOPPED_AT_ONCE = 16

/**
 * Calls `each` for the ids in their order, one after the other. What takes long is not waited for, up to a limit, so
 * that stopping ten workers takes as long as stopping one.
 *
 * @returns the results in the order of the ids
 */
async function inOrder<I, T>(
  ids: readonly I[],
  each: (id: I) => Promise<T>,
  takesLong: (id: I) => boolean,
): Promise<T[]> {
  const results: Promise<T>[] = []
  const pending = new Set<Promise<T>>()
  for (const id of ids) {
    const isLong = takesLong(id)
    const result = each(id)
    results.push(result)
    if (!isLong) await result
    else {
      pending.add(result)
      void result.finally(() => pending.delete(result))
      if (pending.size >= STOPPED_AT_ONCE) await Promise.race(pending)
    }
  }
  return Promise.all(results)
}

/** Whether a verb on the task may first have to stop its worker. */
function isRunning({ read }: BoardContext, id: string): boolean {
  return read.get(tasks.statusOf, { id })?.status === 'running'
}

function refuseSharedHandoff(verb: string, count: number, own: Record<string, unknown>): void {
  if (verb !== 'complete' || count < 2 || (own['summary'] == null && own['metadata'] == null)) return
  throw new OperationError(
    'INVALID_INPUT',
    'summary and metadata belong to one run; complete the tasks one by one to report them.',
  )
}
