import type { WriteTx } from '../db/connection.ts'
import { statement } from '../db/statement.ts'

export interface LargeBoard {
  tasks: number
  events: number
  /** Characters in the body of each task. */
  body?: number
}

/**
 * Fills an empty board as years of work would: of ten tasks, four are ready, one waits, two need a person, two are done
 * and one is archived; every second one has been attempted. By plain SQL, because the verbs would take minutes.
 */
export function fillLargeBoard(tx: WriteTx, { tasks, events, body = 200 }: LargeBoard): void {
  const now = tx.now
  tx.run(insertTasks, { count: tasks, now, body })
  tx.run(insertLinks, { count: tasks })
  tx.run(insertRuns, { count: tasks, now })
  tx.run(insertComments, { count: tasks, now })
  tx.run(insertEvents, { count: events, tasks, now })
}

/** @returns the id of the nth task of a large board */
export const largeTaskId = (n: number) => `t_${n.toString(16).padStart(8, '0')}`

const NUMBERS = `WITH RECURSIVE number (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n < :count - 1)`
const ID = (n: string) => `printf('t_%08x', ${n})`

const insertTasks = statement<{ count: number; now: number; body: number }, never>(`${NUMBERS}
  INSERT INTO tasks (id, title, body, status, assignee, priority, created_by, created_at, updated_at, ready_at,
    completed_at, block_kind, block_reason, archived_from, consecutive_failures)
  SELECT ${ID('n')}, 'Part ' || n || ' of the importer', substr(hex(zeroblob(:body / 2 + 1)), 1, :body), status,
    'worker-' || (n % 7), n % 4, 'ada', :now - 1000000 + n, :now - 1000000 + n,
    iif(status = 'ready', :now - 1000000, NULL), iif(status IN ('done', 'archived'), :now, NULL),
    iif(status = 'blocked', 'needs_input', NULL), iif(status = 'blocked', 'Which of ' || n || '?', NULL),
    iif(status = 'archived', 'done', NULL), iif(n % 20 = 0, 2, 0)
  FROM (SELECT n, CASE n % 10 WHEN 4 THEN 'todo' WHEN 5 THEN 'blocked' WHEN 6 THEN 'review' WHEN 7 THEN 'done'
    WHEN 8 THEN 'done' WHEN 9 THEN 'archived' ELSE 'ready' END AS status FROM number)`)

/** Each task that waits is the child of the ready one before it. */
const insertLinks = statement<{ count: number }, never>(`${NUMBERS}
  INSERT INTO task_links (parent_id, child_id) SELECT ${ID('n - 1')}, ${ID('n')} FROM number WHERE n % 10 = 4`)

const insertRuns = statement<{ count: number; now: number }, never>(`${NUMBERS}
  INSERT INTO task_runs (task_id, attempt, profile, trigger, started_at, ended_at, outcome, summary, error)
  SELECT ${ID('n')}, 1, 'worker-' || (n % 7), 'dispatcher', :now - 900000, :now - 800000,
    iif(n % 4 = 0, 'crashed', 'completed'), iif(n % 4 = 0, NULL, 'Read part ' || n),
    iif(n % 4 = 0, 'It exited with 1', NULL)
  FROM number WHERE n % 2 = 0`)

const insertComments = statement<{ count: number; now: number }, never>(`${NUMBERS}
  INSERT INTO task_comments (task_id, author, body, created_at)
  SELECT ${ID('n')}, 'ada', 'A remark on part ' || n, :now - 700000 FROM number WHERE n % 5 = 0`)

const insertEvents = statement<{ count: number; tasks: number; now: number }, never>(`${NUMBERS}
  INSERT INTO task_events (task_id, kind, payload, actor, created_at)
  SELECT ${ID('n % :tasks')},
    CASE n % 5 WHEN 0 THEN 'completed' WHEN 1 THEN 'crashed' WHEN 2 THEN 'blocked' ELSE 'commented' END,
    '{"n":' || n || '}', 'ada', :now - 1000000 + n / 10
  FROM number`)
