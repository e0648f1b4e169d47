import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { fillOldSchema, type Row } from '../testing/old-board.ts'
import { cleanUp } from '../testing/setup.ts'
import { migrate, migrations } from './migrate.ts'

const STATUSES = ['triage', 'todo', 'ready', 'running', 'review', 'blocked', 'done', 'archived'] as const
type Status = (typeof STATUSES)[number]

/** A database as the version before left it, with these rows, and what a migration does to it. */
function before(version: number, rows: Record<string, readonly Row[]>) {
  const db = new Database(':memory:')
  cleanUp(() => void db.close())
  fillOldSchema(db, version - 1, rows)
  const all = (sql: string) => db.prepare(sql).all() as Row[]
  /** All rows of the tables that hold what people wrote. */
  const content = () =>
    Object.fromEntries(
      ['tasks', 'task_runs', 'task_links', 'task_comments', 'task_events'].flatMap((table) =>
        all(`SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = '${table}'`).length === 0
          ? []
          : [[table, all(`SELECT * FROM ${table}`)]],
      ),
    ) as Record<string, Row[]>
  const run = () => migrate(db, { now: 2, upTo: version })
  return { db, all, content, run }
}

function plain(id: string, status: Status, more: Row = {}): Row {
  return { id, title: `Task ${id}`, status, created_by: 'ada', created_at: 1000, updated_at: 2000, ...more }
}

/** A task after 0002, which demands more of each status. */
function task(id: string, status: Status, more: Row = {}): Row {
  return plain(id, status, {
    ready_at: status === 'ready' ? 1500 : null,
    archived_from: status === 'archived' ? 'done' : null,
    completed_at: status === 'done' ? 1800 : null,
    block_kind: status === 'blocked' ? 'needs_input' : null,
    ...more,
  })
}

function run(id: number, task_id: string, more: Row = {}): Row {
  const ended = { ended_at: 2000, outcome: 'completed' }
  return { id, task_id, attempt: id, trigger: 'human', started_at: 1500, ...ended, ...more }
}

/** The two columns that workflows use since 0014 took any text before. */
const FREE_TEXT = { workflow_template_id: 'Release 3, by hand', current_step_key: 'draft' }

/** Some rows in every table, as they can be since 0002. */
const BOARD = {
  tasks: [
    task('t_1', 'running', { current_run_id: 2, workspace_kind: 'worktree', branch: 'work' }),
    task('t_2', 'ready', { assignee: 'coder', skills: '["sql"]', priority: 3, ...FREE_TEXT }),
    task('t_3', 'archived'),
  ],
  task_runs: [
    run(1, 't_1', { summary: 'Halfway', metadata: '{"n":1}', error_fingerprint: 'e' }),
    run(2, 't_1', { ended_at: null, outcome: null, claim_lock: 'secret', last_heartbeat_at: 1700 }),
  ],
  task_links: [{ parent_id: 't_1', child_id: 't_2' }],
  task_comments: [{ id: 7, task_id: 't_1', run_id: 1, author: 'ada', body: 'Mind the gap', created_at: 1 }],
  task_events: [
    { id: 5, task_id: 't_1', run_id: 2, kind: 'claimed', payload: '{}', actor: 'ada', created_at: 3 },
    { id: 6, task_id: null, run_id: null, kind: 'paused', payload: null, actor: 'ada', created_at: 4 },
  ],
}

describe('0002, which gives each attempt a row', () => {
  it('keeps every column of every task', () => {
    const full: Row = plain('t_1', 'done', {
      body: 'b',
      assignee: 'coder',
      priority: 4,
      tenant: 'acme',
      started_at: 1200,
      completed_at: 1900,
      not_before_at: 5,
      held: 1,
      block_kind: 'capability',
      block_reason: 'was blocked',
      workspace_kind: 'dir',
      workspace_path: '/work',
      branch: 'b1',
      base_ref: 'main',
      result: 'r',
      idempotency_key: 'k',
      consecutive_failures: 2,
      last_failure_error: 'no',
      max_runtime_seconds: 60,
      max_retries: 3,
      skills: '["a"]',
      model: 'm',
      verify_command: 'npm test',
    })
    const { content, run } = before(2, { tasks: [full] })
    const [old] = content()['tasks']!
    run()

    const [kept] = content()['tasks']!
    const moved = ['claim_lock', 'claim_expires_at', 'worker_pid', 'worker_started_key', 'last_heartbeat_at']
    const stays = Object.entries(old!).filter(([column]) => !moved.includes(column))
    expect(kept).toMatchObject(Object.fromEntries(stays))
  })

  it.each([
    ['ready', { ready_at: 2000 }],
    ['blocked', { block_kind: 'needs_input' }],
    ['done', { completed_at: 2000 }],
    ['archived', { archived_from: 'ready' }],
  ] as const)('fills in what a task that is %s needs', (status, filled) => {
    const { content, run } = before(2, { tasks: [plain('t_1', status)] })
    run()
    expect(content()['tasks']).toMatchObject([{ status, current_run_id: null, ...filled }])
  })

  it('remembers that an archived task was done, if it was completed', () => {
    const { content, run } = before(2, { tasks: [plain('t_1', 'archived', { completed_at: 1900 })] })
    run()
    expect(content()['tasks']).toMatchObject([{ archived_from: 'done', completed_at: 1900 }])
  })

  it('moves the claim of a running task to an open run', () => {
    const claim = {
      claim_lock: 'box:1',
      claim_expires_at: 900,
      worker_pid: 1,
      worker_started_key: 'boot:1',
      last_heartbeat_at: 800,
    }
    const { content, run } = before(2, {
      tasks: [plain('t_1', 'running', { ...claim, assignee: 'coder', started_at: 700 })],
    })
    run()
    const [open] = content()['task_runs']!
    expect(open).toMatchObject({ ...claim, task_id: 't_1', attempt: 1, profile: 'coder', started_at: 700 })
    expect(content()['tasks']).toMatchObject([{ current_run_id: open!['id']! }])
  })

  it('keeps links, comments and events, which refer to the table that it rebuilds', () => {
    const rows = {
      tasks: [plain('t_1', 'ready'), plain('t_2', 'todo')],
      task_links: BOARD.task_links,
      task_comments: [{ id: 7, task_id: 't_1', author: 'ada', body: 'Mind the gap', created_at: 1 }],
      task_events: [
        { id: 5, task_id: 't_1', kind: 'created', payload: '{}', actor: 'ada', created_at: 3 },
        { id: 6, task_id: null, kind: 'paused', payload: null, actor: 'ada', created_at: 4 },
      ],
    }
    const { content, run } = before(2, rows)
    run()
    const { task_links, task_comments, task_events } = content()
    expect({ task_links, task_comments, task_events }).toEqual({
      task_links: rows.task_links,
      task_comments: rows.task_comments.map((row) => ({ ...row, run_id: null })),
      task_events: rows.task_events.map((row) => ({ ...row, run_id: null })),
    })
  })
})

describe('0003, which makes the board searchable', () => {
  it('finds the words of all old rows', () => {
    const { all, run: migrateIt } = before(3, {
      tasks: [task('t_1', 'ready', { title: 'Roof', body: 'winter' }), task('t_2', 'todo')],
      task_comments: [{ id: 7, task_id: 't_2', author: 'ada', body: 'slates', created_at: 1 }],
      task_runs: [
        run(3, 't_1', { summary: 'half done' }),
        run(4, 't_1', { outcome: 'crashed', error: 'ladder broke' }),
        run(5, 't_1'),
      ],
    })
    migrateIt()
    const found = (table: string, word: string) =>
      all(`SELECT rowid AS id FROM ${table} WHERE ${table} MATCH '${word}'`).map(({ id }) => id)
    const taskOf = (id: unknown) =>
      all(`SELECT task_id FROM tasks_fts_ids WHERE id = ${String(id)}`)[0]?.['task_id']
    expect([...found('tasks_fts', 'roof'), ...found('tasks_fts', 'winter')].map(taskOf)).toEqual([
      't_1',
      't_1',
    ])
    expect(found('comments_fts', 'slates')).toEqual([7])
    expect([...found('runs_fts', 'half'), ...found('runs_fts', 'ladder')]).toEqual([3, 4])
    expect(all('SELECT count(*) AS count FROM runs_fts_docsize')).toEqual([{ count: 2 }])
  })
})

describe('0006, which counts tasks by status', () => {
  const counts = (all: (sql: string) => Row[]) =>
    Object.fromEntries(
      all('SELECT status, count FROM status_counts WHERE count > 0').map((row) => [
        row['status'],
        row['count'],
      ]),
    )
  const several = () =>
    before(6, {
      tasks: [
        task('t_1', 'ready'),
        task('t_2', 'ready'),
        task('t_3', 'done'),
        task('t_4', 'archived'),
        task('t_5', 'running', { current_run_id: 1 }),
      ],
      task_runs: [run(1, 't_5', { ended_at: null, outcome: null, claim_lock: 'secret' })],
    })

  it('counts the tasks that are there, and has a row for each status', () => {
    const { all, run: migrateIt } = several()
    migrateIt()
    expect(counts(all)).toEqual({ ready: 2, done: 1, archived: 1, running: 1 })
    expect(all('SELECT status FROM status_counts').map(({ status }) => status)).toEqual([...STATUSES].sort())
  })

  it('counts by trigger from then on: a new task, a change of status, a deletion', () => {
    const { all, db, run: migrateIt } = several()
    migrateIt()
    db.exec(`INSERT INTO tasks (id, title, status, created_by, created_at, updated_at)
      VALUES ('t_6', 'New', 'todo', 'ada', 1, 1)`)
    db.exec(`UPDATE tasks SET status = 'todo', ready_at = NULL WHERE id = 't_1'`)
    db.exec(`UPDATE tasks SET title = 'Renamed', status = 'ready' WHERE id = 't_2'`)
    db.exec(`DELETE FROM tasks WHERE id = 't_3'`)
    const counted = all('SELECT status, count(*) AS count FROM tasks GROUP BY status')
    expect(counts(all)).toEqual(Object.fromEntries(counted.map((row) => [row['status'], row['count']])))
    expect(counts(all)).toEqual({ ready: 1, todo: 2, archived: 1, running: 1 })
  })

  it('is rolled back with the change that it counted', () => {
    const { all, db, run: migrateIt } = several()
    migrateIt()
    db.exec('BEGIN')
    db.exec(`DELETE FROM tasks WHERE id = 't_3'`)
    db.exec('ROLLBACK')
    expect(counts(all)).toMatchObject({ done: 1 })
  })
})

describe('0014, which adds workflows', () => {
  it('leaves free text in the two columns of a task, which is on no workflow', () => {
    const { all, run: migrateIt } = before(14, BOARD)
    migrateIt()
    expect(all(`SELECT * FROM tasks WHERE id = 't_2'`)).toMatchObject([
      { ...FREE_TEXT, workflow_run_id: null },
    ])
    expect(all('SELECT * FROM workflow_runs')).toEqual([])
  })
})

describe('0015_workflow_items', () => {
  const definition = JSON.stringify({ name: 'w' })
  const rows = {
    tasks: [task('t_1', 'ready', { workflow_run_id: 1 }), task('t_2', 'done')],
    workflow_templates: [
      {
        id: 1,
        name: 'w',
        version: 1,
        digest: 'a'.repeat(64),
        title: 'W',
        source: 'home',
        definition,
        created_at: 1,
      },
    ],
    workflow_runs: [{ id: 1, task_id: 't_1', template_id: 1, started_by: 'ada', started_at: 1 }],
    workflow_visits: [
      { id: 1, workflow_run_id: 1, step_key: 's', visit: 1, entered_at: 1, entered_by: 'ada' },
    ],
  }

  it('gives walks no workflows of items, and visits no items', () => {
    const { all, run: migrateIt } = before(15, rows)
    migrateIt()
    expect(all('SELECT id, task_id, parts FROM workflow_runs')).toEqual([
      { id: 1, task_id: 't_1', parts: '{}' },
    ])
    expect(all('SELECT * FROM workflow_items')).toEqual([])
  })

  it('refuses an open item without a card, and a second item of a card or a key', () => {
    const { db, run: migrateIt } = before(15, rows)
    migrateIt()
    const insert = (key: string, position: number, task_id: string | null, state = 'open') =>
      db.prepare(`INSERT INTO workflow_items VALUES (1, ?, ?, ?, '1', ?)`).run(key, position, task_id, state)
    insert('a', 1, 't_2')
    expect(() => insert('b', 2, null)).toThrow('CHECK')
    expect(() => insert('b', 2, 't_2')).toThrow('UNIQUE')
    expect(() => insert('a', 2, 't_1')).toThrow('UNIQUE')
    expect(() => insert('b', 1, 't_1')).toThrow('UNIQUE')
    expect(() => insert('b', 2, 't_3')).toThrow('FOREIGN')
    insert('b', 2, null, 'failed')
  })
})

describe('every migration after 0002', () => {
  const later = migrations().filter(({ version }) => version > 2)

  it.each(later.map(({ name, version }) => [name, version] as const))(
    '%s keeps every value of every row',
    (_name, version) => {
      const { content, run: migrateIt } = before(version, BOARD)
      const old = content()
      migrateIt()
      expect(content()).toMatchObject(old)
    },
  )

  it('leaves the triggers that count and index: rebuilding a table drops them', () => {
    const { all, run: migrateIt } = before(later.at(-1)!.version, BOARD)
    const triggers = () =>
      all(`SELECT name FROM sqlite_schema WHERE type = 'trigger'`).map(({ name }) => name)
    const old = triggers()
    migrateIt()
    expect(triggers()).toEqual(expect.arrayContaining(old))
  })

  it('leaves a file with no broken reference and no damage', () => {
    const { all, run: migrateIt } = before(later.at(-1)!.version, BOARD)
    migrateIt()
    expect([all('PRAGMA foreign_key_check'), all('PRAGMA integrity_check')]).toEqual([
      [],
      [{ integrity_check: 'ok' }],
    ])
  })
})

describe('a migration that fails', () => {
  it('leaves the version before', () => {
    const { db, all, content, run: migrateIt } = before(6, BOARD)
    const old = content()
    db.exec('CREATE TABLE status_counts (x)')

    expect(migrateIt).toThrow('status_counts')

    expect(content()).toEqual(old)
    expect(all('SELECT max(version) AS version FROM schema_migrations')).toEqual([{ version: 5 }])
    db.exec('DROP TABLE status_counts')
    migrateIt()
    expect(all('SELECT max(version) AS version FROM schema_migrations')).toEqual([{ version: 6 }])
  })
})
