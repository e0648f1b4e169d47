import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { openKernel } from '../kernel.ts'
import { Services } from '../services.ts'
import { cleanUp, until } from '../testing/setup.ts'
import { REPORTER, setupWorkers, type WorkerSetup } from '../testing/workers.ts'
import { hostIdentity, startKeyOf } from '../workers/process/identity.ts'
import { BoardDispatcher } from './board-dispatcher.ts'

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

describe('one pass', () => {
  it('starts ready tasks and does not wait for them; the next dispatcher settles them', async () => {
    const { call, create, gate, open, profile, runs, task, text, path } = await setupWorkers()
    await profile('plain', `echo up >'${path('up')}'; ${gate('go')}; echo done`, { completion: 'exit-code' })
    const { id } = await create({ assignee: 'plain' })

    const answer = await call('dispatcher.dispatch', {})

    expect(answer.claimed).toMatchObject([{ task_id: id, profile: 'plain' }])
    expect(await task(id)).toMatchObject({ status: 'running' })
    await until(() => text('up'))
    open('go')
    const exitFile = (await runs(id))[0]!.log_path!.replace(/log$/, 'exit')
    await until(() => existsSync(exitFile))
    await call('dispatcher.dispatch', {})
    expect(await runs(id)).toMatchObject([{ outcome: 'completed', summary: 'done', exit_code: 0 }])
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
})

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

  it('notices that at the next change of its folder', async () => {
    const bundle = await setupWorkers()
    const services = new Services({ home: bundle.home, env: {} })
    const dispatcher = new BoardDispatcher(services, services.board('test'), 'a test')
    let lost = 0
    await dispatcher.take()
    dispatcher.start(() => lost++)
    services.closeBoard('test')

    await bundle.create('From another process')

    await until(() => lost > 0)
    await dispatcher.stop()
  })
})
