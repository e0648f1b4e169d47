import { OperationError } from '../../contract/index.ts'
import { isReservedProfile } from '../../contract/workflow-kinds.ts'
import { attachFiles } from '../lifecycle/attach.ts'
import { blockTask } from '../lifecycle/block.ts'
import { claimTask } from '../lifecycle/claim.ts'
import { CLAIM_TTL_SECONDS } from '../lifecycle/renew-claim.ts'
import { openRunIn } from '../lifecycle/end-run.ts'
import { completeTask } from '../lifecycle/complete.ts'
import { requestReview } from '../lifecycle/review.ts'
import { recordSight } from '../lifecycle/merge.ts'
import { refuseTransition, requireTask } from '../lifecycle/transition.ts'
import { writeEvent } from '../lifecycle/write-event.ts'
import type { WriteTx } from '../db/connection.ts'
import { presentRun, presentTask } from '../board/present.ts'
import * as taskEvents from '../tables/task-events.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { RunRow } from '../tables/task-runs.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { withFiles } from './attachments.ts'
import { checkCreatedCards } from './created-cards.ts'
import type { BoardContext, BoardHandlers } from './handler.ts'
import { lookSafely } from './merging.ts'
import { lingeringRuns } from '../board/stop-process.ts'
import { requireAsked } from './asked-step.ts'
import { endRun } from './stop.ts'
import { keepWork } from '../board/kept-work.ts'
import { requireUnchanged } from '../board/read-only-step.ts'
import { requireOwnWorkspace } from '../board/own-workspace.ts'
import { verifyBeforeDone } from './verify.ts'

/** A heartbeat is written to the event log at most once a minute; the run always has the latest time. */
const HEARTBEAT_EVENT_MS = 60_000

export const reportHandlers = {
  'task.claim': async (context, { id, ttl_seconds, profile }) => {
    const { services, caller } = context
    refuseLingering(context, id)
    const claimed = await context.write((tx) => {
      const task = requireTask(tx, id)
      // A worker that could claim a check step could report that the check passed.
      if (context.worker !== undefined && isReservedProfile(task.assignee))
        throw new OperationError('CONFLICT', `Runboard itself runs the step of task ${id}.`, { id })
      const name = profile ?? task.assignee
      const limit =
        name === null ? null : (services.config.read().profiles.get(name)?.max_runtime_seconds ?? null)
      return claimTask(tx, task, {
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

  'task.complete': async (context, input) => {
    const { id, summary, metadata, result, created_cards, attach, attachments, verdict } = input
    await checkCreatedCards(context, id, created_cards)
    const task = requireTask(context.read, id)
    if (task.status === 'running') await requireOwnWorkspace(context.board, task)
    await verifyBeforeDone(context, task)
    await requireUnchanged(context.read, task)
    const asked = await requireAsked(context, task, null)
    const seen = await lookSafely(context, task)
    return withFiles(context, { attach, attachments }, (files) =>
      endRun(context, id, (tx, now) => {
        if (seen !== null) recordSight(tx, now, seen, true)
        const moved = completeTask(tx, seen === null ? now : requireTask(tx, id), {
          summary,
          metadata,
          result,
          created_cards,
          verdict,
          ...asked,
          by_person: context.worker === undefined,
          trigger: context.caller.trigger,
        })
        attachFiles(tx, moved.task, files, moved.run?.id ?? null)
        return moved
      }),
    )
  },

  'task.request_review': async (context, { id, summary, metadata, attach, attachments }) => {
    await requireUnchanged(context.read, context.read.get(tasks.byId, { id }))
    return withFiles(context, { attach, attachments }, (files) =>
      endRun(context, id, (tx, task) => {
        const moved = requestReview(tx, task, { summary, metadata })
        attachFiles(tx, moved.task, files, moved.run?.id ?? null)
        return moved
      }),
    )
  },

  'task.block': async (context, { id, reason, kind }) => {
    // A task that was deleted: the fence refuses the report and keeps it.
    const task = context.read.get(tasks.byId, { id })
    const head = task?.workflow_run_id == null ? null : await keepWork(context.board, task)
    return endRun(context, id, (tx, now) =>
      blockTask(tx, now, { reason, kind, head, trigger: context.caller.trigger }),
    )
  },
} satisfies Partial<BoardHandlers>

/** Two workers in one workspace would spoil each other's work. */
function refuseLingering({ services, read }: BoardContext, id: string): void {
  const run = lingeringRuns(read, services.clock()).find(({ task_id }) => task_id === id)
  if (run === undefined) return
  throw new OperationError(
    'CONFLICT',
    `Task ${id} cannot be claimed yet: its last worker (process ${run.worker_pid ?? ''}) has reported and still runs.`,
    { id, pid: run.worker_pid },
  )
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
    id: openRunIn(task).id,
    now: tx.now,
    note,
    expires_at: tx.now + CLAIM_TTL_SECONDS * 1000,
  })
  if (run === undefined) throw refuseTransition(task, 'claim')
  const last = tx.get(taskEvents.newestOfRun, { run_id: run.id, kind: 'heartbeat' })
  if (last === undefined || Math.abs(tx.now - last.created_at) >= HEARTBEAT_EVENT_MS) {
    writeEvent(tx, 'heartbeat', task.id, run.id, note === null ? null : { note })
  }
  return { task, run }
}
