import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import type { OperationError } from '../../../contract/index.ts'
import { cleanUp, type Setup, setup, temporaryFolder } from '../../testing/setup.ts'
import { makeHermes, type Rows } from './test-hermes.ts'
import { T, task, atRest, imported } from '../../testing/hermes-import.ts'

describe('irregular files', () => {
  it('odd values are read as what they must mean', async () => {
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

  it('later columns and kinds are read too', async () => {
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

  it('a board that Hermes has open is read including its log, and is not written to', async () => {
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
    hermes.prepare(`UPDATE tasks SET title = 'Hermes continues'`).run()
  })

  it.each([
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

  it('a board of Runboard is refused, wherever it lies', async () => {
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

  it('is hermes, or that of its folder; the display name is imported too', async () => {
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

  it('is refused if it is taken', async () => {
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
