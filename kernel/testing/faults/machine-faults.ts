import { writeFileSync } from 'node:fs'
import { expect } from 'vitest'
import { noteResult, noteStart } from '../aftermath.ts'
import { startProgram } from '../processes.ts'
import { until } from '../setup.ts'
import type { WorkerSetup } from '../workers.ts'
import { hostIdentity, startKeyOf } from '../../workers/process/identity.ts'
import type { Fault } from './scale.ts'

const MINUTE_MS = 60_000
const NIGHT_MS = 8 * 60 * MINUTE_MS

let awake = 0

const sleep: Fault = {
  options: () => {
    awake = 0
    return { clock: 'fake', awake: () => awake }
  },
  async happen(bundle) {
    const {
      call,
      claim,
      clock,
      create,
      gate,
      inspector,
      kernel,
      open,
      person,
      profile,
      runs,
      task,
      text,
      path,
    } = bundle
    const { home } = bundle
    const pass = (ms: number) => {
      clock.advance(ms)
      awake += ms
    }
    const expiryOf = (id: string) =>
      inspector.all<{ at: number }>(`SELECT claim_expires_at AS at FROM task_runs WHERE task_id = '${id}'`)[0]
        ?.at
    clock.now = Date.now()
    writeFileSync(`${home}/config.json`, JSON.stringify({ settings: { max_running: 8 } }))
    await kernel.call('board.set', { slug: 'test', settings: { stale_after_seconds: 1800 } }, person)
    const fields = { completion: 'exit-code', max_runtime_seconds: 3600 } as const
    const line = `${noteStart(bundle)}; echo up >>'${path('up')}'`
    await profile('worker', `${line}; ${gate('go')}; ${noteResult(bundle)}`, fields)
    await profile('stuck', `${line}; ${gate('never')}`, fields)
    const working = await create({ assignee: 'worker' })
    const stuck = await create({ assignee: 'stuck', max_retries: 1 })
    const pulled = await create('A person works on it')
    await claim(pulled.id)
    const due = await create({ assignee: 'worker', not_before_at: clock.now + 60 * MINUTE_MS })
    const dispatching = kernel.startDispatching()
    await until(() => text('up').split('\n').length > 2)
    pass(10 * MINUTE_MS)
    await call('dispatcher.dispatch', {})
    const before = expiryOf(pulled.id)

    // The lid is closed for a night. That is not the worker's fault.
    clock.advance(NIGHT_MS)

    await until(async () => (await task(due.id)).status === 'running', 'what fell due in the night')
    await call('dispatcher.dispatch', {})
    for (const { id } of [working, stuck, pulled]) expect((await task(id)).status).toBe('running')
    expect(expiryOf(pulled.id)).toBe((before ?? 0) + NIGHT_MS)

    // The limits continue from where they stood.
    pass(6 * MINUTE_MS)
    await call('dispatcher.dispatch', {})
    expect(await runs(pulled.id)).toMatchObject([{ outcome: 'reclaimed' }])
    open('go')
    for (const { id } of [working, due]) await until(async () => (await task(id)).status === 'done')
    pass(20 * MINUTE_MS)
    await call('dispatcher.dispatch', {})
    await until(async () => (await task(stuck.id)).status === 'blocked')
    expect(await runs(stuck.id)).toMatchObject([{ outcome: 'stale' }])
    await dispatching.stop()
  },
}

/** A running task whose row names the pid of another process. */
async function runningAs(bundle: WorkerSetup, pid: number, key: string | null): Promise<string> {
  const { board, claim, create } = bundle
  const { id } = await create({ assignee: 'worker', max_retries: 1 })
  const { run } = await claim(id)
  board.connection.writeNow('test', (tx) =>
    tx.run(
      {
        sql: `UPDATE task_runs SET trigger = 'dispatcher', worker_pid = :pid, worker_started_key = :key,
          keeper_pid = :pid, keeper_started_key = :key, host = :host, spawned_at = started_at WHERE id = :id`,
      },
      { pid, key, host: hostIdentity(), id: run.id },
    ),
  )
  return id
}

const reusedPid: Fault = {
  async happen(bundle) {
    const { call, drain, profile, runs, task } = bundle
    await profile('worker', 'true')
    const { child } = startProgram('idle.ts', [])
    const pid = child.pid!
    const key = startKeyOf(pid)
    const other = `${key}0`

    const lost = await runningAs(bundle, pid, other)
    expect((await call('worker.list', {})).workers).toMatchObject([{ task_id: lost, alive: false }])
    await drain()
    expect(await runs(lost)).toMatchObject([{ outcome: 'crashed', exit_code: null, signal: null }])
    expect((await runs(lost))[0]?.error).toContain('nobody saw')

    const stopped = await runningAs(bundle, pid, other)
    await call('task.stop', { id: stopped })
    expect(await runs(stopped)).toMatchObject([{ outcome: 'stopped' }])

    // Without a start key the process is unknown, so it is not touched either.
    const unknown = await runningAs(bundle, pid, null)
    await call('task.reclaim', { id: unknown })
    expect(await task(unknown)).toMatchObject({ status: 'ready' })
    await call('task.hold', { id: unknown })

    expect(startKeyOf(pid)).toBe(key)
    expect({ code: child.exitCode, signal: child.signalCode }).toEqual({ code: null, signal: null })
  },
}

export const machineFaults = {
  'a machine that sleeps': sleep,
  'a pid that is used again': reusedPid,
} satisfies Record<string, Fault>
