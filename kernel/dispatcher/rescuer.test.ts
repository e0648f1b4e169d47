import { readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it, vi } from 'vitest'
import { shownOutcome } from '../../formats/shown-outcome.ts'
import { until } from '../testing/setup.ts'
import { setupWorkers } from '../testing/workers.ts'
import { startKeyOf } from '../workers/process/identity.ts'
import { BoardDispatcher } from './board-dispatcher.ts'

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

it('a killed worker has crashed by SIGKILL, also when nobody watched', async () => {
  const bundle = await setupWorkers()
  const { call, create, gate, profile, path, runs, text } = bundle
  await profile('coder', `echo $$ >'${path('pid')}'; ${gate('never')}`)
  const { id } = await create({ assignee: 'coder', max_retries: 1 })
  await call('dispatcher.dispatch', {})
  const pid = Number(await until(() => text('pid')))
  process.kill(pid, 'SIGKILL')
  // A dispatcher that looks before the worker is gone adopts it, and has then used its one pass.
  await until(() => startKeyOf(pid) === null)

  await call('dispatcher.dispatch', {})
  await until(async () => (await runs(id))[0]?.outcome)

  expect(await runs(id)).toMatchObject([{ outcome: 'crashed', signal: 'SIGKILL', exit_code: null }])
})

it.skipIf(process.platform === 'win32').each(['while a dispatcher watches', 'while none does'])(
  'what a killed worker had started is stopped before the next attempt: %s',
  async (when) => {
    const bundle = await setupWorkers()
    const { call, create, gate, kernel, profile, path, runs, text } = bundle
    const child = `sh -c 'echo $$ >${path('child')}; exec sleep 300'`
    const first = `${child} & echo $$ >'${path('pid')}'; ${gate('never')}`
    const next = `echo up >'${path('next')}'; ${gate('go')}; runboard complete '{"summary":"finished"}'`
    await profile('coder', `if [ "$RUNBOARD_ATTEMPT" = 1 ]; then ${first}; else ${next}; fi`)
    const { id } = await create({ assignee: 'coder', max_retries: 2 })
    if (when === 'while a dispatcher watches') kernel.startDispatching()
    else await call('dispatcher.dispatch', {})
    const started = Number(await until(() => text('child')))
    const pid = Number(await until(() => text('pid')))
    process.kill(pid, 'SIGKILL')
    await until(() => startKeyOf(pid) === null)
    const drained = call('dispatcher.dispatch', { wait: true })

    await until(() => text('next'), 'the second attempt')
    expect(startKeyOf(started), 'the start of what it had started').toBeNull()
    bundle.open('go')
    await drained
    expect(await runs(id)).toMatchObject([
      { outcome: 'crashed', signal: 'SIGKILL' },
      { outcome: 'completed' },
    ])
  },
)

it('a worker killed together with its keeper ends with an unknown exit', async () => {
  const bundle = await setupWorkers()
  const { call, create, gate, inspector, profile, path, runs, task, text } = bundle
  const line = `echo $$ >'${path('pid')}-'"$RUNBOARD_PROFILE"; ${gate('never')}`
  await profile('coder', line)
  await profile('plain', line, { completion: 'exit-code' })
  for (const [assignee, outcome, block] of [
    ['coder', 'crashed', 'gave_up'],
    ['plain', 'crashed', 'unreported'],
  ] as const) {
    const { id } = await create({ assignee, max_retries: 1 })
    await call('dispatcher.dispatch', {})
    await until(() => text(`pid-${assignee}`))
    const [run] = inspector.all<{ keeper_pid: number; worker_pid: number }>(
      `SELECT keeper_pid, worker_pid FROM task_runs WHERE task_id = '${id}'`,
    )
    process.kill(run!.keeper_pid, 'SIGKILL')
    process.kill(run!.worker_pid, 'SIGKILL')
    await until(() => startKeyOf(run!.keeper_pid) === null && startKeyOf(run!.worker_pid) === null)

    await call('dispatcher.dispatch', {})
    await until(async () => (await task(id)).status !== 'running')

    expect(await runs(id)).toMatchObject([{ outcome, signal: null, exit_code: null }])
    expect((await runs(id))[0]?.error).toContain('nobody saw')
    expect(await task(id)).toMatchObject({ status: 'blocked', block_kind: block })
    const shown = block === 'unreported' ? 'ended_without_a_report' : 'crashed'
    expect(shownOutcome((await runs(id))[0]!)).toBe(shown)
  }
})
