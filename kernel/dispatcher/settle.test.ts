import { describe, expect, it } from 'vitest'
import { shownOutcome } from '../../formats/shown-outcome.ts'
import { until } from '../testing/setup.ts'
import { setupWorkers } from '../testing/workers.ts'

describe('a worker', () => {
  it('with completion by exit code is claimed, started, watched and closed with its last line of output', async () => {
    const { call, create, drain, kinds, profile, runs, task, home } = await setupWorkers()
    await profile('plain', 'echo one; pwd; echo two', { completion: 'exit-code' })
    const { id } = await create({ assignee: 'plain', title: 'Count' })

    await drain()

    const [run, ...others] = await runs(id)
    expect(others).toEqual([])
    expect(run).toMatchObject({
      attempt: 1,
      profile: 'plain',
      trigger: 'dispatcher',
      outcome: 'completed',
      summary: 'two',
      exit_code: 0,
      signal: null,
      error: null,
      worker_pid: expect.any(Number) as number,
      command: ['/bin/sh', '-c', 'echo one; pwd; echo two'],
    })
    const { ready_at, started_at, spawned_at, first_output_at, ended_at } = run!
    const order = [ready_at, started_at, spawned_at, first_output_at, ended_at].map(Number)
    expect(order).toEqual([...order].sort((a, b) => a - b))
    expect(await kinds(id)).toEqual(['created', 'claimed', 'spawned', 'completed'])
    const workspace = `${home}/boards/test/workspaces/${id}`
    expect(await task(id)).toMatchObject({ status: 'done', workspace_path: workspace })
    expect((await call('task.log', { id })).content).toBe(`one\n${workspace}\ntwo\n`)
    expect((await call('run.show', { id: run!.id })).context).toContain(`# ${id}: Count`)
  })

  it('reports by itself, and its report wins over its exit', async () => {
    const { create, drain, profile, runs, task } = await setupWorkers()
    await profile('coder', `runboard complete '{"summary":"Done","metadata":{"n":1}}'; exit 3`)
    const { id } = await create({ assignee: 'coder' })

    await drain()

    expect(await task(id)).toMatchObject({ status: 'done' })
    expect(await runs(id)).toMatchObject([
      { outcome: 'completed', summary: 'Done', metadata: { n: 1 }, exit_code: 3, error: null },
    ])
  })

  it('that exits non-zero has crashed, and the next attempt reads why', async () => {
    const { create, drain, profile, runs, task, text, path } = await setupWorkers()
    const line = `if [ "$RUNBOARD_ATTEMPT" = 1 ]; then echo 'no such host'; exit 7; fi; cat "$RUNBOARD_CONTEXT_FILE" >'${path('context')}'`
    await profile('coder', line, { completion: 'exit-code' })
    const { id } = await create({ assignee: 'coder' })

    await drain()

    expect(await task(id)).toMatchObject({ status: 'done', consecutive_failures: 0 })
    expect(await runs(id)).toMatchObject([
      { outcome: 'crashed', exit_code: 7, error: 'It exited with 7.\nno such host' },
      { outcome: 'completed', exit_code: 0 },
    ])
    expect(text('context')).toMatch(/### Attempt 1: crashed[^]*> no such host/)
  })

  it('that is killed has crashed by that signal', async () => {
    const { create, drain, profile, runs } = await setupWorkers()
    await profile('coder', 'kill -9 $$')
    const { id } = await create({ assignee: 'coder', max_retries: 1 })

    await drain()

    expect(await runs(id)).toMatchObject([{ outcome: 'crashed', exit_code: null, signal: 'SIGKILL' }])
  })

  it('that exits with 0 and does not report is unreported', async () => {
    const { call, create, drain, profile, runs, task, kinds } = await setupWorkers()
    const shownOnCard = async () => (await call('task.list', {})).tasks[0]?.last_shown_outcome
    await profile('coder', 'echo all tests pass')
    const { id } = await create({ assignee: 'coder' })

    await drain()

    expect(await task(id)).toMatchObject({ status: 'blocked', block_kind: 'unreported' })
    expect((await task(id)).block_reason).toContain('all tests pass')
    const [run] = await runs(id)
    const headline = 'It exited with 0 but did not report whether the task is done.'
    expect(run).toMatchObject({ outcome: 'crashed', exit_code: 0, headline })
    expect(shownOutcome(run!)).toBe('ended_without_a_report')
    expect(await shownOnCard()).toBe('ended_without_a_report')
    expect((await kinds(id)).at(-1)).toBe('protocol_violation')

    await call('task.hold', { id })
    await call('task.unblock', { id })
    expect(await task(id)).toMatchObject({ status: 'ready', last_failure_error: null })
    expect(await shownOnCard()).toBe('ended_without_a_report')
    expect((await call('task.context', { id })).context).toContain('### Attempt 1: ended without a report')
  })

  it.each([
    ['exit code 75', 'exit 75', {}],
    ['an exit code of its profile', 'exit 9', { rate_limit_exit_codes: [9] }],
    [
      'the pattern of its profile',
      'echo "HTTP 429: Usage Limit reached"; exit 1',
      { rate_limit_pattern: 'usage limit' },
    ],
  ])('that hits a rate limit is parked, not failed: %s', async (_name, line, fields) => {
    const { create, drain, profile, runs, task } = await setupWorkers()
    await profile('coder', line, fields)
    const { id } = await create({ assignee: 'coder' })

    await drain()

    const { status, retry_at, consecutive_failures } = await task(id)
    expect({ status, consecutive_failures }).toEqual({ status: 'ready', consecutive_failures: 0 })
    const [run] = await runs(id)
    expect(run).toMatchObject({ outcome: 'rate_limited' })
    expect(retry_at! - run!.ended_at!).toBe(300_000)
  })
})

describe('a rate limit', () => {
  it('parks the task and its profile until the time that the tool named, then resumes them', async () => {
    const { create, events, kernel, profile, runs, task } = await setupWorkers()
    const line = `[ "$RUNBOARD_ATTEMPT" = 1 ] && { echo "usage limit reached, try again in 1.5 seconds"; exit 1; }; echo finished`
    // A reset time is honoured only if it is later than the profile's backoff.
    await profile('coder', line, {
      completion: 'exit-code',
      rate_limit_pattern: 'usage limit',
      backoff_seconds: 1,
    })
    const { id } = await create({ assignee: 'coder' })
    const dispatching = kernel.startDispatching()

    await until(async () => (await task(id)).status === 'done', 'the next attempt')

    const [limited, next] = await runs(id)
    expect(limited).toMatchObject({ outcome: 'rate_limited', exit_code: 1 })
    const all = await events()
    const until_at = all.find(({ kind }) => kind === 'rate_limited')?.payload?.['until'] as number
    // It counts from when the output was read, before the run is closed.
    expect(until_at).toBeLessThanOrEqual(limited!.ended_at! + 1500)
    expect(until_at).toBeGreaterThan(limited!.ended_at! + 500)
    expect(next).toMatchObject({ outcome: 'completed', summary: 'finished' })
    expect(next!.started_at).toBeGreaterThanOrEqual(until_at)
    expect(all.filter(({ kind }) => /^(rate_limited|profile_)/.test(kind))).toMatchObject([
      { kind: 'rate_limited', payload: { until: until_at } },
      { kind: 'profile_held', payload: { until: until_at } },
      { kind: 'profile_released' },
    ])
    await dispatching.stop()
  })
})

describe('a profile that is removed while its worker runs', () => {
  it('still decides what the end of that worker means', async () => {
    const bundle = await setupWorkers()
    const { call, create, gate, open, profile, runs, task } = bundle
    await profile('leaving', `${gate('go')}; echo all is done`, { completion: 'exit-code' })
    const { id } = await create({ assignee: 'leaving' })
    const waiting = call('dispatcher.dispatch', { wait: true })
    await until(async () => (await runs(id))[0]?.worker_pid, 'its worker')

    await call('profile.remove', { name: 'leaving' })
    open('go')
    await waiting

    expect(await task(id)).toMatchObject({ status: 'done' })
    expect(await runs(id)).toMatchObject([{ outcome: 'completed', summary: 'all is done', exit_code: 0 }])
  })

  it('leaves the verdict to a person when no process remembers it', async () => {
    const bundle = await setupWorkers()
    const { call, create, drain, gate, kernel, open, profile, runs, task } = bundle
    await profile('leaving', `${gate('go')}; echo all is done`, { completion: 'exit-code' })
    const { id } = await create({ assignee: 'leaving' })
    const dispatching = kernel.startDispatching()
    await until(async () => (await runs(id))[0]?.worker_pid, 'its worker')
    await dispatching.stop()

    await call('profile.remove', { name: 'leaving' })
    open('go')
    await drain()

    expect(await task(id)).toMatchObject({ status: 'blocked', block_kind: 'unreported' })
    expect((await task(id)).block_reason).toMatch(/its profile leaving is not there .*all is done/s)
  })
})
