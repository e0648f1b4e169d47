import { writeFileSync } from 'node:fs'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openKernel } from '../index.ts'
import { requestStop, takeFromWorker, type WantedEnd } from '../lifecycle/stop.ts'
import { completeTask } from '../lifecycle/complete.ts'
import { getTask } from '../lifecycle/moved.ts'
import { startKeyOf } from '../workers/process/identity.ts'
import type { TreeProcess } from '../workers/process/tree.ts'
import { cleanUp, until } from '../testing/setup.ts'
import { REPORTER, setupWorkers, type WorkerSetup } from '../testing/workers.ts'

/** What stopping a process tree waits for, in a test that needs several stops at once. */
const stops = vi.hoisted(() => ({ before: () => Promise.resolve(), survivors: [] as TreeProcess[] }))
vi.mock(import('../workers/process/stop-tree.ts'), async (original) => {
  const { stopTree } = await original()
  return {
    stopTree: async (...given) => {
      await stops.before()
      if (stops.survivors.length > 0) return { stopped: false, killed: true, survivors: stops.survivors }
      return stopTree(...given)
    },
  }
})
afterEach(() => {
  stops.before = () => Promise.resolve()
  stops.survivors = []
})

/** A worker with a child. Both ignore SIGTERM, and both write their pid. */
async function stubborn(bundle: WorkerSetup): Promise<{ id: string; pids: number[] }> {
  const { call, create, profile, path, text } = bundle
  const child = `trap "" TERM; echo $$ >${path('child')}; while :; do sleep 0.05; done`
  await profile(
    'stubborn',
    `trap "" TERM; sh -c '${child}' & echo $$ >'${path('worker')}'; while :; do sleep 0.05; done`,
  )
  const { id } = await create({ assignee: 'stubborn' })
  await call('dispatcher.dispatch', {})
  await until(() => text('worker') && text('child'))
  return { id, pids: [Number(text('worker')), Number(text('child'))] }
}

/** A worker that ends on SIGTERM. */
async function gentle(bundle: WorkerSetup): Promise<{ id: string; pids: number[] }> {
  const { call, create, gate, profile, path, text } = bundle
  await profile('gentle', `echo $$ >'${path('worker')}'; ${gate('never')}`)
  const { id } = await create({ assignee: 'gentle' })
  await call('dispatcher.dispatch', {})
  await until(() => text('worker'))
  return { id, pids: [Number(text('worker'))] }
}

/** What remains of a caller that was killed after its first transaction, a while ago. */
function leftStop({ write, board }: WorkerSetup, ids: readonly string[], wanted: WantedEnd): void {
  write((tx) => {
    for (const id of ids) requestStop(tx, getTask(tx, id), wanted)
  }, 'ada')
  board.connection.writeNow('test', (tx) =>
    tx.run({ sql: 'UPDATE task_runs SET stop_requested_at = stop_requested_at - 60000' }, {}),
  )
}

const gone = (pids: readonly number[]) => pids.every((pid) => startKeyOf(pid) === null)

describe('a running worker that ignores SIGTERM', () => {
  it.each([
    ['task.stop', 'ready', 'stopped', ['stop_requested', 'stopped']],
    ['task.reclaim', 'ready', 'reclaimed', ['stop_requested', 'reclaimed']],
    ['task.archive', 'archived', 'reclaimed', ['stop_requested', 'reclaimed', 'archived']],
  ] as const)(
    'is gone with every process it started once %s answers',
    async (verb, status, outcome, kinds) => {
      const bundle = await setupWorkers()
      const { id, pids } = await stubborn(bundle)

      const { task, run } = await bundle.call(verb, { id })

      expect(gone(pids)).toBe(true)
      expect(task).toMatchObject({ status, current_run_id: null, held: verb === 'task.stop' })
      expect(run).toMatchObject({ outcome, signal: 'SIGKILL', stop_outcome: outcome })
      expect((await bundle.kinds(id)).slice(-kinds.length)).toEqual(kinds)
    },
  )
})

/** Every verb other than stop by which a person ends a run, and each column that a task can be moved to. */
const BY_HAND = [
  ['task.complete', { summary: 'I did it' }, 'done', 'completed'],
  ['task.block', { reason: 'Not like this' }, 'blocked', 'blocked'],
  ['task.request_review', { summary: 'Look' }, 'review', 'review_requested'],
  ['task.move', { status: 'done' }, 'done', 'completed'],
  ['task.move', { status: 'blocked' }, 'blocked', 'blocked'],
  ['task.move', { status: 'review' }, 'review', 'review_requested'],
  ['task.move', { status: 'archived' }, 'archived', 'reclaimed'],
] as const

describe.each(BY_HAND)('a running task that a person ends by %s %o', (verb, input, status, outcome) => {
  it('has no process left once the verb answers', async () => {
    const bundle = await setupWorkers()
    const { id, pids } = await gentle(bundle)

    const { task, run } = await bundle.call(verb, { id, ...input })

    expect(gone(pids)).toBe(true)
    expect(task).toMatchObject({ status, current_run_id: null })
    expect(run).toMatchObject({ outcome, signal: 'SIGTERM' })
    expect((await bundle.call('worker.list', {})).workers).toEqual([])
  })

  it('has no process left, even if another process watches the worker', async () => {
    const bundle = await setupWorkers()
    const { call, create, gate, home, person, profile, path, runs, text } = bundle
    await profile('gentle', `echo $$ >'${path('worker')}'; ${gate('never')}`)
    const { id } = await create({ assignee: 'gentle' })
    const server = openKernel({ home, cli: REPORTER })
    cleanUp(() => server.close())
    const serving = server.startDispatching()
    await until(() => text('worker'))

    await call(verb, { id, ...input })

    expect(gone([Number(text('worker'))])).toBe(true)
    await until(async () => (await server.call('worker.list', {}, person)).workers.length === 0)
    expect(await runs(id)).toMatchObject([{ outcome, signal: 'SIGTERM' }])
    await serving.stop()
  })
})

describe('a running task that a person completes', () => {
  it('has no process left, even if the worker ignores SIGTERM', async () => {
    const bundle = await setupWorkers()
    const { id, pids } = await stubborn(bundle)

    const { run } = await bundle.call('task.complete', { id })

    expect(gone(pids)).toBe(true)
    expect(run).toMatchObject({ outcome: 'completed', signal: 'SIGKILL' })
  })

  it('has its worker stopped by the watching dispatcher when the person’s call has died', async () => {
    const bundle = await setupWorkers()
    const { call, board, kernel, runs, write } = bundle
    const { id, pids } = await gentle(bundle)
    const dispatching = kernel.startDispatching()
    await until(async () => (await call('dispatcher.show', {})).dispatcher.who === 'here')

    write((tx) => {
      takeFromWorker(tx, getTask(tx, id))
      completeTask(tx, getTask(tx, id), { summary: 'Done', metadata: null, result: null, trigger: 'cli' })
    }, 'ada')
    board.connection.writeNow('test', (tx) =>
      tx.run({ sql: 'UPDATE task_runs SET stop_requested_at = stop_requested_at - 60000' }, {}),
    )

    await until(() => gone(pids))
    await until(async () => (await runs(id))[0]?.signal === 'SIGTERM')
    expect(await runs(id)).toMatchObject([{ outcome: 'completed', summary: 'Done' }])
    await dispatching.stop()
  })

  it('names the processes that survive', async () => {
    const bundle = await setupWorkers()
    const { id, pids } = await gentle(bundle)
    stops.survivors = [{ pid: pids[0] ?? 0, started_key: 'k', command: 'gentle' }]

    const { task, warnings } = await bundle.call('task.complete', { id })

    expect(task).toMatchObject({ status: 'done' })
    expect(warnings).toEqual([expect.stringContaining(`${pids[0] ?? 0} live on`)])
  })

  it('does not stop a worker that completes it without its environment', async () => {
    const bundle = await setupWorkers()
    const { create, gate, open, path, profile, runs, task, text } = bundle
    const report = String.raw`env -u RUNBOARD_RUN -u RUNBOARD_CLAIM runboard complete '{"summary":"Done"}'`
    await profile(
      'forgetful',
      `${report} && echo $$ >'${path('reported')}'; ${gate('go')}; echo on >'${path('on')}'`,
    )
    const { id } = await create({ assignee: 'forgetful' })
    await bundle.call('dispatcher.dispatch', {})

    await until(() => text('reported'), 'its report')
    expect(await task(id)).toMatchObject({ status: 'done' })
    open('go')
    await until(() => text('on'))
    expect(await runs(id)).toMatchObject([{ outcome: 'completed', stop_requested_at: null }])
  })
})

describe('a running worker', () => {
  it('can be moved away, as by reclaim', async () => {
    const bundle = await setupWorkers()
    const { id, pids } = await gentle(bundle)

    const { task } = await bundle.call('task.move', { id, status: 'ready', note: 'Wrong machine' })

    expect(gone(pids)).toBe(true)
    expect(task).toMatchObject({ status: 'ready', held: false })
    expect(await bundle.runs(id)).toMatchObject([{ outcome: 'reclaimed', error: 'Wrong machine' }])
  })

  it('names who stopped it', async () => {
    const bundle = await setupWorkers()
    const { id } = await gentle(bundle)

    await bundle.call('task.stop', { id })

    expect((await bundle.call('task.why', { id })).why).toMatchObject({
      gate: 'held',
      sentence: 'Held: ada stopped attempt 1.',
      action: `release ${id}`,
    })
  })

  it('is stopped by the dispatcher that watches it when the requester of the stop has died', async () => {
    const bundle = await setupWorkers()
    const { call, kernel, runs, task } = bundle
    const { id, pids } = await gentle(bundle)
    const dispatching = kernel.startDispatching()
    await until(async () => (await call('dispatcher.show', {})).dispatcher.who === 'here')

    leftStop(bundle, [id], { outcome: 'stopped', status: 'ready', reason: null })

    await until(async () => (await task(id)).status === 'ready')
    expect(gone(pids)).toBe(true)
    expect(await runs(id)).toMatchObject([{ outcome: 'stopped', error: 'Stopped by ada.' }])
    await dispatching.stop()
  })

  it('is stopped by the next dispatcher when nobody has watched it since', async () => {
    const bundle = await setupWorkers()
    const { id, pids } = await gentle(bundle)
    leftStop(bundle, [id], { outcome: 'reclaimed', status: 'archived', reason: null })

    await bundle.call('dispatcher.dispatch', {})

    expect(gone(pids)).toBe(true)
    expect(await bundle.task(id)).toMatchObject({ status: 'archived' })
    expect(await bundle.runs(id)).toMatchObject([{ outcome: 'reclaimed' }])
  })
})

it('a worker that survives its stop keeps its task from starting again until it is gone', async () => {
  const bundle = await setupWorkers()
  const { call, kinds, runs, task } = bundle
  const { id, pids } = await gentle(bundle)
  stops.survivors = [{ pid: pids[0] ?? 0, started_key: 'k', command: 'gentle' }]

  await expect(call('task.stop', { id })).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining(String(pids[0])) as string,
  })

  expect(await task(id)).toMatchObject({ status: 'running' })
  expect((await call('dispatcher.dispatch', { dry_run: true })).claimed).toEqual([])
  expect(await runs(id)).toMatchObject([{ outcome: null, stop_outcome: 'stopped' }])
  expect(await kinds(id)).not.toContain('stopped')
  stops.survivors = []
  await call('task.stop', { id })
  expect(await runs(id)).toMatchObject([{ outcome: 'stopped' }])
  expect(gone(pids)).toBe(true)
})

it('ten workers are stopped in parallel', async () => {
  const bundle = await setupWorkers()
  const { call, create, gate, profile, path, text } = bundle
  writeFileSync(`${bundle.home}/config.json`, JSON.stringify({ settings: { max_running: 10 } }))
  await profile('worker', `echo up >>'${path('up')}'; ${gate('never')}`)
  const ids = await Promise.all(
    Array.from({ length: 10 }, async () => (await create({ assignee: 'worker' })).id),
  )
  await call('dispatcher.dispatch', {})
  await until(() => text('up').split('\n').length > 10)
  leftStop(bundle, ids, { outcome: 'stopped', status: 'ready', reason: null })
  // If one stop waited for the end of another, this would never finish.
  let begun = 0
  stops.before = async () => {
    begun++
    await until(() => begun === ids.length, 'all ten to be begun')
  }

  await call('dispatcher.dispatch', {})

  const { tasks } = await call('task.list', {})
  expect(tasks.map((card) => [card.status, card.held])).toEqual(ids.map(() => ['ready', true]))
})

describe('a verb on several running tasks', () => {
  it.each(['stop', 'archive'])(
    '%s: stops their workers side by side, and reports each in order',
    async (verb) => {
      const bundle = await setupWorkers()
      const { call, create, gate, path, profile, text } = bundle
      await profile('waits', `echo "$RUNBOARD_TASK" >>'${path('up')}'; ${gate('never')}`)
      const ids: string[] = []
      for (const title of ['A', 'B']) ids.push((await create({ title, assignee: 'waits' })).id)
      await call('dispatcher.dispatch', {})
      await until(() => text('up').trim().split('\n').length === 2)
      let begun = 0
      stops.before = async () => {
        begun++
        await until(() => begun === 2, 'the stop of the other')
      }

      const all = [ids[0]!, 't_ffffffff', ids[1]!]
      const { results } = await call('task.bulk', { ids: all, verb })

      expect(results.map((done) => [done.id, 'error' in done ? done.error.code : done.task?.status])).toEqual(
        [
          [ids[0], verb === 'stop' ? 'ready' : 'archived'],
          ['t_ffffffff', 'NOT_FOUND'],
          [ids[1], verb === 'stop' ? 'ready' : 'archived'],
        ],
      )
      bundle.invariants()
    },
  )
})
