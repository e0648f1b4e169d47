import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it, vi } from 'vitest'
import { OperationError } from '../../contract/index.ts'
import { openKernel } from '../kernel.ts'
import { getTask } from '../lifecycle/moved.ts'
import { Services } from '../services.ts'
import { hostIdentity, startKeyOf } from '../workers/process/identity.ts'
import { cleanUp, until } from '../testing/setup.ts'
import { REPORTER, setupWorkers, type WorkerSetup } from '../testing/workers.ts'
import { BoardDispatcher } from './board-dispatcher.ts'
import { claimPlanned } from './claimer.ts'
import { startDispatching } from './dispatching.ts'
import { Lease } from '../board/lease.ts'

/** Another kernel on the same home, as in another process. */
function another({ home, reports }: WorkerSetup) {
  const kernel = openKernel({
    home,
    env: { PATH: process.env['PATH'] },
    cli: REPORTER,
    checkOutputs: true,
    report: (message, cause) => reports.push({ message, cause }),
  })
  cleanUp(() => kernel.close())
  return kernel
}

const settings = ({ home }: WorkerSetup, given: Record<string, unknown>) => {
  writeFileSync(`${home}/config.json`, JSON.stringify({ settings: given }))
}

describe('X19: a dispatcher whose board was closed because its file is gone', () => {
  it('makes no pass on it, and reports nothing', async () => {
    const bundle = await setupWorkers()
    const reported: unknown[] = []
    const report = (message: string, cause: unknown) => reported.push([message, cause])
    const services = new Services({ home: bundle.home, env: {}, report })
    const dispatcher = new BoardDispatcher(services, services.board('test'), 'a test')
    await dispatcher.take()
    dispatcher.start()
    await bundle.create('Wakes the dispatcher')
    dispatcher.kick()
    services.closeBoard('test')

    expect(await dispatcher.runOnce()).toEqual([])
    await new Promise(setImmediate)
    expect(reported).toEqual([])
    await dispatcher.stop()
  })
})

describe('X14: a board that is closed while a backup of it is restored', () => {
  it('is taken up afterwards, and nothing is reported', async () => {
    const bundle = await setupWorkers()
    const reported: unknown[] = []
    const report = (message: string, cause: unknown) => reported.push([message, cause])
    const services = new Services({ home: bundle.home, env: {}, report })
    cleanUp(() => services.closeAll())
    services.refuse('test', new OperationError('BUSY', 'A backup of the board “test” is being restored.'))
    const first = startDispatching(services)
    await first.stop()
    expect(reported).toEqual([])

    services.admit('test')
    const dispatching = startDispatching(services)
    cleanUp(() => dispatching.stop())
    await until(() => services.dispatchers.has('test'))
    await dispatching.stop()
  })
})

describe('a dispatcher that quits', () => {
  it('leaves its workers running, and the next one adopts them and learns how they ended', async () => {
    const bundle = await setupWorkers()
    const { create, gate, kernel, open, profile, text, path } = bundle
    await profile('plain', `echo $$ >'${path('pid')}'; ${gate('go')}; echo finished`, {
      completion: 'exit-code',
    })
    const { id } = await create({ assignee: 'plain' })
    kernel.startDispatching()
    await until(() => text('pid'))
    await kernel.close()
    expect(startKeyOf(Number(text('pid')))).not.toBeNull()

    const next = another(bundle)
    const before = await next.call('worker.list', {}, bundle.person)
    expect(before.workers).toMatchObject([{ task_id: id, alive: true, worker_pid: Number(text('pid')) }])
    const dispatching = next.startDispatching()
    await until(async () => (await next.call('dispatcher.show', {}, bundle.person)).dispatcher.who === 'here')
    open('go')

    const shown = await until(async () => {
      const detail = await next.call('task.show', { id }, bundle.person)
      return detail.task.status === 'done' ? detail : null
    })
    expect(shown.runs).toMatchObject([{ outcome: 'completed', summary: 'finished', exit_code: 0 }])
    await dispatching.stop()
  })

  it('leaves them running even while a dispatch call waits', async () => {
    const bundle = await setupWorkers()
    const { call, create, gate, kernel, profile, text, path } = bundle
    await profile('plain', `echo $$ >'${path('pid')}'; ${gate('go')}`, { completion: 'exit-code' })
    await create({ assignee: 'plain' })
    const waiting = call('dispatcher.dispatch', { wait: true })
    await until(() => text('pid'))

    await kernel.close()

    expect((await waiting).claimed).toHaveLength(1)
    expect(startKeyOf(Number(text('pid')))).not.toBeNull()
    bundle.open('go')
  })
})

describe('the lease', () => {
  it('has one holder; a second dispatcher is refused and learns who holds it', async () => {
    const bundle = await setupWorkers()
    const { kernel, person } = bundle
    const dispatching = kernel.startDispatching()
    await until(async () => (await kernel.call('dispatcher.show', {}, person)).dispatcher.who === 'here')
    const other = another(bundle)

    await expect(other.call('dispatcher.dispatch', {}, person)).rejects.toMatchObject({
      code: 'CONFLICT',
      data: { pid: process.pid },
    })
    expect((await other.call('dispatcher.show', {}, person)).dispatcher).toMatchObject({
      who: 'elsewhere',
      pid: process.pid,
    })
    expect((await other.call('dispatcher.dispatch', { dry_run: true }, person)).dry_run).toBe(true)
    await dispatching.stop()
    expect((await other.call('dispatcher.show', {}, person)).dispatcher.who).toBe('none')
    expect((await other.call('dispatcher.dispatch', {}, person)).claimed).toEqual([])
  })

  it('is taken over at once when its holder is gone', async () => {
    const { board, call, create, profile, task } = await setupWorkers()
    await profile('plain', 'true', { completion: 'exit-code' })
    const { id } = await create({ assignee: 'plain' })
    board.connection.writeNow('test', (tx) =>
      tx.run(
        {
          sql: `INSERT INTO dispatcher_lease (id, token, holder, pid, started_key, host, acquired_at, renewed_at)
            VALUES (1, 'old', 'a dead one', 4194304, 'boot:1', :host, :now, :now)`,
        },
        { host: hostIdentity(), now: Date.now() },
      ),
    )

    await call('dispatcher.dispatch', { wait: true })

    expect(await task(id)).toMatchObject({ status: 'done' })
  })

  it('of a holder on another host lasts 30 s after its last renewal', async () => {
    const bundle = await setupWorkers({ clock: 'fake' })
    const { board, call, clock } = bundle
    board.connection.writeNow('test', (tx) =>
      tx.run(
        {
          sql: `INSERT INTO dispatcher_lease (id, token, holder, pid, started_key, host, acquired_at, renewed_at)
            VALUES (1, 'far', 'another machine', 1, 'boot:1', 'elsewhere@far', :now, :now)`,
        },
        { now: clock.now },
      ),
    )

    clock.advance(29_999)
    await expect(call('dispatcher.dispatch', {})).rejects.toMatchObject({ code: 'CONFLICT' })
    clock.advance(1)
    await call('dispatcher.dispatch', {})
  })

  it('stops the old holder from claiming once it is lost', async () => {
    const bundle = await setupWorkers()
    const { board, call, create, kernel, person, profile, task } = bundle
    await profile('plain', 'true', { completion: 'exit-code' })
    const dispatching = kernel.startDispatching()
    await until(async () => (await kernel.call('dispatcher.show', {}, person)).dispatcher.who === 'here')
    board.connection.writeNow('test', (tx) =>
      tx.run({ sql: `UPDATE dispatcher_lease SET token = 'stolen', renewed_at = renewed_at + 1000` }, {}),
    )

    const { id } = await create({ assignee: 'plain' })
    expect((await call('dispatcher.dispatch', {})).claimed).toEqual([])

    expect(await task(id)).toMatchObject({ status: 'ready' })
    await expect(call('dispatcher.dispatch', {})).rejects.toMatchObject({ code: 'CONFLICT' })
    await dispatching.stop()
    expect(bundle.inspector.all('SELECT token FROM dispatcher_lease')).toEqual([{ token: 'stolen' }])
  })
})

describe('what is claimed', () => {
  it('is ordered by priority, then by time since ready, within the limits', async () => {
    const bundle = await setupWorkers({ clock: 'fake' })
    const { call, clock, create, profile } = bundle
    settings(bundle, { max_running: 3 })
    await profile('plain', 'true')
    await profile('single', 'true', { max_concurrent: 1 })
    const ids: Record<string, string> = {}
    const add = async (name: string, assignee: string, priority: number) => {
      clock.advance(1)
      ids[name] = (await create({ title: name, assignee, priority })).id
    }
    await add('late', 'plain', 0)
    await add('later', 'plain', 0)
    await add('urgent', 'plain', 5)
    await add('one', 'single', 9)
    await add('two', 'single', 8)

    const { claimed, skipped } = await call('dispatcher.dispatch', { dry_run: true })

    expect(claimed.map((claim) => claim.task_id)).toEqual([ids['one'], ids['urgent'], ids['late']])
    expect(skipped.map((skip) => skip.task_id).sort()).toEqual([ids['two'], ids['later']].sort())
  })

  it.each([
    ['board_limit', { board: 1 }],
    ['app_limit', { app: 1 }],
    ['profile_limit', { profile: 1 }],
  ] as const)('stays within the %s', async (gateName, limit) => {
    const bundle = await setupWorkers()
    const { call, create, gate, kernel, open, person, profile, task } = bundle
    settings(bundle, { max_running: 'app' in limit ? 1 : 9 })
    await profile('plain', gate('go'), {
      completion: 'exit-code',
      max_concurrent: 'profile' in limit ? 1 : null,
    })
    if ('board' in limit)
      await kernel.call('board.set', { slug: 'test', settings: { max_running: 1 } }, person)
    const first = await create({ assignee: 'plain', priority: 1 })
    const second = await create({ assignee: 'plain' })
    const dispatching = kernel.startDispatching()
    await until(async () => (await task(first.id)).status === 'running')

    const { claimed, skipped } = await call('dispatcher.dispatch', {})
    expect(claimed).toEqual([])
    expect(skipped).toMatchObject([{ task_id: second.id, gate: gateName }])
    expect((await call('task.why', { id: second.id })).why).toMatchObject({ gate: gateName })

    open('go')
    await until(async () => (await task(second.id)).status === 'done')
    await dispatching.stop()
  })

  it('skips tasks that share a workspace in use', async () => {
    const bundle = await setupWorkers()
    const { call, create, gate, open, profile, task } = bundle
    settings(bundle, { max_running: 2 })
    await profile('plain', gate('go'), { completion: 'exit-code' })
    const parent = await create({ title: 'Parent' })
    await call('task.complete', { id: parent.id })
    const sharing = { assignee: 'plain', parents: [parent.id], workspace: 'parent', priority: 5 }
    const children = []
    for (let n = 0; n < 6; n++) children.push(await create(sharing))
    const other = await create({ assignee: 'plain' })

    await call('dispatcher.dispatch', {})

    expect(await task(other.id)).toMatchObject({ status: 'running' })
    const running = (await call('task.list', { status: ['running'] })).tasks
    expect(running).toHaveLength(2)
    open('go')
    await call('dispatcher.dispatch', { wait: true })
    for (const { id } of [...children, other]) expect(await task(id)).toMatchObject({ status: 'done' })
  })

  it('does not exceed the number asked for', async () => {
    const { call, create, profile } = await setupWorkers()
    await profile('plain', 'true', { completion: 'exit-code' })
    for (let n = 0; n < 3; n++) await create({ assignee: 'plain' })

    expect((await call('dispatcher.dispatch', { max: 1, wait: true })).claimed).toHaveLength(1)
    expect((await call('task.list', { status: ['ready'] })).tasks).toHaveLength(2)
  })

  it('excludes a task that was reassigned since the plan was made', async () => {
    const { board, call, clock, create, kernel, person, write } = await setupWorkers({ clock: 'fake' })
    await call('profile.add', { name: 'plain', shell: 'true' })
    const services = new Services({ home: kernel.home, clock: () => clock.now })
    cleanUp(() => services.closeAll())
    const lease = new Lease(services, board, 'test')
    await lease.take()
    const { id } = await create({ assignee: 'plain' })
    const { profile } = await kernel.call('profile.show', { name: 'plain' }, person)
    const planned = { task: write((tx) => getTask(tx, id)), profile }
    await call('task.assign', { id, assignee: 'other' })

    expect(await claimPlanned(services, board, lease, planned)).toBeNull()

    await call('task.assign', { id, assignee: 'plain' })
    await call('dispatcher.pause', {})
    expect(await claimPlanned(services, board, lease, planned)).toBeNull()
    await call('dispatcher.resume', {})
    expect(await claimPlanned(services, board, lease, planned)).not.toBeNull()
  })
})

describe('a pause', () => {
  it('stops claiming and lets running workers finish', async () => {
    const { call, create, gate, kernel, open, profile, task } = await setupWorkers()
    await profile('plain', gate('go'), { completion: 'exit-code' })
    const running = await create({ assignee: 'plain' })
    const dispatching = kernel.startDispatching()
    await until(async () => (await task(running.id)).status === 'running')
    await call('dispatcher.pause', {})
    await call('dispatcher.pause', {})
    const waiting = await create({ assignee: 'plain' })
    open('go')
    await until(async () => (await task(running.id)).status === 'done')

    expect((await call('dispatcher.dispatch', {})).skipped).toMatchObject([
      { task_id: waiting.id, gate: 'paused' },
    ])
    expect((await call('task.why', { id: waiting.id })).why).toMatchObject({
      gate: 'paused',
      action: 'resume',
    })
    await call('dispatcher.resume', {})
    await until(async () => (await task(waiting.id)).status === 'done')
    await dispatching.stop()
  })
})

describe('a dry run', () => {
  it('lists what would be claimed and why the rest would not, and changes nothing', async () => {
    const { call, create, inspector, profile, clock } = await setupWorkers({ clock: 'fake' })
    await profile('plain', 'true')
    const ready = await create({ assignee: 'plain' })
    const skipped = {
      [(await create({ title: 'nobody' })).id]: 'no_assignee',
      [(await create({ title: 'unknown', assignee: 'stranger' })).id]: 'unknown_profile',
      [(await create({ title: 'held', assignee: 'plain', held: true })).id]: 'held',
      [(await create({ title: 'later', assignee: 'plain', not_before_at: clock.now + 1000 })).id]:
        'not_before',
    }
    const before = inspector.dump()

    const answer = await call('dispatcher.dispatch', { dry_run: true })

    expect(answer.claimed).toEqual([{ task_id: ready.id, run_id: null, profile: 'plain' }])
    expect(Object.fromEntries(answer.skipped.map((skip) => [skip.task_id, skip.gate]))).toEqual(skipped)
    expect(answer.skipped.every((skip) => /^[A-Z].*\.$/.test(skip.sentence))).toBe(true)
    expect(inspector.dump()).toEqual(before)
  })
})

describe('a task that becomes ready', () => {
  it('starts at once: after a parent’s end, at its due time, by another process', async () => {
    const bundle = await setupWorkers()
    const { create, kernel, profile, task, person } = bundle
    await profile('plain', 'echo done', { completion: 'exit-code' })
    await profile('shaky', '[ "$RUNBOARD_ATTEMPT" = 2 ]', { completion: 'exit-code', backoff_seconds: 1 })
    const dispatching = kernel.startDispatching()
    const parent = await create({ assignee: 'plain' })
    const child = await create({ assignee: 'plain', parents: [parent.id] })
    const later = await create({ assignee: 'plain', not_before_at: Date.now() + 700 })
    const retried = await create({ assignee: 'shaky' })
    const foreign = await another(bundle).call('task.create', { title: 'x', assignee: 'plain' }, person)

    for (const { id } of [parent, child, later, retried, foreign.task]) {
      await until(async () => (await task(id)).status === 'done', id)
    }
    await dispatching.stop()
  })

  it('starts on a board that is created later, too', async () => {
    const { kernel, person, profile } = await setupWorkers()
    await profile('plain', 'true', { completion: 'exit-code' })
    const dispatching = kernel.startDispatching()
    await kernel.call('board.create', { slug: 'later' }, person)
    const on = { ...person, board: 'later' }
    const { task } = await kernel.call('task.create', { title: 'x', assignee: 'plain' }, on)

    await until(async () => (await kernel.call('task.show', { id: task.id }, on)).task.status === 'done')
    await dispatching.stop()
  })
})

describe('a run that nobody watches', () => {
  it('is looked at again when a person’s claim on it lapses, and not before', async () => {
    const bundle = await setupWorkers()
    const { call, create, kernel, runs } = bundle
    const { id } = await create('A person works on it')
    await call('task.claim', { id, ttl_seconds: 2 })
    const dispatching = kernel.startDispatching()
    const passes = vi.spyOn(BoardDispatcher.prototype, 'runOnce')

    await until(async () => (await runs(id))[0]?.outcome === 'reclaimed', 'the lapse of its claim')

    expect(passes.mock.calls.length).toBeLessThan(20)
    passes.mockRestore()
    await dispatching.stop()
  })

  it('is reported once when it cannot be closed, retried later, and closed in the end', async () => {
    const bundle = await setupWorkers()
    const { create, gate, home, kernel, open, profile, reports, runs } = bundle
    await profile('worker', `${gate('go')}; echo all is done`, { completion: 'exit-code' })
    const { id } = await create({ assignee: 'worker' })
    const dispatching = kernel.startDispatching()
    const pid = await until(async () => (await runs(id))[0]?.worker_pid, 'its worker')
    const path = `${home}/config.json`
    const whole = readFileSync(path, 'utf8')

    writeFileSync(path, '{')
    open('go')
    await until(() => startKeyOf(pid) === null)
    await until(() => reports.some(({ message }) => message.includes('could not be written')))
    const passes = vi.spyOn(BoardDispatcher.prototype, 'runOnce')
    await until(() => passes.mock.calls.length > 0, 'the next try')
    const told = reports.splice(0).filter(({ message }) => message.includes('could not be written'))
    writeFileSync(path, whole)
    await until(async () => (await runs(id))[0]?.outcome === 'completed')

    expect(told).toHaveLength(1)
    expect(passes.mock.calls.length).toBeLessThan(20)
    passes.mockRestore()
    await dispatching.stop()
    reports.splice(0)
  })
})
