import { writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Lease } from '../board/lease.ts'
import { getTask } from '../lifecycle/moved.ts'
import { Services } from '../services.ts'
import { cleanUp, until } from '../testing/setup.ts'
import { setupWorkers, type WorkerSetup } from '../testing/workers.ts'
import { claimPlanned } from './claimer.ts'

const settings = ({ home }: WorkerSetup, given: Record<string, unknown>) => {
  writeFileSync(`${home}/config.json`, JSON.stringify({ settings: given }))
}

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

    expect(await claimPlanned(services, board, lease, [planned])).toEqual([])

    await call('task.assign', { id, assignee: 'plain' })
    await call('dispatcher.pause', {})
    expect(await claimPlanned(services, board, lease, [planned])).toEqual([])
    await call('dispatcher.resume', {})
    expect(await claimPlanned(services, board, lease, [planned])).toHaveLength(1)
  })

  it('claims the others in the same transaction where the gate of one has closed', async () => {
    const { board, call, clock, create, kernel, person, task, write } = await setupWorkers({ clock: 'fake' })
    await call('profile.add', { name: 'plain', shell: 'true' })
    const services = new Services({ home: kernel.home, clock: () => clock.now })
    cleanUp(() => services.closeAll())
    const lease = new Lease(services, board, 'test')
    await lease.take()
    const { profile } = await kernel.call('profile.show', { name: 'plain' }, person)
    const ids = []
    for (let n = 0; n < 3; n++) ids.push((await create({ assignee: 'plain' })).id)
    const planned = ids.map((id) => ({ task: write((tx) => getTask(tx, id)), profile }))
    await call('task.hold', { id: ids[1] ?? '' })
    let commits = 0
    board.connection.onCommit(() => commits++)

    const claimed = await claimPlanned(services, board, lease, planned)

    expect(claimed.map((done) => done.task.id)).toEqual([ids[0], ids[2]])
    expect(commits).toBe(1)
    expect((await Promise.all(ids.map(task))).map(({ status }) => status)).toEqual([
      'running',
      'ready',
      'running',
    ])
  })

  it('takes its runtime limit from its task before its profile', async () => {
    const bundle = await setupWorkers()
    const { call, create, profile, runs } = bundle
    await profile('coder', 'true', { completion: 'exit-code', max_runtime_seconds: 7 })
    const own = await create({ assignee: 'coder', max_runtime_seconds: 9 })
    const profiles = await create({ assignee: 'coder' })

    await call('dispatcher.dispatch', { wait: true })

    expect((await runs(own.id))[0]?.max_runtime_seconds).toBe(9)
    expect((await runs(profiles.id))[0]?.max_runtime_seconds).toBe(7)
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
