import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { Services } from '../services.ts'
import { startProgram } from '../testing/processes.ts'
import { cleanUp, setup, type Setup, until } from '../testing/setup.ts'
import { setupWorkers } from '../testing/workers.ts'
import { hostIdentity, startKeyOf } from '../workers/process/identity.ts'
import { BoardDispatcher } from '../dispatcher/board-dispatcher.ts'
import { Lease, readLease } from './lease.ts'

interface Holder {
  pid: number
  started_key: string | null
  host?: string
}

/** Two clocks that the test moves, services that use them, and a lease with another holder. */
async function heldBy({ pid, started_key, host = hostIdentity() }: Holder) {
  const bundle = await setup()
  const { board, home, clock } = bundle
  const time = { awake: 0 }
  const services = new Services({ home, clock: () => clock.now, awake: () => time.awake })
  cleanUp(() => services.closeAll())
  const say = (sql: string) =>
    board.connection.writeNow('test', (tx) => tx.run({ sql }, { pid, started_key, host, now: clock.now }))
  say(`INSERT INTO dispatcher_lease (id, token, holder, pid, started_key, host, acquired_at, renewed_at)
    VALUES (1, 'theirs', 'the app', :pid, :started_key, :host, :now, :now)`)
  const pass = (ms: number) => {
    clock.advance(ms)
    time.awake += ms
  }
  const renew = () =>
    board.connection.writeNow('test', (tx) =>
      tx.run({ sql: 'UPDATE dispatcher_lease SET renewed_at = :now' }, { now: clock.now }),
    )
  return { ...bundle, services, pass, renew, sleep: (ms: number) => clock.advance(ms) }
}

/** A process that lives as long as the test. */
function livingProcess(): { pid: number; started_key: string | null } {
  const { child } = startProgram('idle.ts', [])
  return { pid: child.pid!, started_key: startKeyOf(child.pid!) }
}

const take = ({ services, board }: Pick<Setup, 'board'> & { services: Services }) =>
  new Lease(services, board, 'another').take()

describe('the lease of a process that lives on this host', () => {
  it('stays with it when the machine wakes up and it renews', async () => {
    const held = await heldBy(livingProcess())

    held.sleep(8 * 3_600_000)
    expect(readLease(held.services, held.board).state).toBe('silent')
    expect(await take(held)).toBe(false)
    held.pass(5_900)
    expect(await take(held)).toBe(false)
    held.renew()
    held.pass(25_000)

    expect(readLease(held.services, held.board).state).toBe('alive')
    expect(await take(held)).toBe(false)
  })

  it('is taken over when it stays silent while we watch', async () => {
    const held = await heldBy(livingProcess())

    held.pass(30_000)
    expect(await take(held)).toBe(false)
    held.pass(6_000)

    expect(await take(held)).toBe(true)
  })

  it('is free when its pid now belongs to another process', async () => {
    const { pid, started_key } = livingProcess()
    const held = await heldBy({ pid, started_key: `${started_key}0` })

    expect(await take(held)).toBe(true)
    expect(startKeyOf(pid)).toBe(started_key)
  })
})

it('a dispatcher that lost its lease stops watching its workers, and adopts them when it has the lease again', async () => {
  const bundle = await setupWorkers()
  const { board, create, gate, home, open, path, profile, runs, task, text } = bundle
  await profile('plain', `echo up >'${path('up')}'; ${gate('go')}; echo finished`, {
    completion: 'exit-code',
  })
  const { id } = await create({ assignee: 'plain' })
  const services = new Services({ home, env: { PATH: process.env['PATH'] } })
  cleanUp(() => services.closeAll())
  const dispatcher = new BoardDispatcher(services, services.board('test'), 'a test')
  cleanUp(() => dispatcher.stop())
  services.dispatchers.set('test', dispatcher)
  await dispatcher.take()
  dispatcher.start()
  await until(() => text('up'))
  const { pid, started_key } = livingProcess()
  const write = (sql: string, params = {}) =>
    board.connection.writeNow('test', (tx) => tx.run({ sql }, params))

  const taken = `UPDATE dispatcher_lease SET token = 'theirs', pid = :pid, started_key = :started_key, renewed_at = :now`
  write(taken, { pid, started_key, now: Date.now() + 60_000 })
  await until(() => !dispatcher.holdsLease() && dispatcher.occupied() === 0, 'it to stop watching')
  open('go')
  await until(async () => existsSync((await runs(id))[0]!.log_path!.replace(/log$/, 'exit')))
  expect(await task(id)).toMatchObject({ status: 'running' })

  write('DELETE FROM dispatcher_lease')
  await until(async () => (await task(id)).status === 'done', 'it to take the run up again')
  expect(await runs(id)).toMatchObject([{ outcome: 'completed', summary: 'finished', exit_code: 0 }])
})

it('X27: an idle dispatcher that lost its lease since its last renewal leaves the runs of the new holder alone', async () => {
  const bundle = await setup({ clock: 'real' })
  const { board, create, claim, home, runs } = bundle
  const time = { awake: 0 }
  const services = new Services({ home, env: { PATH: process.env['PATH'] }, awake: () => time.awake })
  cleanUp(() => services.closeAll())
  const dispatcher = new BoardDispatcher(services, services.board('test'), 'a test')
  cleanUp(() => dispatcher.stop())
  await dispatcher.take()
  dispatcher.start()
  await dispatcher.runOnce()

  // Later than the renewals of a busy board, sooner than those of an idle one.
  time.awake += 6_000
  const { id } = await create('Being started by another dispatcher')
  const { pid, started_key } = livingProcess()
  board.connection.writeNow('test', (tx) => {
    tx.run(
      {
        sql: `UPDATE dispatcher_lease SET token = 'theirs', pid = :pid, started_key = :started_key, renewed_at = :now`,
      },
      { pid, started_key, now: Date.now() },
    )
  })
  await claim(id)
  board.connection.writeNow('test', (tx) =>
    tx.run(
      { sql: `UPDATE task_runs SET trigger = 'dispatcher', host = :host, worker_pid = NULL` },
      { host: hostIdentity() },
    ),
  )
  await dispatcher.runOnce()

  expect(dispatcher.holdsLease()).toBe(false)
  expect(await runs(id)).toMatchObject([{ outcome: null }])
})
