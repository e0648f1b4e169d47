import { OperationError, type LogAnswer, type OperationOutput } from '../../contract/index.ts'
import { contextWay } from '../../formats/context-limits.ts'
import { buildContext } from '../context.ts'
import { blockTask, retryTask, unblockTask } from '../lifecycle/block.ts'
import { CLAIM_TTL_SECONDS, claimTask } from '../lifecycle/claim.ts'
import { openRunOf } from '../lifecycle/end-run.ts'
import { completeTask, type Moved, requestChanges, requestReview } from '../lifecycle/finish.ts'
import { recordSight } from '../lifecycle/merge.ts'
import { refuseTransition, requireTask } from '../lifecycle/transition.ts'
import { writeEvent } from '../lifecycle/write-event.ts'
import type { WriteTx } from '../db/connection.ts'
import { presentEvent, presentRun, presentTask } from '../present.ts'
import * as taskEvents from '../tables/task-events.ts'
import { sameErrorTasks } from '../tables/listed-runs.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { RunRow } from '../tables/task-runs.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { type LogRequest, readLogWindow, readTimes } from './log-window.ts'
import { checkCreatedCards } from './created-cards.ts'
import type { BoardContext, BoardHandlers } from './handler.ts'
import { approveWork, lookSafely } from './merging.ts'
import { lingeringRuns } from '../dispatcher/stop-process.ts'
import { endRun, stopRunning } from './stop.ts'
import { answer } from './tasks.ts'
import { requireOwnWorkspace } from '../own-workspace.ts'
import { verifyBeforeDone } from './verify.ts'
import { withWarnings } from './warnings.ts'

/** Heartbeats are written into the log of events once a minute at most; the latest time is always on the run. */
const HEARTBEAT_EVENT_MS = 60_000

export const runHandlers: BoardHandlers<
  | 'task.claim'
  | 'task.heartbeat'
  | 'task.complete'
  | 'task.request_review'
  | 'task.approve'
  | 'task.request_changes'
  | 'task.block'
  | 'task.unblock'
  | 'task.retry'
  | 'task.stop'
  | 'task.reclaim'
  | 'task.runs'
  | 'task.log'
  | 'task.context'
  | 'run.show'
  | 'run.log'
> = {
  'task.claim': async (context, { id, ttl_seconds, profile }) => {
    const { services, caller } = context
    refuseLingering(context, id)
    const claimed = await context.write((tx) => {
      const task = requireTask(tx, id)
      const name = profile ?? task.assignee
      const limit =
        name === null ? null : (services.config.read().profiles.get(name)?.max_runtime_seconds ?? null)
      return claimTask(tx, id, {
        profile: name,
        trigger: caller.trigger,
        host: services.host,
        ttl_seconds,
        max_runtime_seconds: task.max_runtime_seconds ?? limit,
      })
    })
    return {
      task: presentTask(claimed.task),
      run: presentRun(claimed.run, services.clock()),
      claim: claimed.claim,
    }
  },

  'task.heartbeat': async (context, { id, note }) => {
    const { task, run } = await context.write((tx) => heartbeat(tx, requireTask(tx, id), note))
    return { task: presentTask(task), run: presentRun(run, context.services.clock()) }
  },

  'task.complete': async (context, { id, summary, metadata, result, created_cards }) => {
    await checkCreatedCards(context, id, created_cards)
    const task = requireTask(context.read, id)
    if (task.status === 'running') await requireOwnWorkspace(context.board, task)
    await verifyBeforeDone(context, id)
    const seen = await lookSafely(context, requireTask(context.read, id))
    return endRun(context, id, (tx) => {
      if (seen !== null) recordSight(tx, requireTask(tx, id), seen, true)
      return completeTask(tx, requireTask(tx, id), {
        summary,
        metadata,
        result,
        created_cards,
        trigger: context.caller.trigger,
      })
    })
  },

  'task.request_review': (context, { id, summary, metadata }) =>
    endRun(context, id, (tx) => requestReview(tx, requireTask(tx, id), { summary, metadata })),

  'task.approve': async (context, input) => {
    const { task, run, warnings } = await approveWork(context, input)
    return { ...answer(context, task, run), ...withWarnings(warnings) }
  },

  'task.request_changes': (context, { id, note }) =>
    moved(context, (tx) => requestChanges(tx, requireTask(tx, id), note)),

  'task.block': (context, { id, reason, kind }) =>
    endRun(context, id, (tx) =>
      blockTask(tx, requireTask(tx, id), { reason, kind, trigger: context.caller.trigger }),
    ),

  'task.unblock': (context, { id, answer: text }) =>
    moved(context, (tx) => unblockTask(tx, requireTask(tx, id), text)),

  'task.retry': (context, { id, note }) => moved(context, (tx) => retryTask(tx, requireTask(tx, id), note)),

  'task.stop': (context, { id }) =>
    stopRunning(context, id, { outcome: 'stopped', status: 'ready', reason: null }),

  'task.reclaim': (context, { id, reason }) =>
    stopRunning(context, id, { outcome: 'reclaimed', status: 'ready', reason }),

  'task.runs': ({ services, read }, { id }) => {
    requireTask(read, id)
    const now = services.clock()
    return { runs: read.all(taskRuns.ofTask, { task_id: id }).map((run) => presentRun(run, now)) }
  },

  'task.context': async (context, { id }) => {
    requireTask(context.read, id)
    return freezeContext(context, id)
  },

  'task.log': ({ read }, input) => {
    requireTask(read, input.id)
    const run =
      input.attempt === undefined
        ? read.get(taskRuns.newestOf, { task_id: input.id })
        : read.get(taskRuns.byAttempt, { task_id: input.id, attempt: input.attempt })
    if (run !== undefined) return logOf(run, input)
    const which = input.attempt === undefined ? 'has not been attempted' : `has no attempt ${input.attempt}`
    throw new OperationError('NOT_FOUND', `Task ${input.id} ${which}, so there is no log.`, { id: input.id })
  },

  'run.show': ({ services, read }, { id }) => {
    const run = requireRun(read.get(taskRuns.byId, { id }), id)
    return {
      run: presentRun(run, services.clock()),
      context: run.context,
      events: read.all(taskEvents.ofRun, { run_id: id }).map(presentEvent),
      same_error_tasks:
        run.error_fingerprint === null
          ? 0
          : (read.get(sameErrorTasks, { fingerprint: run.error_fingerprint, task_id: run.task_id })?.tasks ??
            0),
    }
  },

  'run.log': ({ read }, input) =>
    logOf(requireRun(read.get(taskRuns.byId, { id: input.id }), input.id), input),
}

/** Two in one workspace spoil each other's work. */
function refuseLingering({ services, read }: BoardContext, id: string): void {
  const run = lingeringRuns(read, services.clock()).find(({ task_id }) => task_id === id)
  if (run === undefined) return
  throw new OperationError(
    'CONFLICT',
    `Task ${id} cannot be claimed yet: its last worker (process ${run.worker_pid ?? ''}) has reported and still runs.`,
    { id, pid: run.worker_pid },
  )
}

async function moved(
  context: BoardContext,
  verb: (tx: WriteTx) => Moved,
): Promise<OperationOutput<'task.complete'>> {
  const { task, run } = await context.write(verb)
  return answer(context, task, run)
}

function requireRun(run: RunRow | undefined, id: number): RunRow {
  if (run === undefined)
    throw new OperationError('NOT_FOUND', `There is no run ${id} on this board.`, { run_id: id })
  return run
}

function heartbeat(tx: WriteTx, task: TaskRow, note: string | null): { task: TaskRow; run: RunRow } {
  if (task.status !== 'running') {
    throw new OperationError(
      'CONFLICT',
      `Task ${task.id} is ${task.status}; only a running task has a heartbeat.`,
      {
        id: task.id,
        status: task.status,
      },
    )
  }
  const run = tx.returning(taskRuns.setHeartbeat, {
    id: openRunOf(tx, task).id,
    now: tx.now,
    note,
    expires_at: tx.now + CLAIM_TTL_SECONDS * 1000,
  })
  if (run === undefined) throw refuseTransition(task, 'claim')
  const last = tx.get(taskEvents.newestOfRun, { run_id: run.id, kind: 'heartbeat' })
  if (last === undefined || tx.now - last.created_at >= HEARTBEAT_EVENT_MS) {
    writeEvent(tx, 'heartbeat', task.id, run.id, note === null ? null : { note })
  }
  return { task, run }
}

/**
 * What the worker of a task is given. The text of an open run is frozen: at its spawn, or here, the first time the
 * worker of a pulled run asks.
 */
async function freezeContext(context: BoardContext, id: string): Promise<OperationOutput<'task.context'>> {
  const task = requireTask(context.read, id)
  const run =
    task.current_run_id === null ? undefined : context.read.get(taskRuns.byId, { id: task.current_run_id })
  const profile = context.services.config.read().profiles.get(run?.profile ?? task.assignee ?? '')
  const build = () =>
    buildContext(context.read, id, {
      mustReport: profile?.completion !== 'exit-code',
      way: profile === undefined ? 'file' : contextWay(profile),
    })
  if (run === undefined) return { context: build(), run_id: null }
  if (run.context !== null) return { context: run.context, run_id: run.id }
  const text = build()
  const isItsOwn = context.worker === undefined || context.worker.run_id === run.id
  if (run.trigger === 'dispatcher' || !isItsOwn) return { context: text, run_id: run.id }
  // Not fenced: to read is no late message.
  const frozen = await context.board.connection.write(context.caller.actor, (tx) =>
    tx.returning(taskRuns.setContext, { id: run.id, context: text }),
  )
  return { context: frozen?.context ?? text, run_id: run.id }
}

async function logOf(run: RunRow, request: LogRequest): Promise<LogAnswer> {
  const head = {
    run_id: run.id,
    attempt: run.attempt,
    encoding: request.encoding,
    ended: run.ended_at !== null,
  }
  if (run.log_path === null) {
    return { ...head, content: '', from: 0, next: 0, size: 0, times: request.times ? [] : null }
  }
  const window = await readLogWindow(run.log_path, request)
  return { ...head, ...window, times: request.times ? readTimes(run.log_path) : null }
}
