import { FAILURE_OUTCOMES, hasFailed, TASK_STATUSES, type TaskStatus } from '../../contract/index.ts'
import * as cards from '../tables/cards.ts'
import * as runHistory from '../tables/run-history.ts'
import * as taskRuns from '../tables/task-runs.ts'
import * as tasks from '../tables/tasks.ts'
import type { BoardHandlers } from './handler.ts'
import { countNeedsYou, countUnseen } from './inbox.ts'

export const statsHandlers = {
  'stats.show': ({ services, read }) => {
    const now = services.clock()
    const byStatus = Object.fromEntries(TASK_STATUSES.map((status) => [status, 0])) as Record<
      TaskStatus,
      number
    >
    for (const row of read.all(tasks.countByStatus, {})) byStatus[row.status] = row.count
    // A Map, because an imported assignee may be called “__proto__”, which is special as the key of an object.
    const byAssignee = new Map<string, Record<TaskStatus, number>>()
    for (const row of read.all(tasks.countByAssignee, {})) {
      const empty = Object.fromEntries(TASK_STATUSES.map((status) => [status, 0])) as Record<
        TaskStatus,
        number
      >
      const counts = byAssignee.get(row.assignee) ?? empty
      counts[row.status] = row.count
      byAssignee.set(row.assignee, counts)
    }
    const today = read.all(runHistory.countByOutcome, { since: startOfDay(now) })
    const oldest = read.get(tasks.oldestReady, {})?.ready_at ?? null
    return {
      by_status: byStatus,
      by_assignee: Object.fromEntries(byAssignee),
      by_outcome: Object.fromEntries(
        read.all(runHistory.countByOutcome, { since: 0 }).map((row) => [row.outcome, row.count]),
      ),
      oldest_ready_age_ms: oldest === null ? null : Math.max(0, now - oldest),
      runs_open: read.all(taskRuns.open, {}).length,
      failed: read.all(cards.failing, {}).filter(hasFailed).length,
      failed_today: today
        .filter((row) => (FAILURE_OUTCOMES as string[]).includes(row.outcome))
        .reduce((sum, row) => sum + row.count, 0),
      needs_me: countNeedsYou(read),
      unseen: countUnseen(read),
      now,
    }
  },
} satisfies Partial<BoardHandlers>

/** Midnight before `now`, in the time zone of this machine. */
function startOfDay(now: number): number {
  const day = new Date(now)
  day.setHours(0, 0, 0, 0)
  return day.getTime()
}
