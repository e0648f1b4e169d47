import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { failOpenRun, openRun } from '../testing/factories.ts'
import { type Setup, setup } from '../testing/setup.ts'
import { backoffMs, blockUnreported, effectiveLimit } from './fail.ts'
import { completeTask } from './complete.ts'
import { getTask } from './moved.ts'

/** One failed attempt of a task. */
async function fail(
  bundle: Setup,
  id: string,
  failure?: Parameters<typeof failOpenRun>[2],
  policy?: Parameters<typeof failOpenRun>[3],
) {
  await bundle.claim(id)
  return failOpenRun(bundle, id, failure, policy)
}

describe('the backoff', () => {
  const bases = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 86_400 }))
  const failures = fc.integer({ min: 1, max: 1000 })
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true })

  it('doubles with each failure in a row, within 20 %, up to ten minutes or its base', () => {
    fc.assert(
      fc.property(failures, bases, random, (n, base, jitter) => {
        const longest = Math.max(base, 600) * 1000
        const plain = Math.min(base * 1000 * 2 ** (n - 1), longest)
        const wait = backoffMs(n, base, jitter)
        expect(Number.isSafeInteger(wait)).toBe(true)
        expect(wait).toBeGreaterThanOrEqual(Math.floor(plain * 0.8))
        expect(wait).toBeLessThanOrEqual(Math.min(Math.ceil(plain * 1.2), longest))
      }),
    )
  })

  it('never gets shorter from one failure to the next with the same jitter', () => {
    fc.assert(
      fc.property(failures, bases, random, (n, base, jitter) => {
        expect(backoffMs(n + 1, base, jitter)).toBeGreaterThanOrEqual(backoffMs(n, base, jitter))
      }),
    )
  })

  it.each([
    [1, 10, 0.5, 10_000],
    [2, 10, 0.5, 20_000],
    [3, 10, 0, 32_000],
    [3, 10, 1, 48_000],
    [7, 10, 0.5, 600_000],
    [7, 10, 1, 600_000],
    [1, 3600, 0.5, 3_600_000],
    [5, 3600, 0.5, 3_600_000],
    [9, 0, 0.9, 0],
  ])('after failure %d with a base of %d s and jitter %d is %d ms', (n, base, jitter, ms) => {
    expect(backoffMs(n, base, jitter)).toBe(ms)
  })
})

describe('the failure limit', () => {
  const task = { max_retries: null } as Parameters<typeof effectiveLimit>[0]
  const policy = { profile_limit: 7, board_limit: 5, backoff_seconds: 0, random: () => 0 }

  it.each([
    ['the task’s', { ...task, max_retries: 2 }, policy, { limit: 2, source: 'task' }],
    ['else the profile’s', task, policy, { limit: 7, source: 'profile' }],
    ['else the board’s', task, { ...policy, profile_limit: null }, { limit: 5, source: 'board' }],
    ['else 3', task, { ...policy, profile_limit: null, board_limit: null }, { limit: 3, source: 'default' }],
  ] as const)('is %s', (_name, givenTask, givenPolicy, expected) => {
    expect(effectiveLimit(givenTask, givenPolicy)).toEqual(expected)
  })

  it('leaves the task ready after its backoff below it, and blocked for a person at it', async () => {
    const bundle = await setup()
    const { create, clock, events, runs, task, refused } = bundle
    const { id } = await create({ assignee: 'coder' })

    await fail(bundle, id, {}, { backoff_seconds: 10 })
    expect(await task(id)).toMatchObject({
      status: 'ready',
      consecutive_failures: 1,
      last_failure_error: 'It exited with 1.',
      retry_at: clock.now + 10_000,
    })
    const early = await refused('CONFLICT', 'task.claim', { id })
    expect(early.message).toContain('Retry makes it claimable now')
    clock.advance(10_000)
    await fail(bundle, id, {}, { backoff_seconds: 10 })
    expect(await task(id)).toMatchObject({ retry_at: clock.now + 20_000 })
    clock.advance(20_000)
    await fail(bundle, id, {}, { backoff_seconds: 10 })

    expect(await task(id)).toMatchObject({
      status: 'blocked',
      block_kind: 'gave_up',
      block_reason: 'Gave up after 3 failures in a row: It exited with 1.',
      consecutive_failures: 3,
      retry_at: null,
    })
    expect((await runs(id)).map((run) => run.outcome)).toEqual(['crashed', 'crashed', 'crashed'])
    const [crashed, gaveUp] = (await events(id)).slice(-2)
    expect(crashed).toMatchObject({ kind: 'crashed', payload: { failures: 3, exit_code: 1, retry_at: null } })
    expect(gaveUp).toMatchObject({
      kind: 'gave_up',
      run_id: crashed?.run_id,
      payload: { failures: 3, effective_limit: 3, limit_source: 'default', error: 'It exited with 1.' },
    })
  })

  it.each(['crashed', 'timed_out', 'stale', 'spawn_failed', 'verify_failed'] as const)(
    'counts %s',
    async (outcome) => {
      const bundle = await setup()
      const { id } = await bundle.create({ max_retries: 2 })
      await fail(bundle, id, { outcome })
      await fail(bundle, id, { outcome })

      const last = outcome === 'spawn_failed' ? 'gave_up' : outcome
      expect((await bundle.runs(id)).map((run) => run.outcome)).toEqual([outcome, last])
      expect(await bundle.task(id)).toMatchObject({ status: 'blocked', block_kind: 'gave_up' })
      const kinds = (await bundle.kinds(id)).filter((kind) => kind === 'gave_up' || kind === outcome)
      expect(kinds).toEqual(outcome === 'spawn_failed' ? [outcome, 'gave_up'] : [outcome, outcome, 'gave_up'])
    },
  )

  it('counts consecutive failures only: a success resets the count', async () => {
    const bundle = await setup()
    const { call, create, task } = bundle
    const { id } = await create()
    await fail(bundle, id)
    await fail(bundle, id)
    const { worker } = await bundle.claim(id)
    await call('task.complete', { id }, worker)
    await call('task.reopen', { id })

    await fail(bundle, id)

    expect(await task(id)).toMatchObject({ status: 'ready', consecutive_failures: 1 })
  })

  it('sends a task whose parent was reopened to todo', async () => {
    const bundle = await setup()
    const { call, claim, create, task } = bundle
    const { id } = await create()
    await claim(id)
    const parent = await create('Parent')
    await call('link.add', { parent_id: parent.id, child_id: id })

    failOpenRun(bundle, id, {}, { backoff_seconds: 10 })

    expect(await task(id)).toMatchObject({ status: 'todo', retry_at: null, consecutive_failures: 1 })
  })

  it('A6: keeps both ends of a long error: the end explains it', async () => {
    const bundle = await setup()
    const { id } = await bundle.create()

    await fail(bundle, id, { error: `begin${'e'.repeat(100_000)}end` })

    const [run] = await bundle.runs(id)
    expect(run?.error).toMatch(/^begine{1000,}\n\[\d+ characters are not shown\]\ne{1000,}end$/)
    expect(run?.error?.length).toBeLessThanOrEqual(16_000)
    expect((await bundle.task(id)).last_failure_error).toHaveLength(2000)
    expect(JSON.stringify((await bundle.events(id)).at(-1)?.payload).length).toBeLessThan(1000)
  })
})

describe('a systemic failure', () => {
  const alike = { error: 'It exited with 1.\nconnection to port 5432 refused' }

  it('holds the profile after three tasks failed alike within a minute, and reports it once', async () => {
    const bundle = await setup()
    const { call, create, clock, events } = bundle
    for (const port of [5432, 5433, 5434, 5435]) {
      clock.advance(15_000)
      await fail(bundle, (await create({ assignee: 'coder' })).id, { error: `Connection to ${port} refused` })
    }

    const held = (await events()).filter((event) => event.kind === 'profile_held')
    expect(held).toMatchObject([{ task_id: null, run_id: null, payload: { profile: 'coder' } }])
    expect((held[0]?.payload as { tasks: string[] }).tasks).toHaveLength(3)
    const ready = await create({ assignee: 'coder' })
    await call('profile.add', { name: 'coder', shell: 'true' })
    expect((await call('task.why', { id: ready.id })).why).toMatchObject({
      gate: 'profile_held',
      action: 'profiles release coder',
    })
    expect((await call('board.view', {})).notices).toHaveLength(1)
  })

  const breaks: [string, (bundle: Setup, nth: number) => Promise<void> | void][] = [
    [
      'another error between',
      (bundle, nth) => (nth === 2 ? failOther(bundle, { error: 'Disk full' }) : undefined),
    ],
    ['a success between', (bundle, nth) => (nth === 2 ? succeed(bundle) : undefined)],
    ['more than a minute', ({ clock }) => void clock.advance(31_000)],
    ['a clock that was set back by a year', ({ clock }) => void clock.advance(-365 * 86_400_000)],
  ]
  it.each(breaks)('is not assumed over %s', async (_name, between) => {
    const bundle = await setup()
    for (let nth = 1; nth <= 3; nth++) {
      await fail(bundle, (await bundle.create({ assignee: 'coder' })).id, alike)
      await between(bundle, nth)
    }

    expect((await bundle.events()).filter((event) => event.kind === 'profile_held')).toEqual([])
  })

  async function failOther(bundle: Setup, failure: { error: string }): Promise<void> {
    await fail(bundle, (await bundle.create({ assignee: 'coder' })).id, failure)
  }

  async function succeed({ call, claim, create }: Setup): Promise<void> {
    const { worker, task } = await claim((await create({ assignee: 'coder' })).id)
    await call('task.complete', { id: task.id, summary: 'Fine' }, worker)
  }

  it('is not one task that fails three times, nor three profiles', async () => {
    const bundle = await setup()
    const { create, events } = bundle
    const { id } = await create({ assignee: 'coder', max_retries: 9 })
    for (let n = 0; n < 5; n++) await fail(bundle, id, alike)
    for (const assignee of ['a', 'b', 'c']) await fail(bundle, (await create({ assignee })).id, alike)

    expect((await events()).filter((event) => event.kind === 'profile_held')).toEqual([])
  })

  it('includes three workers that ended well without a report', async () => {
    const bundle = await setup()
    const { claim, create, write, events } = bundle
    for (let n = 0; n < 3; n++) {
      const { id } = await create({ assignee: 'coder' })
      await claim(id)
      write((tx) => {
        const { task, run } = openRun(tx, id)
        const end = { error: 'It did not report.', last_output: null, exit: { exit_code: 0, signal: null } }
        return blockUnreported(tx, task, run, end)
      })
    }

    expect((await events()).filter((event) => event.kind === 'profile_held')).toHaveLength(1)
  })

  it('excludes three workers whose ends were not seen: then the machine went down', async () => {
    const bundle = await setup()
    for (let n = 0; n < 3; n++) {
      await fail(bundle, (await bundle.create({ assignee: 'coder' })).id, {
        exit: null,
        error: 'Nobody saw it.',
      })
    }

    expect((await bundle.events()).filter((event) => event.kind === 'profile_held')).toEqual([])
  })

  it.each(['a release', 'an edit of the profile'])('ends with %s', async (how) => {
    const bundle = await setup()
    const { call, create, events } = bundle
    await call('profile.add', { name: 'coder', shell: 'true' })
    for (let n = 0; n < 3; n++) await fail(bundle, (await create({ assignee: 'coder' })).id, alike)

    if (how === 'a release')
      expect(await call('profile.release', { name: 'coder' })).toMatchObject({ released: true })
    else await call('profile.set', { name: 'coder', fields: { shell: 'exit 0' } })

    expect((await events()).at(-1)).toMatchObject({ kind: 'profile_released', payload: { profile: 'coder' } })
    expect((await call('board.view', {})).notices).toEqual([])
    expect(await call('profile.release', { name: 'coder' })).toMatchObject({ released: false })
  })
})

describe('a worker that ended well without a report', () => {
  it('blocks its task as unreported, with the end of its output in view, to be accepted with one click', async () => {
    const bundle = await setup()
    const { call, claim, create, events, runs, task, write } = bundle
    const { id } = await create({ assignee: 'coder', max_retries: 1 })
    await claim(id)
    write((tx) => {
      const { task: row, run } = openRun(tx, id)
      return blockUnreported(tx, row, run, {
        error: 'It exited with 0 but did not report.',
        last_output: 'All 12 tests pass',
        exit: { exit_code: 0, signal: null },
      })
    })

    expect(await task(id)).toMatchObject({
      status: 'blocked',
      block_kind: 'unreported',
      block_reason: 'It exited with 0 but did not report. Its last words: All 12 tests pass',
      consecutive_failures: 1,
    })
    expect(await runs(id)).toMatchObject([{ outcome: 'crashed', exit_code: 0 }])
    expect((await events(id)).at(-1)).toMatchObject({
      kind: 'protocol_violation',
      payload: { last_output: 'All 12 tests pass' },
    })
    await call('task.complete', { id, summary: 'Accepted' })
    expect(await task(id)).toMatchObject({ status: 'done', consecutive_failures: 0 })
  })
})

it('records the exit of a process whose end completes its task', async () => {
  const { claim, create, runs, write } = await setup()
  const { id } = await create()
  await claim(id)

  write((tx) =>
    completeTask(tx, getTask(tx, id), {
      summary: 'last line',
      metadata: null,
      result: null,
      trigger: 'dispatcher',
      exit: { exit_code: 0, signal: null },
    }),
  )

  expect(await runs(id)).toMatchObject([{ outcome: 'completed', exit_code: 0, summary: 'last line' }])
})
