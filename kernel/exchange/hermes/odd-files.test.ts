import { describe, expect, it } from 'vitest'
import { OperationError } from '../../../contract/index.ts'
import { setup } from '../../testing/setup.ts'
import { T, atRest, task } from '../../testing/hermes-import.ts'

const HUGE = '9223372036854775807'

/** The change made to a good file, as SQL. */
const ODD: Readonly<Record<string, string>> = {
  'huge priority': `UPDATE tasks SET priority = ${HUGE}`,
  'priority that is text': `UPDATE tasks SET priority = 'high'`,
  'priority that is infinite': `UPDATE tasks SET priority = 9e999`,
  'huge creation': `UPDATE tasks SET created_at = ${HUGE}`,
  'huge fraction of a time': `UPDATE tasks SET created_at = 1e300`,
  'creation before the epoch': `UPDATE tasks SET created_at = -5`,
  'huge failures': `UPDATE tasks SET consecutive_failures = ${HUGE}`,
  'huge limit': `UPDATE tasks SET max_runtime_seconds = ${HUGE}, max_retries = ${HUGE}`,
  'huge process': `UPDATE tasks SET worker_pid = ${HUGE}, status = 'running'`,
  'running without a run': `UPDATE tasks SET status = 'running', current_run_id = ${HUGE}`,
  'blank assignee': `UPDATE tasks SET assignee = '  '`,
  'assignee of bytes': `UPDATE tasks SET assignee = x'ff00fe'`,
  'title of bytes': `UPDATE tasks SET title = x'fffefd00'`,
  'title of invalid text': `UPDATE tasks SET title = CAST(x'41ff42' AS TEXT)`,
  'title with a zero': `UPDATE tasks SET title = 'a' || char(0) || 'b'`,
  'title of half a pair': `UPDATE tasks SET title = CAST(x'eda080' AS TEXT)`,
  'huge title': `UPDATE tasks SET title = printf('%.*c', 3000000, 'x')`,
  'huge body': `UPDATE tasks SET body = printf('%.*c', 30000000, 'x')`,
  'status of bytes': `UPDATE tasks SET status = x'00'`,
  'id of bytes': `UPDATE tasks SET id = x'ff' WHERE id = 'a'`,
  'no ids': `UPDATE tasks SET id = NULL`,
  'blank branch': `UPDATE tasks SET workspace_kind = 'worktree', branch_name = '--force', workspace_path = '/'`,
  'skills of a number': `UPDATE tasks SET skills = '7'`,
  'skills of a deep list': `UPDATE tasks SET skills = printf('%.*c', 100000, '[')`,
  'huge run id': `INSERT INTO task_runs (id, task_id, status, started_at) VALUES (${HUGE}, 'a', 'done', 1)`,
  'run of time zero': `INSERT INTO task_runs (task_id, status, started_at, ended_at) VALUES ('a', 'done', 9e18, 1)`,
  'run that is text': `INSERT INTO task_runs (task_id, status, started_at) VALUES ('a', 'x', 'never')`,
  'metadata nested deep': `INSERT INTO task_runs (task_id, status, started_at, metadata) VALUES ('a', 'done', 1,
    '{"a":' || replace(printf('%.*c', 20000, 'x'), 'x', '[') || replace(printf('%.*c', 20000, 'x'), 'x', ']') || '}')`,
  'huge event id': `INSERT INTO task_events (id, task_id, kind, created_at) VALUES (${HUGE}, 'a', 'created', 1)`,
  'event of bytes': `INSERT INTO task_events (task_id, kind, payload, created_at) VALUES ('a', x'ff', x'ff', x'ff')`,
  'event nested deep': `INSERT INTO task_events (task_id, kind, payload, created_at) VALUES ('a', 'edited',
    replace(printf('%.*c', 20000, 'x'), 'x', '[') || replace(printf('%.*c', 20000, 'x'), 'x', ']'), 1)`,
  'claim after a huge event': `UPDATE tasks SET status = 'running';
    INSERT INTO task_events (id, task_id, kind, created_at) VALUES (${HUGE}, 'a', 'created', 1)`,
  'huge comment id': `INSERT INTO task_comments (id, task_id, author, body, created_at) VALUES (${HUGE}, 'a', 'x', 'y', 1)`,
  'comment of nobody': `INSERT INTO task_comments (task_id, author, body, created_at) VALUES ('none', '', '', 'x')`,
  'links in circles': `INSERT INTO task_links VALUES ('a', 'b'), ('b', 'a'), ('a', 'a'), ('none', 'a')`,
  'no links': 'DROP TABLE task_links',
  'no events, runs, comments': 'DROP TABLE task_events; DROP TABLE task_runs; DROP TABLE task_comments',
  'links that are a view': `DROP TABLE task_links; CREATE VIEW task_links AS SELECT 'a' AS parent_id, 'b' AS child_id`,
  'tasks that are a view': 'ALTER TABLE tasks RENAME TO t; CREATE VIEW tasks AS SELECT * FROM t',
  'tasks without rowid':
    'DROP TABLE tasks; CREATE TABLE tasks (id TEXT PRIMARY KEY, title, status, created_at) WITHOUT ROWID',
  'links without rowid':
    'DROP TABLE task_links; CREATE TABLE task_links (parent_id, child_id, PRIMARY KEY (parent_id, child_id)) WITHOUT ROWID',
  'events without ids': 'DROP TABLE task_events; CREATE TABLE task_events (task_id, kind)',
  'runs without ids': 'DROP TABLE task_runs; CREATE TABLE task_runs (task_id)',
  'links of one column': `DROP TABLE task_links; CREATE TABLE task_links (x); INSERT INTO task_links VALUES (1)`,
  'tasks twice':
    "DROP TABLE tasks; CREATE TABLE tasks (id, title, status, created_at); INSERT INTO tasks VALUES ('a', 'x', 'todo', 1), ('a', 'y', 'done', 2)",
  'events twice':
    "DROP TABLE task_events; CREATE TABLE task_events (id, task_id, kind); INSERT INTO task_events VALUES (1, 'a', 'x'), (1, 'a', 'y')",
  'runs twice':
    "DROP TABLE task_runs; CREATE TABLE task_runs (id, task_id); INSERT INTO task_runs VALUES (1, 'a'), (1, 'a')",
  'comments twice':
    "DROP TABLE task_comments; CREATE TABLE task_comments (id, task_id, body); INSERT INTO task_comments VALUES (1, 'a', 'x'), (1, 'a', 'y')",
  'made column': `ALTER TABLE tasks ADD COLUMN model AS (CAST(x'ff' AS TEXT))`,
  'made column that fails': `ALTER TABLE tasks ADD COLUMN tenant2 AS (abs(-9223372036854775808))`,
  trigger: `CREATE TRIGGER t AFTER INSERT ON tasks BEGIN SELECT RAISE(ABORT, 'no'); END`,
  'virtual table of links': `DROP TABLE task_links; CREATE VIRTUAL TABLE task_links USING fts5(parent_id, child_id)`,
}

describe('X27: an odd file of Hermes is imported, or refused with a sentence', () => {
  it.each(Object.entries(ODD))('%s', async (_name, sql) => {
    const rows = { tasks: [task('a', 'todo'), task('b', 'done', { completed_at: T + 5 })] }
    const path = atRest('late_may', rows)
    const { default: Database } = await import('better-sqlite3')
    const db = new Database(path)
    db.exec(sql)
    db.close()
    const { kernel, person } = await setup()
    const error: unknown = await kernel.call('exchange.import_hermes', { path, slug: 'h' }, person).then(
      () => null,
      (cause: unknown) => cause,
    )
    if (error === null) return
    expect(error).toBeInstanceOf(OperationError)
    expect((error as OperationError).code, (error as OperationError).message).not.toBe('INTERNAL')
  })
})
