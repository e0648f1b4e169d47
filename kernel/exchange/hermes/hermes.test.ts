import { createHash } from 'node:crypto'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, test } from 'vitest'
import type { OperationError } from '../../../contract/index.ts'
import { rescueRuns } from '../../dispatcher/rescuer.ts'
import { Supervisor } from '../../dispatcher/supervisor.ts'
import { Services } from '../../services.ts'
import { cleanUp, type Setup, setup, temporaryFolder } from '../../testing/setup.ts'
import { makeHermes, type Rows } from './test-hermes.ts'

/** Seconds since the epoch, as Hermes counts. */
const T = 1_779_000_000

const task = (id: string, status: string, more: Record<string, string | number | null> = {}) => ({
  id,
  title: `Task ${id}`,
  status,
  created_by: 'dashboard',
  created_at: T,
  ...more,
})

/** What lies in a folder, to the last byte and moment. */
function snapshot(folder: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(folder).map((name) => {
      const path = join(folder, name)
      const hash = createHash('sha256').update(readFileSync(path)).digest('hex')
      return [name, `${hash} ${statSync(path).mtimeMs}`]
    }),
  )
}

function atRest(schema: Parameters<typeof makeHermes>[1], rows: Rows, more?: string): string {
  const path = join(temporaryFolder(), 'kanban.db')
  makeHermes(path, schema, rows, more).close()
  return path
}

/** Imports into a board `h`, and looks that the file is as it was. */
async function imported(path: string) {
  const bundle = await setup()
  const before = snapshot(dirname(path))
  const answer = await bundle.kernel.call('exchange.import_hermes', { path, slug: 'h' }, bundle.person)
  expect(snapshot(dirname(path))).toEqual(before)
  const board = bundle.on('h')
  return { bundle, board, answer }
}

describe('a board of late May 2026', () => {
  const rows: Rows = {
    tasks: [
      task('t_0000000a', 'done', {
        assignee: 'Coder',
        body: 'Do it',
        priority: 7,
        tenant: 'acme',
        started_at: T + 10,
        completed_at: T + 60,
        result: 'ok',
        skills: '["git", "python"]',
        model_override: 'fast',
        max_retries: 4,
        max_runtime_seconds: 90,
        workspace_kind: 'worktree',
        workspace_path: '/srv/tree',
        branch_name: 'feature/x',
        workflow_template_id: 'w1',
        current_step_key: 'build',
        session_id: 's1',
      }),
      task('t_0000000b', 'todo', { assignee: 'coder' }),
      task('t_0000000c', 'running', {
        assignee: 'coder',
        started_at: T + 20,
        claim_lock: 'box:77',
        claim_expires: T + 920,
        worker_pid: 4242,
        last_heartbeat_at: T + 100,
        current_run_id: 3,
      }),
      task('t_0000000d', 'triage'),
      task('t_0000000e', 'blocked', { consecutive_failures: 0 }),
      task('t_0000000f', 'blocked', { consecutive_failures: 2, last_failure_error: 'pid gone' }),
      task('t_00000010', 'scheduled'),
      task('t_00000011', 'review'),
      task('t_00000012', 'archived', { completed_at: T + 5 }),
      task('t_00000013', 'archived'),
      task('t_00000014', 'ready', { workspace_path: '/home/ada/.hermes/kanban/workspaces/t_00000014' }),
    ],
    task_links: [
      { parent_id: 't_0000000a', child_id: 't_0000000c' },
      { parent_id: 't_0000000c', child_id: 't_0000000b' },
    ],
    task_comments: [{ id: 5, task_id: 't_0000000a', author: 'reviewer', body: 'nice', created_at: T + 61 }],
    task_runs: [
      {
        id: 1,
        task_id: 't_0000000a',
        profile: 'coder',
        status: 'crashed',
        outcome: 'crashed',
        started_at: T + 10,
        ended_at: T + 20,
        error: 'pid 4240 not alive',
        worker_pid: 4240,
      },
      {
        id: 2,
        task_id: 't_0000000a',
        profile: 'coder',
        status: 'done',
        outcome: 'completed',
        started_at: T + 30,
        ended_at: T + 60,
        summary: 'did it',
        metadata: '{"changed_files": ["a.py"]}',
      },
      {
        id: 3,
        task_id: 't_0000000c',
        profile: 'coder',
        step_key: 'build',
        status: 'running',
        claim_lock: 'box:77',
        claim_expires: T + 920,
        worker_pid: 4242,
        started_at: T + 20,
        last_heartbeat_at: T + 100,
      },
      {
        id: 4,
        task_id: 't_00000010',
        status: 'scheduled',
        outcome: 'scheduled',
        started_at: T + 1,
        ended_at: T + 2,
        summary: 'next week',
      },
    ],
    task_events: [
      {
        id: 1,
        task_id: 't_0000000a',
        run_id: null,
        kind: 'created',
        payload: '{"assignee": "coder"}',
        created_at: T,
      },
      {
        id: 2,
        task_id: 't_0000000a',
        run_id: 1,
        kind: 'claimed',
        payload: '{"lock": "box:1"}',
        created_at: T + 10,
      },
      {
        id: 3,
        task_id: 't_0000000a',
        run_id: 1,
        kind: 'spawned',
        payload: '{"pid": 4240}',
        created_at: T + 11,
      },
      { id: 4, task_id: 't_0000000a', run_id: 1, kind: 'crashed', payload: null, created_at: T + 20 },
      {
        id: 5,
        task_id: 't_0000000a',
        run_id: 2,
        kind: 'completed',
        payload: '{"summary": "did it"}',
        created_at: T + 60,
      },
      { id: 6, task_id: 't_0000000c', run_id: 3, kind: 'claimed', payload: null, created_at: T + 20 },
      {
        id: 7,
        task_id: 't_0000000e',
        run_id: null,
        kind: 'blocked',
        payload: '{"reason": "Which colour?"}',
        created_at: T + 30,
      },
      {
        id: 8,
        task_id: 't_0000000f',
        run_id: null,
        kind: 'gave_up',
        payload: '{"failures": 2, "error": "pid gone"}',
        created_at: T + 31,
      },
      {
        id: 9,
        task_id: 't_00000010',
        run_id: 4,
        kind: 'scheduled',
        payload: '{"reason": "next week"}',
        created_at: T + 32,
      },
      {
        id: 10,
        task_id: 't_0000000b',
        run_id: null,
        kind: 'respawn_guarded',
        payload: '{"why": "active_pr"}',
        created_at: T + 33,
      },
      { id: 11, task_id: 't_deleted1', run_id: null, kind: 'created', payload: null, created_at: T + 34 },
      {
        id: 12,
        task_id: 't_0000000b',
        run_id: null,
        kind: 'promoted_manual',
        payload: '{"actor": "ada"}',
        created_at: T + 35,
      },
    ],
    kanban_notify_subs: [{ task_id: 't_0000000a', platform: 'telegram', chat_id: '1', created_at: T }],
  }

  test('is taken over with its times in milliseconds, its runs, links, comments and events', async () => {
    const { board, answer } = await imported(atRest('late_may', rows))
    expect(answer).toMatchObject({ board: 'h', tasks: 11, links: 2, runs: 4, comments: 1, events: 11 })
    expect(answer.warnings).toEqual(['1 events of tasks that are not there were left out.'])
    const { task: done, runs, comments, links, events } = await board.show('t_0000000a')
    expect(done).toMatchObject({
      title: 'Task t_0000000a',
      body: 'Do it',
      status: 'done',
      assignee: 'coder',
      priority: 7,
      tenant: 'acme',
      created_by: 'dashboard',
      created_at: T * 1000,
      started_at: (T + 10) * 1000,
      completed_at: (T + 60) * 1000,
      result: 'ok',
      skills: ['git', 'python'],
      model: 'fast',
      max_retries: 4,
      max_runtime_seconds: 90,
      workspace_kind: 'worktree',
      workspace_path: '/srv/tree',
      branch: 'feature/x',
      workflow_template_id: 'w1',
      current_step_key: 'build',
    })
    expect(runs).toMatchObject([
      {
        id: 1,
        attempt: 1,
        outcome: 'crashed',
        error: 'pid 4240 not alive',
        started_at: (T + 10) * 1000,
        spawned_at: (T + 11) * 1000,
        elapsed_ms: 10_000,
        worker_pid: 4240,
      },
      { id: 2, attempt: 2, outcome: 'completed', summary: 'did it', metadata: { changed_files: ['a.py'] } },
    ])
    expect(comments).toMatchObject([{ id: 5, author: 'reviewer', body: 'nice', created_at: (T + 61) * 1000 }])
    expect(links).toEqual({ parents: [], children: ['t_0000000c'] })
    expect(events.map((event) => [event.id, event.kind, event.run_id])).toEqual([
      [1, 'created', null],
      [2, 'claimed', 1],
      [3, 'spawned', 1],
      [4, 'crashed', 1],
      [5, 'completed', 2],
    ])
  })

  test('states that Hermes has and Runboard has not find their place', async () => {
    const { board } = await imported(atRest('late_may', rows))
    const tasks = (await board.call('task.list', { archived: true })).tasks
    const places = Object.fromEntries(
      tasks.map((one) => [one.id.slice(-2), [one.status, one.block_kind, one.held]]),
    )
    expect(places).toEqual({
      '0a': ['done', null, false],
      '0b': ['todo', null, false],
      '0c': ['running', null, false],
      '0d': ['triage', null, false],
      '0e': ['blocked', 'needs_input', false],
      '0f': ['blocked', 'gave_up', false],
      10: ['ready', null, true],
      11: ['review', null, false],
      12: ['archived', null, false],
      13: ['archived', null, false],
      14: ['ready', null, false],
    })
    expect(await board.task('t_0000000e')).toMatchObject({ block_reason: 'Which colour?' })
    expect(await board.task('t_0000000f')).toMatchObject({
      block_reason: 'pid gone',
      consecutive_failures: 2,
    })
    expect(await board.task('t_00000010')).toMatchObject({ held_reason: 'next week' })
    expect((await board.runs('t_00000010'))[0]).toMatchObject({
      outcome: 'reclaimed',
      observed: { hermes_outcome: 'scheduled' },
    })
    expect(await board.task('t_00000014')).toMatchObject({ workspace_kind: 'scratch', workspace_path: null })
    expect((await board.call('task.restore', { id: 't_00000012' })).task.status).toBe('done')
    expect((await board.call('task.restore', { id: 't_00000013' })).task.status).toBe('ready')
  })

  test('events that Runboard has no word for are kept, with their name', async () => {
    const { board } = await imported(atRest('late_may', rows))
    expect(
      (await board.events('t_0000000b')).map(({ kind, payload, actor }) => [kind, payload, actor]),
    ).toEqual([
      ['imported', { why: 'active_pr', hermes_kind: 'respawn_guarded' }, 'hermes'],
      ['promoted', { actor: 'ada', hermes_kind: 'promoted_manual' }, 'ada'],
    ])
    const [scheduled] = await board.events('t_00000010')
    expect(scheduled).toMatchObject({
      kind: 'held',
      run_id: null,
      payload: { reason: 'next week', hermes_kind: 'scheduled' },
    })
  })

  test('the new board is paused, and its inbox begins now', async () => {
    const { board } = await imported(atRest('late_may', rows))
    expect((await board.call('dispatcher.show', {})).dispatcher.paused).toBe(true)
    const inbox = await board.call('inbox.show', {})
    expect(inbox.counts).toEqual({ needs_you: 3, failed: 0, finished: 0, unseen: 0 })
  })

  test('a task in flight keeps its run, which no process here is taken for, and which lapses with its claim', async () => {
    const { bundle, board } = await imported(atRest('late_may', rows))
    const id = 't_0000000c'
    const [run] = await board.runs(id)
    expect(run).toMatchObject({
      id: 3,
      attempt: 1,
      outcome: null,
      worker_pid: 4242,
      host: 'hermes',
      claim_expires_at: (T + 920) * 1000,
    })
    expect((await board.task(id)).current_run_id).toBe(3)
    const [worker] = (await board.call('worker.list', {})).workers
    expect(worker).toMatchObject({ task_id: id, alive: false })

    const rescue = async (at: number) => {
      const services = new Services({ home: bundle.home, clock: () => at, env: {} })
      const opened = services.board('h')
      const supervisor = new Supervisor(services, opened, () => undefined)
      await Promise.all(rescueRuns(services, opened, { supervisor, starting: new Set() }).values())
      await supervisor.stop()
      services.closeAll()
    }
    await rescue((T + 919) * 1000)
    expect((await board.runs(id))[0]?.outcome).toBe(null)
    await rescue((T + 920) * 1000)
    expect((await board.runs(id))[0]?.outcome).toBe('reclaimed')
    expect((await board.task(id)).status).toBe('ready')
  })

  test('a worker of Hermes that finishes by hand has its run to finish', async () => {
    const { board } = await imported(atRest('late_may', rows))
    await board.call('task.complete', { id: 't_0000000c', summary: 'finished elsewhere' })
    expect(await board.runs('t_0000000c')).toMatchObject([
      { id: 3, outcome: 'completed', summary: 'finished elsewhere' },
    ])
    expect((await board.task('t_0000000b')).status).toBe('ready')
  })
})

describe('a board of before runs existed', () => {
  const rows: Rows = {
    tasks: [
      task('t_00000001', 'running', {
        assignee: 'coder',
        started_at: T + 5,
        claim_lock: 'box:1',
        claim_expires: T + 905,
        worker_pid: 99,
      }),
      task('t_00000002', 'running', { assignee: 'coder' }),
      task('t_00000003', 'blocked', { spawn_failures: 5, last_spawn_error: 'no such profile' }),
      task('t_00000004', 'done', { completed_at: T + 50, result: 'finished' }),
      task('t_00000005', 'ready', { idempotency_key: 'nightly' }),
      task('t_00000006', 'ready', { idempotency_key: 'nightly' }),
    ],
    task_events: [
      { id: 1, task_id: 't_00000005', kind: 'ready', payload: null, created_at: T + 1 },
      { id: 2, task_id: 't_00000005', kind: 'priority', payload: '{"priority": 3}', created_at: T + 2 },
      {
        id: 3,
        task_id: 't_00000003',
        kind: 'spawn_auto_blocked',
        payload: '{"error": "no such profile"}',
        created_at: T + 3,
      },
    ],
  }

  test('gets an open run for each task in flight, made from its claim', async () => {
    const { board, answer } = await imported(atRest('before_runs', rows))
    expect(answer).toMatchObject({ tasks: 6, runs: 2 })
    expect(await board.runs('t_00000001')).toMatchObject([
      {
        attempt: 1,
        profile: 'coder',
        outcome: null,
        started_at: (T + 5) * 1000,
        claim_expires_at: (T + 905) * 1000,
        worker_pid: 99,
      },
    ])
    const [other] = await board.runs('t_00000002')
    expect(other).toMatchObject({ outcome: null, started_at: T * 1000, claim_expires_at: T * 1000 })
    expect(await board.kinds('t_00000001')).toEqual(['claimed'])
    await board.call('task.heartbeat', { id: 't_00000001' })
    await board.call('task.complete', { id: 't_00000001', summary: 'done' })
    expect((await board.runs('t_00000001'))[0]?.outcome).toBe('completed')
  })

  test('keeps its failures under their new name, and old events get theirs', async () => {
    const { board } = await imported(atRest('before_runs', rows))
    expect(await board.task('t_00000003')).toMatchObject({
      block_kind: 'gave_up',
      block_reason: 'no such profile',
      consecutive_failures: 5,
      last_failure_error: 'no such profile',
    })
    expect(await board.kinds('t_00000003')).toEqual(['gave_up'])
    expect(await board.kinds('t_00000005')).toEqual(['promoted', 'reprioritized'])
  })

  test('of several tasks with one idempotency key the newest keeps it', async () => {
    const { board, answer } = await imported(atRest('before_runs', rows))
    expect((await board.task('t_00000005')).idempotency_key).toBe(null)
    expect((await board.task('t_00000006')).idempotency_key).toBe('nightly')
    expect(answer.warnings).toHaveLength(1)
  })
})

describe('files that are not as they should be', () => {
  test('odd values become what they must have meant', async () => {
    const rows: Rows = {
      tasks: [
        task('t_00000001', 'ready', {
          created_at: '2026-05-20T10:00:00Z',
          skills: 'git, python',
          priority: '2',
          max_retries: 0,
        }),
        task('t_00000002', 'frobnicated', { created_at: 1_779_000_000_123 }),
        task('../evil', 'ready', { title: '  ' }),
        task('t_00000004', 'todo'),
        task('t_00000005', 'ready'),
      ],
      task_links: [
        { parent_id: 't_00000001', child_id: 't_00000005' },
        { parent_id: 't_00000005', child_id: 't_00000001' },
        { parent_id: 't_00000009', child_id: 't_00000001' },
      ],
      task_runs: [
        { id: 1, task_id: 't_00000001', status: 'running', started_at: T, metadata: '[1, 2]' },
        {
          id: 2,
          task_id: 't_00000001',
          status: 'done',
          outcome: 'completed',
          started_at: T + 10,
          ended_at: T + 5,
          metadata: 'not json',
          summary: '  ',
        },
      ],
    }
    const { board, answer } = await imported(atRest('late_may', rows))
    expect(await board.task('t_00000001')).toMatchObject({
      created_at: Date.parse('2026-05-20T10:00:00Z'),
      skills: ['git', 'python'],
      priority: 2,
      max_retries: null,
      status: 'ready',
    })
    expect(await board.task('t_00000002')).toMatchObject({ status: 'triage', created_at: 1_779_000_000_123 })
    expect((await board.task('t_00000004')).status).toBe('ready')
    expect((await board.task('t_00000005')).status).toBe('todo')
    expect(await board.runs('t_00000001')).toMatchObject([
      { attempt: 1, outcome: 'reclaimed', metadata: { value: [1, 2] } },
      { attempt: 2, outcome: 'completed', metadata: { text: 'not json' }, summary: null, elapsed_ms: 0 },
    ])
    const renamed = (await board.call('task.list', {})).tasks.find((one) => one.title === '(without a title)')
    expect(renamed?.id).toMatch(/^t_[0-9a-f]{8}$/)
    expect(answer.warnings.length).toBeGreaterThanOrEqual(4)
  })

  test('columns and kinds that came later are read too', async () => {
    const rows: Rows = {
      tasks: [
        task('t_00000001', 'blocked', { block_kind: 'capability' }),
        task('t_00000002', 'scheduled', { scheduled_at: T + 5000 }),
      ],
      task_events: [
        {
          id: 1,
          task_id: 't_00000001',
          kind: 'review_requested',
          payload: null,
          run_id: null,
          created_at: T,
        },
      ],
    }
    const more =
      'ALTER TABLE tasks ADD COLUMN block_kind TEXT; ALTER TABLE tasks ADD COLUMN scheduled_at INTEGER'
    const { board } = await imported(atRest('late_may', rows, more))
    expect((await board.task('t_00000001')).block_kind).toBe('capability')
    expect(await board.task('t_00000002')).toMatchObject({
      status: 'ready',
      held: false,
      not_before_at: (T + 5000) * 1000,
    })
    expect(await board.kinds('t_00000001')).toEqual(['review_requested'])
  })

  test('a board that Hermes has open is read with what is still in its log, and is not written to', async () => {
    const path = join(temporaryFolder(), 'kanban.db')
    const hermes = makeHermes(path, 'late_may', { tasks: [task('t_00000001', 'ready')] })
    cleanUp(() => void hermes.close())
    hermes.pragma('wal_autocheckpoint = 0')
    hermes
      .prepare(
        `INSERT INTO tasks (id, title, status, created_at) VALUES ('t_00000002', 'In the log', 'ready', ${T})`,
      )
      .run()
    expect(statSync(`${path}-wal`).size).toBeGreaterThan(0)
    const { board } = await imported(path)
    expect((await board.task('t_00000002')).title).toBe('In the log')
    hermes.prepare(`UPDATE tasks SET title = 'Hermes goes on'`).run()
  })

  test.each([
    ['no file', (folder: string) => join(folder, 'none.db'), 'NOT_FOUND'],
    ['a folder', (folder: string) => folder, 'NOT_FOUND'],
    ['rubbish', (folder: string) => written(folder, 'rubbish'), 'INVALID_INPUT'],
    ['an empty file', (folder: string) => written(folder, ''), 'INVALID_INPUT'],
    ['a database of another program', (folder: string) => foreign(folder), 'INVALID_INPUT'],
    ['a damaged board', (folder: string) => damaged(folder), 'INVALID_INPUT'],
  ] as const)('%s is refused, and leaves nothing behind', async (_what, make, code) => {
    const bundle = await setup()
    const path = make(temporaryFolder())
    await bundle.refused(code, 'exchange.import_hermes', { path, slug: 'h' })
    expect(readdirSync(join(bundle.home, 'boards'))).toEqual(['test'])
  })

  test('a board of Runboard is refused, wherever it lies', async () => {
    const bundle = await setup()
    await bundle.refused('CONFLICT', 'exchange.import_hermes', { path: bundle.board.path })
    const copy = join(temporaryFolder(), 'copy.db')
    await bundle.call('backup.create', { out: copy })
    await bundle.refused('INVALID_INPUT', 'exchange.import_hermes', { path: copy })
  })
})

describe('the name of the new board', () => {
  const rows: Rows = { tasks: [task('t_00000001', 'ready')] }
  async function slugFor(bundle: Setup, ...parts: string[]) {
    const path = join(temporaryFolder(), ...parts)
    makeHermes(path, 'late_may', rows).close()
    if (path.includes('/boards/'))
      writeFileSync(join(dirname(path), 'board.json'), '{"name": "My Work", "icon": "🔧"}')
    return bundle.call('exchange.import_hermes', { path })
  }

  test('is hermes, or that of its folder; what it is called comes along', async () => {
    const bundle = await setup()
    expect((await slugFor(bundle, 'kanban.db')).board).toBe('hermes')
    expect((await slugFor(bundle, 'kanban/boards/my-work/kanban.db')).board).toBe('my-work')
    const { boards } = await bundle.call('board.list', {})
    expect(boards.map(({ slug, name, icon }) => [slug, name, icon])).toEqual([
      ['hermes', 'Hermes', null],
      ['my-work', 'My Work', '🔧'],
      ['test', 'test', null],
    ])
  })

  test('is refused where it is taken', async () => {
    const bundle = await setup()
    await slugFor(bundle, 'kanban.db')
    const error = await slugFor(bundle, 'kanban.db').catch((cause: unknown) => cause as OperationError)
    expect(error).toMatchObject({ code: 'CONFLICT' })
    expect((error as OperationError).message).toContain('--as SLUG')
  })
})

function written(folder: string, content: string): string {
  const path = join(folder, 'kanban.db')
  writeFileSync(path, content)
  return path
}

function foreign(folder: string): string {
  const path = join(folder, 'kanban.db')
  const db = new Database(path)
  db.exec('CREATE TABLE tasks (id, label); CREATE TABLE notes (text)')
  db.close()
  return path
}

function damaged(folder: string): string {
  const path = join(folder, 'kanban.db')
  makeHermes(path, 'late_may', { tasks: [task('t_00000001', 'ready')] }).close()
  const content = readFileSync(path)
  content.fill(0xff, 4096)
  writeFileSync(path, content)
  return path
}
