import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openKernel } from '../kernel.ts'
import { settleRun } from '../dispatcher/settle.ts'
import { Watched } from '../dispatcher/watched.ts'
import { completeTask } from '../lifecycle/complete.ts'
import { getTask } from '../lifecycle/moved.ts'
import { Services } from '../services.ts'
import * as taskRuns from '../tables/task-runs.ts'
import { setup, type Setup } from './setup.ts'
import { setupWorkers } from './workers.ts'

// Mistakes that boards of this kind are known for, where no other test covers them.

const HOUR_MS = 3_600_000

function rowOf({ board }: Setup, id: number) {
  const row = board.connection.read.get(taskRuns.byId, { id })
  if (row === undefined) throw new Error(`there is no run ${id}`)
  return row
}

describe('another attempt', () => {
  it('has its own clocks: neither heartbeat nor time of the last attempt', async () => {
    const bundle = await setup()
    const { call, claim, clock, create } = bundle
    const { id } = await create({ max_runtime_seconds: 3600 })
    await claim(id)
    await call('task.heartbeat', { id, note: 'half' })
    await call('task.reclaim', { id })
    clock.advance(10 * HOUR_MS)

    const { run } = await claim(id)

    expect(run).toMatchObject({ attempt: 2, last_heartbeat_at: null, last_heartbeat_note: null })
    const clocks = { clock: () => clock.now, awake: () => clock.now }
    const watched = new Watched(rowOf(bundle, run.id), 'coder', clocks, {
      pids_before: null,
      started_as: null,
    })
    expect(watched.overstays(rowOf(bundle, run.id), 1800)).toBeNull()
    clock.advance(HOUR_MS / 2)
    expect(watched.overstays(rowOf(bundle, run.id), 1800)).toMatchObject({ outcome: 'stale' })
  })

  it('continues when the end of the last attempt is noticed late', async () => {
    const bundle = await setup()
    const { board, call, claim, clock, create, home, runs, task } = bundle
    const { id } = await create()
    const { run: first } = await claim(id)
    await call('task.reclaim', { id })
    await claim(id)
    const services = new Services({ home, clock: () => clock.now })

    await settleRun(services, board, { run_id: first.id, end: { exit_code: 1, signal: null } })

    bundle.invariants()
    expect(await task(id)).toMatchObject({ status: 'running', consecutive_failures: 0 })
    expect(await runs(id)).toMatchObject([{ outcome: 'reclaimed', exit_code: 1 }, { outcome: null }])
  })
})

it('a task completed while its worker starts has no worker, and none is recorded', async () => {
  let complete: () => void = () => undefined
  const bundle = await setupWorkers({
    atStep: (step) => {
      if (step === 'context') complete()
    },
  })
  const { create, drain, kinds, path, profile, runs, task, text, write } = bundle
  await profile('worker', `echo started >'${path('started')}'`, { completion: 'exit-code' })
  const { id } = await create({ assignee: 'worker' })
  complete = () => {
    complete = () => undefined
    const handoff = { summary: 'By hand', metadata: null, result: null }
    write((tx) => completeTask(tx, getTask(tx, id), { ...handoff, trigger: 'human' }), 'ada')
  }

  await drain()

  expect(await task(id)).toMatchObject({ status: 'done' })
  expect(await runs(id)).toMatchObject([{ outcome: 'completed', summary: 'By hand', spawned_at: null }])
  expect(await kinds(id)).toEqual(['created', 'claimed', 'completed'])
  expect(text('started')).toBe('')
})

it('waiting tasks write no events, however often the dispatcher looks', async () => {
  const { call, create, inspector, profile } = await setupWorkers()
  await profile('worker', 'true')
  const { id } = await create({ assignee: 'worker' })
  await call('task.hold', { id })
  await create({ assignee: 'nobody-knows' })
  await create({ assignee: 'worker', not_before_at: Date.now() + HOUR_MS })
  await create({ assignee: 'worker', parents: [id] })
  const events = () => inspector.all<{ n: number }>('SELECT count(*) AS n FROM task_events')[0]?.n
  const before = events()

  for (let pass = 0; pass < 5; pass++) await call('dispatcher.dispatch', {})

  expect(events()).toBe(before)
})

it('words like author, quota or 403 in the output do not make a failure a rate limit, nor a reopened task wait', async () => {
  const { call, create, drain, profile, runs, task } = await setupWorkers()
  await profile(
    'worker',
    '[ -e again ] || { touch again; echo "author: 403 quota, unauthorized"; exit 1; }',
    {
      completion: 'exit-code',
    },
  )
  const { id } = await create({ assignee: 'worker' })
  await drain()
  await call('task.reopen', { id })
  await drain()

  expect((await runs(id)).map(({ outcome }) => outcome)).toEqual(['crashed', 'completed', 'completed'])
  expect(await task(id)).toMatchObject({ status: 'done' })
})

it('the age of a ready task counts from when it became ready', async () => {
  const { call, clock, create } = await setup()
  const parent = await create()
  await create({ parents: [parent.id] })
  clock.advance(HOUR_MS)
  await call('task.complete', { id: parent.id })
  clock.advance(5000)

  expect(await call('stats.show', {})).toMatchObject({ oldest_ready_age_ms: 5000 })
})

it('a board of forty thousand tasks is listed completely, in several answers', async () => {
  const { board, kernel, person } = await setup({ checkOutputs: false })
  board.connection.writeNow('test', (tx) =>
    tx.run(
      {
        sql: `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000)
          INSERT INTO tasks (id, title, status, created_by, created_at, updated_at, ready_at)
          SELECT printf('t_%08x', i), 'Task ' || i, 'ready', 'ada', i, i, i FROM n`,
      },
      {},
    ),
  )

  const ids = new Set<string>()
  for (let more = true; more;) {
    const page = await kernel.call('task.list', { offset: ids.size }, person)
    for (const { id } of page.tasks) ids.add(id)
    more = page.omitted !== undefined
  }
  const { columns } = await kernel.call('board.view', {}, person)

  expect(ids.size).toBe(40_000)
  expect(columns.find(({ status }) => status === 'ready')).toMatchObject({ count: 40_000 })
})

it('opening a board does not read all of it; the check for damage does', async () => {
  const { board, call, create, kernel, person } = await setup()
  const { id } = await create()
  for (let n = 0; n < 200; n++) await call('comment.add', { id, body: `${'needle '.repeat(100)}${n}` })
  const path = board.path
  await kernel.close()
  board.connection.close()
  const bytes = readFileSync(path)
  const page = Math.floor(bytes.indexOf('needle needle', Math.floor(bytes.length / 2)) / 4096) * 4096
  bytes.fill(0xff, page, page + 8)
  writeFileSync(path, bytes)

  const opened = openKernel({ home: join(path, '..', '..', '..') })
  const list = await opened.call('task.list', {}, person)
  const { checks } = await opened.call('doctor.run', {}, person)
  await opened.close()

  expect(list.tasks).toHaveLength(1)
  expect(checks.find(({ name }) => name === 'integrity')).toMatchObject({ ok: false })
})

it('a clock that is set back keeps the times of a run in order', async () => {
  const { call, claim, clock, create, runs, show, write } = await setup()
  const { id } = await create()
  const { run } = await claim(id)
  clock.advance(-24 * HOUR_MS)
  const nothing = { worker_pid: null, worker_started_key: null, keeper_pid: null, keeper_started_key: null }
  write((tx) =>
    tx.returning(taskRuns.setSpawned, {
      id: run.id,
      ...nothing,
      host: null,
      log_path: null,
      command: null,
      workspace_path: null,
      base_branch: null,
      base_commit: null,
      now: tx.now,
    }),
  )
  write((tx) => tx.run(taskRuns.setFirstOutput, { id: run.id, at: run.started_at + 70 }))
  await call('task.complete', { id, summary: 'Done' })

  const [ended] = await runs(id)
  expect(ended).toMatchObject({
    spawned_at: run.started_at,
    first_output_at: run.started_at + 70,
    elapsed_ms: 70,
  })
  const times = (await show(id)).events.map(({ created_at }) => created_at)
  expect(times).toEqual([...times].sort((a, b) => a - b))
})
