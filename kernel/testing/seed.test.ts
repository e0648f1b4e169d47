import { describe, expect, it } from 'vitest'
import { isRunScoped } from '../../contract/index.ts'
import { failRun } from '../lifecycle/fail.ts'
import { getTask } from '../lifecycle/moved.ts'
import * as taskRuns from '../tables/task-runs.ts'
import { type Setup, setup } from './setup.ts'
import { makeOldBoard } from './old-board.ts'

const policy = { profile_limit: null, board_limit: null, backoff_seconds: 0, random: () => 0.5 }

/** Ends the open run of a task as the dispatcher does when the worker's process has gone. */
function crash({ write }: Setup, id: string, error: string): void {
  write((tx) => {
    const task = getTask(tx, id)
    const run = tx.get(taskRuns.byId, { id: task.current_run_id! })!
    failRun(tx, task, run, { outcome: 'crashed', error, exit: { exit_code: 1, signal: null } }, policy)
  })
}

describe('the life of a run', () => {
  it('run created on claim', async () => {
    const { create, claim, runs, task } = await setup()
    const { id } = await create({ assignee: 'coder' })

    const claimed = await claim(id)

    expect(await runs(id)).toMatchObject([
      { id: claimed.run.id, task_id: id, attempt: 1, profile: 'coder', outcome: null, ended_at: null },
    ])
    expect(await task(id)).toMatchObject({ status: 'running', current_run_id: claimed.run.id })
  })

  it('run closed on complete with summary', async () => {
    const { call, clock, create, claim, runs, task } = await setup()
    const { id } = await create()
    const { run, worker } = await claim(id)
    clock.advance(1500)

    await call('task.complete', { id, summary: 'Moved the parser', metadata: { tests_run: 3 } }, worker)

    expect(await runs(id)).toMatchObject([
      {
        id: run.id,
        outcome: 'completed',
        summary: 'Moved the parser',
        metadata: { tests_run: 3 },
        ended_at: clock.now,
        elapsed_ms: 1500,
      },
    ])
    expect(await task(id)).toMatchObject({
      status: 'done',
      current_run_id: null,
      completed_at: clock.now,
      result: null,
    })
  })

  it('summary falls back to result', async () => {
    const { call, create, claim, runs, task } = await setup()
    const { id } = await create()
    const { worker } = await claim(id)

    await call('task.complete', { id, summary: '  \n', result: 'Forty-two' }, worker)

    expect(await runs(id)).toMatchObject([{ outcome: 'completed', summary: 'Forty-two' }])
    expect(await task(id)).toMatchObject({ status: 'done', result: 'Forty-two' })
  })

  it('multiple attempts preserved as runs: reclaimed, then crashed, then completed', async () => {
    const bundle = await setup()
    const { call, create, claim, runs, show } = bundle
    const { id } = await create({ assignee: 'coder' })
    await claim(id)
    await call('task.reclaim', { id, reason: 'wrong machine' })
    await claim(id)
    crash(bundle, id, 'Segmentation fault')
    const { worker } = await claim(id)
    await call('task.complete', { id, summary: 'Third time lucky' }, worker)

    expect(await runs(id)).toMatchObject([
      { attempt: 1, outcome: 'reclaimed', error: 'wrong machine' },
      { attempt: 2, outcome: 'crashed', error: 'Segmentation fault', exit_code: 1 },
      { attempt: 3, outcome: 'completed', summary: 'Third time lucky', error: null },
    ])
    expect((await show(id)).runs.map((run) => run.attempt)).toEqual([1, 2, 3])
  })

  it('run on block with reason', async () => {
    const { call, create, claim, runs, task } = await setup()
    const { id } = await create()
    const { worker } = await claim(id)

    await call('task.block', { id, reason: 'Which of the two databases?' }, worker)

    expect(await runs(id)).toMatchObject([{ outcome: 'blocked', summary: 'Which of the two databases?' }])
    expect(await task(id)).toMatchObject({
      status: 'blocked',
      block_kind: 'needs_input',
      block_reason: 'Which of the two databases?',
    })
  })

  it('spawn failures recorded as runs: with a limit of 5, four spawn_failed and one gave_up', async () => {
    const { call, create, runs, task, kinds } = await setup({ clock: 'real' })
    await call('profile.add', { name: 'ghost', command: ['/nowhere/agent'], backoff_seconds: 0 })
    const { id } = await create({ assignee: 'ghost', max_retries: 5 })

    await call('dispatcher.dispatch', { wait: true })

    const list = await runs(id)
    expect(list.map((run) => run.outcome)).toEqual([...Array<string>(4).fill('spawn_failed'), 'gave_up'])
    expect(list.every((run) => run.error?.includes('/nowhere/agent'))).toBe(true)
    expect(await task(id)).toMatchObject({
      status: 'blocked',
      block_kind: 'gave_up',
      consecutive_failures: 5,
    })
    expect((await kinds(id)).filter((kind) => kind === 'spawn_failed' || kind === 'gave_up')).toEqual(
      list.map((run) => run.outcome),
    )
  })
})

it('event rows carry run_id, task-scoped ones none', async () => {
  const { call, create, claim, events } = await setup()
  const { id } = await create({ assignee: 'coder' })
  const first = await claim(id)
  await call('task.heartbeat', { id, note: 'half way' }, first.worker)
  await call('task.block', { id, reason: 'Which one?' }, first.worker)
  await call('comment.add', { id, body: 'The left one.' })
  await call('task.unblock', { id, answer: 'left' })
  const second = await claim(id)
  await call('task.complete', { id, summary: 'Done' }, second.worker)

  expect((await events(id)).map(({ kind, run_id }) => [kind, run_id])).toEqual([
    ['created', null],
    ['claimed', first.run.id],
    ['heartbeat', first.run.id],
    ['blocked', first.run.id],
    ['commented', null],
    ['unblocked', null],
    ['claimed', second.run.id],
    ['completed', second.run.id],
  ])
  expect((await events(id)).every(({ kind, run_id }) => isRunScoped(kind) === (run_id !== null))).toBe(true)
})

describe('what a worker is given', () => {
  it('context includes prior attempts', async () => {
    const bundle = await setup()
    const { call, create, claim } = bundle
    const { id } = await create({ assignee: 'coder' })
    await claim(id)
    crash(bundle, id, 'connection refused after 3 tries')
    const second = await claim(id)
    await call('task.block', { id, reason: 'Port 5432 is closed; which one is open?' }, second.worker)
    await call('task.unblock', { id, answer: 'Use 5433' })

    const { context } = await call('task.context', { id })

    expect(context).toMatch(
      /## Prior attempts[^]*### Attempt 1: crashed \(coder[^]*connection refused after 3/,
    )
    expect(context).toMatch(/### Attempt 2: blocked \(coder[^]*Port 5432 is closed[^]*Use 5433/)
  })

  it('context uses the parent run’s summary and metadata', async () => {
    const { call, create, claim } = await setup()
    const parent = await create('Find the endpoint')
    const child = await create({ title: 'Call it', parents: [parent.id] })
    const { worker } = await claim(parent.id)
    const metadata = { endpoint: '/v2/orders' }
    await call(
      'task.complete',
      { id: parent.id, summary: 'It is the second version', metadata, result: 'not this one' },
      worker,
    )

    const { context } = await call('task.context', { id: child.id })

    const part = /## Parent results\n[^]*/.exec(context)?.[0]
    expect(part).toContain(parent.id)
    expect(part).toContain('It is the second version')
    expect(part).toContain('{"endpoint":"/v2/orders"}')
    expect(part).not.toContain('not this one')
  })
})

it('workflow columns writable', async () => {
  const { call, create, claim, task, runs } = await setup()
  const { id } = await create({ workflow_template_id: 'release', current_step_key: 'draft' })
  expect(await task(id)).toMatchObject({ workflow_template_id: 'release', current_step_key: 'draft' })

  await call('task.edit', { id, current_step_key: 'proof' })
  await claim(id)

  expect(await task(id)).toMatchObject({ workflow_template_id: 'release', current_step_key: 'proof' })
  expect(await runs(id)).toMatchObject([{ step_key: 'proof' }])
  const filtered = await call('task.list', { workflow_template_id: 'release', current_step_key: 'proof' })
  expect(filtered.tasks.map((card) => card.id)).toEqual([id])
})

describe('the detail of a task', () => {
  it('task detail carries runs', async () => {
    const { call, clock, create, claim, show } = await setup()
    const { id } = await create()
    const { worker } = await claim(id)
    clock.advance(2000)
    await call('task.complete', { id, summary: 'Done' }, worker)

    expect((await show(id)).runs).toMatchObject([{ attempt: 1, outcome: 'completed', elapsed_ms: 2000 }])
  })

  it('task detail’s runs empty before a claim', async () => {
    const { create, show } = await setup()
    const { id } = await create()

    expect((await show(id)).runs).toEqual([])
  })
})

describe('migration backfills the in-flight run of a board from before runs', () => {
  const claimed = {
    id: 't_0000000a',
    title: 'In flight',
    status: 'running',
    assignee: 'coder',
    created_by: 'ada',
    created_at: 1000,
    updated_at: 2000,
    started_at: 2000,
    claim_lock: 'box:4711',
    claim_expires_at: 900_000,
    worker_pid: 4711,
    last_heartbeat_at: 2500,
    max_runtime_seconds: 60,
    workspace_path: '/work/a',
  }
  const rows = {
    tasks: [
      claimed,
      { ...claimed, id: 't_0000000b', title: 'Claimed without a trace', claim_lock: null, started_at: null },
      plain('t_0000000c', 'ready'),
      plain('t_0000000d', 'done'),
      plain('t_0000000e', 'blocked'),
      plain('t_0000000f', 'archived'),
    ],
    task_events: [
      { task_id: claimed.id, kind: 'created', actor: 'ada', created_at: 1000 },
      { task_id: claimed.id, kind: 'claimed', actor: 'dispatcher', created_at: 2000 },
    ],
    task_comments: [{ task_id: claimed.id, author: 'ada', body: 'Mind the gap', created_at: 1500 }],
    task_links: [{ parent_id: claimed.id, child_id: 't_0000000d' }],
  }

  function plain(id: string, status: string) {
    return { id, title: status, status, created_by: 'ada', created_at: 1000, updated_at: 2000 }
  }

  /** A home with that board, not opened yet. */
  async function oldBoard() {
    const bundle = await setup()
    makeOldBoard(bundle.home, 'old', 1, rows)
    return bundle
  }

  it('gives a running task the open run of its claim columns, and keeps the rest', async () => {
    const { show, inspector, invariants } = (await oldBoard()).on('old')

    const shown = await show(claimed.id)

    invariants()
    expect(shown.runs).toMatchObject([
      {
        attempt: 1,
        profile: 'coder',
        outcome: null,
        started_at: 2000,
        claim_expires_at: 900_000,
        worker_pid: 4711,
        last_heartbeat_at: 2500,
        max_runtime_seconds: 60,
        workspace_path: '/work/a',
        host: null,
      },
    ])
    expect(shown.task).toMatchObject({ status: 'running', current_run_id: shown.runs[0]!.id })
    expect(shown.comments).toMatchObject([{ author: 'ada', body: 'Mind the gap', run_id: null }])
    expect(shown.events.map((event) => event.kind)).toEqual(['created', 'claimed'])
    expect(shown.links).toEqual({ parents: [], children: ['t_0000000d'] })
    expect(inspector.all('SELECT task_id, claim_lock, started_at FROM task_runs ORDER BY id')).toEqual([
      { task_id: 't_0000000a', claim_lock: 'box:4711', started_at: 2000 },
      { task_id: 't_0000000b', claim_lock: 'unknown', started_at: 2000 },
    ])
  })

  it('is a no-op the second time', async () => {
    const bundle = await oldBoard()
    const { inspector } = bundle.on('old')
    const before = inspector.dump()

    bundle.on('old')

    expect(inspector.dump()).toEqual(before)
  })

  it.each([
    ['task.complete', {}, 'done', 'completed'],
    ['task.reclaim', {}, 'ready', 'reclaimed'],
    ['task.block', { reason: 'Which one?' }, 'blocked', 'blocked'],
  ] as const)('lets %s end that run', async (verb, given, status, outcome) => {
    const { call, runs, task } = (await oldBoard()).on('old')

    await call(verb, { id: claimed.id, ...given })

    expect(await task(claimed.id)).toMatchObject({ status, current_run_id: null })
    expect(await runs(claimed.id)).toMatchObject([{ attempt: 1, outcome }])
  })

  it('lets a heartbeat extend it, and a claim that lapsed be taken back', async () => {
    const { call, clock, runs, task } = (await oldBoard()).on('old')
    const { run } = await call('task.heartbeat', { id: claimed.id, note: 'still here' })
    expect(run).toMatchObject({ last_heartbeat_at: clock.now, claim_expires_at: clock.now + 900_000 })

    clock.advance(900_001)
    await call('dispatcher.dispatch', {})

    expect(await task(claimed.id)).toMatchObject({ status: 'ready' })
    expect(await runs(claimed.id)).toMatchObject([{ outcome: 'reclaimed' }])
  })
})
