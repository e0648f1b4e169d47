import { describe, expect, it } from 'vitest'
import { Services } from '../services.ts'
import { startProgram } from '../testing/processes.ts'
import { cleanUp, setup, type Setup } from '../testing/setup.ts'
import { hostIdentity, startKeyOf } from '../workers/identity.ts'
import { Lease, readLease } from './lease.ts'

interface Holder {
  pid: number
  started_key: string | null
  host?: string
}

/** Two clocks that a test moves, services that go by them, and a lease that somebody holds. */
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

/** A process that lives for as long as the test. */
function livingProcess(): { pid: number; started_key: string | null } {
  const { child } = startProgram('idle.ts', [])
  return { pid: child.pid!, started_key: startKeyOf(child.pid!) }
}

const take = ({ services, board }: Pick<Setup, 'board'> & { services: Services }) =>
  new Lease(services, board, 'another').take()

describe('the lease of a process that lives on this host', () => {
  it('stays with it when the machine wakes up, and it renews', async () => {
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

  it('is taken over when it stays silent while we look', async () => {
    const held = await heldBy(livingProcess())

    held.pass(30_000)
    expect(await take(held)).toBe(false)
    held.pass(6_000)

    expect(await take(held)).toBe(true)
  })

  it('is not its any more when the pid is another process’s now', async () => {
    const { pid, started_key } = livingProcess()
    const held = await heldBy({ pid, started_key: `${started_key}0` })

    expect(await take(held)).toBe(true)
    expect(startKeyOf(pid)).toBe(started_key)
  })
})
