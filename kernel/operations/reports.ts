import {
  FAILURE_OUTCOMES,
  hasFailed,
  TASK_STATUSES,
  type TaskStatus,
  type Worker,
} from '../../contract/index.ts'
import { isAlive } from '../workers/identity.ts'
import { lastWords } from '../workers/agent-output.ts'
import { readProcessTable, type ProcessTable } from '../workers/process-table.ts'
import { processStats } from '../workers/tree.ts'
import { lingeringRuns, targetOf } from '../dispatcher/stop-process.ts'
import * as cards from '../tables/cards.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { RunRow } from '../tables/task-runs.ts'
import * as tasks from '../tables/tasks.ts'
import type { BoardContext, BoardHandlers } from './handler.ts'
import { countNeedsYou } from './inbox.ts'
import { lastOutputAt } from '../workers/log-file.ts'

export const reportHandlers: BoardHandlers<'worker.list' | 'stats.show'> = {
  'worker.list': async (context) => {
    const open = [
      ...context.read.all(taskRuns.open, {}),
      ...lingeringRuns(context.read, context.services.clock()),
    ]
    // One look at the processes of the machine serves all workers.
    const table = open.length === 0 ? undefined : await readProcessTable()
    return { workers: await Promise.all(open.map((run) => describeWorker(context, run, table))) }
  },

  'stats.show': ({ services, read }) => {
    const now = services.clock()
    const byStatus = Object.fromEntries(TASK_STATUSES.map((status) => [status, 0])) as Record<
      TaskStatus,
      number
    >
    for (const row of read.all(tasks.countByStatus, {})) byStatus[row.status] = row.count
    const byAssignee: Record<string, Record<TaskStatus, number>> = {}
    for (const row of read.all(tasks.countByAssignee, {})) {
      const empty = Object.fromEntries(TASK_STATUSES.map((status) => [status, 0])) as Record<
        TaskStatus,
        number
      >
      const counts = (byAssignee[row.assignee] ??= empty)
      counts[row.status] = row.count
    }
    const today = read.all(taskRuns.countByOutcome, { since: startOfDay(now) })
    const oldest = read.get(tasks.oldestReady, {})?.ready_at ?? null
    return {
      by_status: byStatus,
      by_assignee: byAssignee,
      by_outcome: Object.fromEntries(
        read.all(taskRuns.countByOutcome, { since: 0 }).map((row) => [row.outcome, row.count]),
      ),
      oldest_ready_age_ms: oldest === null ? null : Math.max(0, now - oldest),
      runs_open: read.all(taskRuns.open, {}).length,
      failed: read.all(cards.failing, {}).filter(hasFailed).length,
      failed_today: today
        .filter((row) => (FAILURE_OUTCOMES as string[]).includes(row.outcome))
        .reduce((sum, row) => sum + row.count, 0),
      needs_me: countNeedsYou(read),
      now,
    }
  },
}

/** Midnight before `now`, in the time zone of this machine. */
function startOfDay(now: number): number {
  const day = new Date(now)
  day.setHours(0, 0, 0, 0)
  return day.getTime()
}

async function describeWorker(
  { services, read }: BoardContext,
  run: RunRow,
  table: ProcessTable | undefined,
): Promise<Worker> {
  const target = targetOf(run)
  const alive = target !== null && isAlive(target)
  const now = services.clock()
  const parser = services.config.read().profiles.get(run.profile ?? '')?.usage_parser ?? 'none'
  return {
    run_id: run.id,
    task_id: run.task_id,
    title: read.get(tasks.byId, { id: run.task_id })?.title ?? run.task_id,
    attempt: run.attempt,
    profile: run.profile,
    worker_pid: run.worker_pid,
    alive,
    memory_bytes: alive ? (await processStats(target, table)).rss_bytes : null,
    started_at: run.started_at,
    spawned_at: run.spawned_at,
    elapsed_ms: Math.max(0, now - run.started_at),
    last_output_at: run.log_path === null ? null : lastOutputAt(run.log_path),
    last_output: run.log_path === null ? null : await lastWords(parser, run.log_path),
    last_heartbeat_at: run.last_heartbeat_at,
    last_heartbeat_note: run.last_heartbeat_note,
    log_path: run.log_path,
    workspace_path: run.workspace_path,
    command: run.command === null ? null : (JSON.parse(run.command) as string[]),
    stop_requested_at: run.stop_requested_at,
    ended_at: run.ended_at,
  }
}
