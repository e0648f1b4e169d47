import { describe, expect, it } from 'vitest'
import { failOpenRun, taskIn } from '../testing/factories.ts'
import { setup } from '../testing/setup.ts'
import { claimTask } from './claim.ts'
import { getTask } from './moved.ts'

describe('block', () => {
  it.each(['needs_input', 'capability'] as const)(
    'keeps the kind %s and the reason on task, run and event',
    async (kind) => {
      const { call, create, claim, events, runs, task } = await setup()
      const { id } = await create()
      const { worker } = await claim(id)

      await call('task.block', { id, reason: '  No access to the server ', kind }, worker)

      expect(await task(id)).toMatchObject({
        status: 'blocked',
        block_kind: kind,
        block_reason: 'No access to the server',
      })
      expect(await runs(id)).toMatchObject([
        { outcome: 'blocked', summary: 'No access to the server', error: null },
      ])
      expect((await events(id)).at(-1)).toMatchObject({
        kind: 'blocked',
        payload: { kind, reason: 'No access to the server' },
      })
    },
  )

  it.each(['gave_up', 'unreported', 'bored'])('cannot be made by a caller as %s', async (kind) => {
    const { create, refused } = await setup()
    const { id } = await create()

    await refused('INVALID_INPUT', 'task.block', { id, reason: 'Because', kind: kind as never })
  })

  it.each(['', ' \t\n'])('needs a reason: %j', async (reason) => {
    const { create, refused } = await setup()
    const { id } = await create()

    await refused('INVALID_INPUT', 'task.block', { id, reason })
  })

  it('is not a failure', async () => {
    const bundle = await setup()
    const { call, create, claim, task } = bundle
    const { id } = await create()
    await claim(id)
    failOpenRun(bundle, id)
    const { worker } = await claim(id)

    await call('task.block', { id, reason: 'Which one?' }, worker)

    expect(await task(id)).toMatchObject({ consecutive_failures: 1 })
  })

  it('is ended by nothing automatic', async () => {
    const bundle = await setup()
    const { call, create, task, clock } = bundle
    const parent = await create('Parent')
    const child = await create({ parents: [parent.id] })
    await call('task.block', { id: child.id, reason: 'Which one?' })

    await call('task.complete', { id: parent.id })
    clock.advance(365 * 86_400_000)
    await call('dispatcher.dispatch', {})

    expect(await task(child.id)).toMatchObject({ status: 'blocked' })
  })
})

describe('unblock', () => {
  it('clears the block and the failures, and passes the answer to the next attempt', async () => {
    const bundle = await setup()
    const { call, create, claim, task, events } = bundle
    const { id } = await create({ max_retries: 1 })
    await claim(id)
    failOpenRun(bundle, id)
    expect(await task(id)).toMatchObject({
      status: 'blocked',
      block_kind: 'gave_up',
      consecutive_failures: 1,
    })

    await call('task.unblock', { id, answer: 'The token is new' })

    expect(await task(id)).toMatchObject({
      status: 'ready',
      block_kind: null,
      block_reason: null,
      consecutive_failures: 0,
      last_failure_error: null,
      retry_at: null,
    })
    expect((await events(id)).at(-1)).toMatchObject({
      kind: 'unblocked',
      payload: { answer: 'The token is new' },
    })
    expect((await call('task.context', { id })).context).toMatch(/Answer to the block[^]*> The token is new/)
  })

  it('leaves a hold unchanged', async () => {
    const bundle = await setup()
    const { id } = await taskIn(bundle, 'blocked')
    await bundle.call('task.hold', { id })

    await bundle.call('task.unblock', { id })

    expect(await bundle.task(id)).toMatchObject({ status: 'ready', held: true })
  })
})

describe('retry', () => {
  it('makes a task in backoff claimable now', async () => {
    const bundle = await setup()
    const { call, create, claim, kinds, refused, task } = bundle
    const { id } = await create()
    await claim(id)
    failOpenRun(bundle, id, {}, { backoff_seconds: 60 })
    await refused('CONFLICT', 'task.claim', { id })

    await call('task.retry', { id, note: 'The server is up again' })

    expect(await task(id)).toMatchObject({ retry_at: null, consecutive_failures: 1 })
    expect((await kinds(id)).at(-1)).toBe('retried')
    await claim(id)
    expect((await call('task.context', { id })).context).toContain('> The server is up again')
  })

  it('releases a held task', async () => {
    const { call, create, kinds, task } = await setup()
    const { id } = await create({ held: true })

    await call('task.retry', { id })

    expect(await task(id)).toMatchObject({ held: false })
    expect(await kinds(id)).toEqual(['created', 'released', 'retried'])
  })

  it('unblocks a blocked task, even a held one', async () => {
    const bundle = await setup()
    const { id } = await taskIn(bundle, 'blocked')
    await bundle.call('task.hold', { id })

    await bundle.call('task.retry', { id, note: 'Left' })

    expect(await bundle.task(id)).toMatchObject({ status: 'ready', held: false, block_kind: null })
    expect((await bundle.kinds(id)).slice(-2)).toEqual(['unblocked', 'released'])
  })
})

describe('hold', () => {
  it('parks a task with a reason; a second hold changes nothing', async () => {
    const { call, create, kinds, refused, task } = await setup()
    const { id } = await create({ assignee: 'coder' })

    await call('task.hold', { id, reason: 'after the release' })
    await call('task.hold', { id, reason: 'never' })

    expect(await task(id)).toMatchObject({ status: 'ready', held: true, held_reason: 'after the release' })
    expect(await kinds(id)).toEqual(['created', 'held'])
    expect((await refused('CONFLICT', 'task.claim', { id })).message).toContain('held')
    expect((await call('task.why', { id })).why).toMatchObject({
      gate: 'held',
      sentence: 'Held: after the release.',
      action: `release ${id}`,
    })
  })

  it('on a running task parks the next attempt', async () => {
    const { call, create, claim, refused, task } = await setup()
    const { id } = await create()
    const { worker } = await claim(id)
    await call('task.hold', { id })
    await call('task.heartbeat', { id }, worker)

    await call('task.reclaim', { id })

    expect(await task(id)).toMatchObject({ status: 'ready', held: true })
    await refused('CONFLICT', 'task.claim', { id })
    await call('task.release', { id })
    await call('task.claim', { id })
  })
})

describe('schedule', () => {
  it('keeps a task from being claimed before its time', async () => {
    const { call, clock, create, claim, refused, task, kinds } = await setup()
    const { id } = await create({ assignee: 'coder' })
    const at = clock.now + 3_600_000

    await call('task.schedule', { id, not_before_at: at })

    expect(await task(id)).toMatchObject({ not_before_at: at })
    expect(await kinds(id)).toEqual(['created', 'scheduled'])
    expect((await refused('CONFLICT', 'task.claim', { id })).message).toContain(new Date(at).toISOString())
    clock.advance(3_599_999)
    await refused('CONFLICT', 'task.claim', { id })
    clock.advance(1)
    await claim(id)
  })

  it('removes the time with null', async () => {
    const { call, clock, create, claim } = await setup()
    const { id } = await create({ not_before_at: clock.now + 1000 })

    await call('task.schedule', { id, not_before_at: null })

    await claim(id)
  })
})

describe('assign', () => {
  it('to another profile clears failures and backoff, to the same profile changes nothing', async () => {
    const bundle = await setup()
    const { call, create, claim, events, task } = bundle
    const { id } = await create({ assignee: 'coder' })
    await claim(id)
    failOpenRun(bundle, id, {}, { backoff_seconds: 60 })
    await call('task.assign', { id, assignee: 'coder' })
    expect((await task(id)).retry_at).not.toBeNull()

    await call('task.assign', { id, assignee: ' Tester ' })

    expect(await task(id)).toMatchObject({
      assignee: 'tester',
      consecutive_failures: 0,
      last_failure_error: null,
      retry_at: null,
    })
    expect((await events(id)).at(-1)).toMatchObject({
      kind: 'assigned',
      payload: { assignee: 'tester', from: 'coder' },
    })
  })

  it('to null makes the task wait for an assignee', async () => {
    const { call, create, task } = await setup()
    const { id } = await create({ assignee: 'coder' })

    await call('task.assign', { id, assignee: null })

    expect(await task(id)).toMatchObject({ assignee: null })
    expect((await call('task.why', { id })).why).toMatchObject({ gate: 'no_assignee' })
  })

  it('is refused on a running task by edit too, and the rest of the edit is not applied', async () => {
    const bundle = await setup()
    const { id } = await taskIn(bundle, 'running')

    await bundle.refused('CONFLICT', 'task.edit', { id, assignee: 'tester', title: 'Other' })
  })
})

describe('claim', () => {
  it('copies profile, step, readiness, limit and time into the run', async () => {
    const { call, clock, create, task } = await setup()
    const { id } = await create({ assignee: 'coder', current_step_key: 'draft', max_runtime_seconds: 90 })
    const readyAt = clock.now
    clock.advance(5000)

    const { run, claim } = await call('task.claim', { id, ttl_seconds: 60 })

    expect(run).toMatchObject({
      attempt: 1,
      profile: 'coder',
      step_key: 'draft',
      trigger: 'human',
      max_runtime_seconds: 90,
      ready_at: readyAt,
      started_at: clock.now,
      claim_expires_at: clock.now + 60_000,
      outcome: null,
    })
    expect(claim).toMatch(/^[\w-]{32}$/)
    expect(await task(id)).toMatchObject({ status: 'running', started_at: clock.now, ready_at: null })
    expect(JSON.stringify(await call('task.show', { id }))).not.toContain(claim)
  })

  it('keeps the first start of the task over later attempts', async () => {
    const { call, clock, create, claim, task } = await setup()
    const { id } = await create()
    await claim(id)
    const first = clock.now
    clock.advance(1000)
    await call('task.reclaim', { id })
    await claim(id)

    expect(await task(id)).toMatchObject({ started_at: first })
  })

  it('succeeds for one of two claimers', async () => {
    const { create, write, refused } = await setup()
    const { id } = await create()
    const options = { profile: null, trigger: 'cli', host: 'here', max_runtime_seconds: null } as const
    write((tx) => claimTask(tx, getTask(tx, id), options))

    expect(() => write((tx) => claimTask(tx, getTask(tx, id), options))).toThrow(
      /running and cannot be claimed/,
    )
    await refused('CONFLICT', 'task.claim', { id })
  })

  it('is refused while a parent is open, and names the parent', async () => {
    const bundle = await setup()
    const parent = await bundle.create('Lay the ground')
    const { id } = await bundle.create({ parents: [parent.id] })

    expect((await bundle.refused('CONFLICT', 'task.claim', { id })).message).toContain('Lay the ground')
  })

  it('by a person ignores what stops the dispatcher: a pause, an unknown profile', async () => {
    const { call, create, claim } = await setup()
    const { id } = await create({ assignee: 'nobody-knows' })
    await call('dispatcher.pause', {})

    await claim(id)
  })
})

describe('heartbeat', () => {
  it('extends the claim, keeps the note, and is logged at most once a minute', async () => {
    const { call, clock, create, claim, kinds, runs } = await setup()
    const { id } = await create()
    const { worker } = await claim(id)
    for (const [after, note] of [
      [1000, 'one'],
      [1000, null],
      [57_999, 'three'],
      [2000, 'four'],
    ] as const) {
      clock.advance(after)
      await call('task.heartbeat', { id, note }, worker)
    }

    expect(await runs(id)).toMatchObject([
      { last_heartbeat_at: clock.now, last_heartbeat_note: 'four', claim_expires_at: clock.now + 900_000 },
    ])
    expect((await kinds(id)).filter((kind) => kind === 'heartbeat')).toHaveLength(2)
  })

  it('never shortens a claim', async () => {
    const { call, clock, create, runs } = await setup()
    const { id } = await create()
    await call('task.claim', { id, ttl_seconds: 86_400 })
    const until = clock.now + 86_400_000

    await call('task.heartbeat', { id })

    expect(await runs(id)).toMatchObject([{ claim_expires_at: until }])
  })
})
