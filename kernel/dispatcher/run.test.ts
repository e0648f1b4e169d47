import { existsSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { shownOutcome } from '../../formats/shown-outcome.ts'
import { until } from '../testing/setup.ts'
import { startKeyOf } from '../workers/process/identity.ts'
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

  it('records the model that it was started with: the task’s, else the profile’s', async () => {
    const { call, create, drain, profile, runs } = await setupWorkers()
    await profile('coder', 'echo "$RUNBOARD_MODEL"', { completion: 'exit-code', model: 'small' })
    const [own, other] = [
      await create({ assignee: 'coder', model: 'large' }),
      await create({ assignee: 'coder' }),
    ]

    await drain()
    await call('profile.set', { name: 'coder', fields: { model: 'newer' } })

    expect((await runs(own.id))[0]?.observed).toMatchObject({ model: 'large' })
    expect((await runs(other.id))[0]?.observed).toMatchObject({ model: 'small' })
  })

  it('gets its run in its environment, and its context on stdin and in a file', async () => {
    const { create, drain, profile, runs, text, path, home } = await setupWorkers()
    const said = `env | grep ^RUNBOARD_ | sort >'${path('env')}'; cat >'${path('stdin')}'`
    await profile('coder', said, {
      completion: 'exit-code',
      stdin: 'context',
      env: { RUNBOARD_RUN: '999', MINE: 'yes' },
    })
    const { id } = await create({ assignee: 'coder', tenant: 'acme' })

    await drain()

    const [run] = await runs(id)
    const env = Object.fromEntries(
      text('env')
        .trim()
        .split('\n')
        .map((line) => line.split(/=(.*)/s) as [string, string]),
    )
    expect(env).toMatchObject({
      RUNBOARD_HOME: home,
      RUNBOARD_BOARD: 'test',
      RUNBOARD_TASK: id,
      RUNBOARD_RUN: String(run!.id),
      RUNBOARD_ATTEMPT: '1',
      RUNBOARD_PROFILE: 'coder',
      RUNBOARD_TENANT: 'acme',
      RUNBOARD_WORKSPACE: run!.workspace_path,
      RUNBOARD_CLAIM: expect.stringMatching(/^[\w-]{32}$/) as string,
    })
    expect(text('stdin')).toContain(`# ${id}: A task`)
    expect(readFileSync(env['RUNBOARD_CONTEXT_FILE']!, 'utf8')).toBe(text('stdin'))
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

  it('that exceeds its runtime is timed out, with every process it started', async () => {
    const { call, clock, create, kernel, profile, runs, text, path } = await setupWorkers({ clock: 'fake' })
    await profile(
      'slow',
      `sh -c 'trap "" TERM; echo $$ >${path('child')}; sleep 300 & wait; sleep 300' & wait`,
    )
    clock.now = Date.now()
    const { id } = await create({ assignee: 'slow', max_runtime_seconds: 3600, max_retries: 1 })
    const dispatching = kernel.startDispatching()
    await until(() => text('child'))

    clock.advance(3_600_000)
    await call('dispatcher.dispatch', {})
    await until(async () => (await runs(id))[0]?.outcome)
    await dispatching.stop()

    expect(await runs(id)).toMatchObject([{ outcome: 'timed_out', max_runtime_seconds: 3600 }])
    expect(startKeyOf(Number(text('child')))).toBeNull()
  })

  it('whose program or workspace cannot be used says so', async () => {
    const { call, create, drain, runs } = await setupWorkers()
    await call('profile.add', { name: 'ghost', command: ['no-such-agent'], backoff_seconds: 0 })
    await call('profile.add', { name: 'plain', shell: 'true', backoff_seconds: 0 })
    const ghost = await create({ assignee: 'ghost', max_retries: 1 })
    const file = await create({ assignee: 'plain', max_retries: 1, workspace: 'dir:/dev/null/below' })

    await drain()

    expect((await runs(ghost.id))[0]).toMatchObject({
      outcome: 'gave_up',
      spawned_at: null,
      worker_pid: null,
    })
    expect((await runs(ghost.id))[0]?.error).toContain('no-such-agent')
    expect((await runs(file.id))[0]?.error).toMatch(/^workspace: /)
  })
})

describe('verify_command', () => {
  it('of an exit-code worker is run by the dispatcher, and its failure fails the run', async () => {
    const { create, drain, profile, runs, task } = await setupWorkers()
    await profile('plain', 'echo finished', { completion: 'exit-code' })
    const good = await create({ assignee: 'plain', verify_command: 'pwd' })
    const bad = await create({
      assignee: 'plain',
      verify_command: 'echo 2 tests fail; exit 4',
      max_retries: 1,
    })

    await drain()

    expect(await runs(good.id)).toMatchObject([{ outcome: 'completed', observed: { verify_exit_code: 0 } }])
    expect(await runs(bad.id)).toMatchObject([
      {
        outcome: 'verify_failed',
        summary: 'finished',
        observed: { verify_exit_code: 4, verify_output: '2 tests fail' },
      },
    ])
    expect((await runs(bad.id))[0]?.error).toContain('2 tests fail')
    expect(await task(bad.id)).toMatchObject({ status: 'blocked', block_kind: 'gave_up' })
  })

  it('of a reporting worker refuses the completion, and the run stays open for another try', async () => {
    const { create, drain, profile, runs, task } = await setupWorkers()
    const line = `runboard complete '{"summary":"First"}' || { touch fixed; runboard complete '{"summary":"Second"}'; }`
    await profile('coder', line)
    const { id } = await create({ assignee: 'coder', verify_command: 'test -e fixed' })

    await drain()

    expect(await task(id)).toMatchObject({ status: 'done' })
    expect(await runs(id)).toMatchObject([{ outcome: 'completed', summary: 'Second', exit_code: 0 }])
  })
})

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
