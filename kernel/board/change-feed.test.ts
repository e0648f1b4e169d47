import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { setup, temporaryFolder, type Setup } from '../testing/setup.ts'
import { Board } from './board.ts'
import { BoardFolders } from '../home/board-folders.ts'
import * as leases from '../tables/dispatcher-lease.ts'

/** A feed whose timers the test moves. The module keeps what it learnt about the system, so each test gets a new one. */
async function feedOf(bundle: Setup, folder?: string, leavesAtWrite = false) {
  vi.resetModules()
  const { onChange } = await import('./change-feed.ts')
  const board = new Board('test', new BoardFolders(bundle.home), { clock: Date.now, busy: 'block' })
  const asked = vi.spyOn(board.connection, 'dataVersion')
  if (folder !== undefined) Object.defineProperty(board, 'folder', { value: folder })
  let told = 0
  const stop = onChange(board, () => {
    told++
    if (leavesAtWrite) stop()
  })
  return { asked, board, told: () => told, stop: () => (stop(), board.close()) }
}

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }))
afterEach(() => void vi.useRealTimers())

const onLinux = describe.skipIf(process.platform !== 'linux')

onLinux('X27: the feed of a board', () => {
  it('seldom looks at a board that nobody writes to', async () => {
    const feed = await feedOf(await setup())

    vi.advanceTimersByTime(600_000)

    expect(feed.asked.mock.calls.length).toBeLessThan(25)
    feed.stop()
  })

  it('has no timer but that of the seldom looks while nobody writes', async () => {
    const every = vi.spyOn(globalThis, 'setInterval')
    const feed = await feedOf(await setup())

    expect(every.mock.calls.map(([, ms]) => ms)).toEqual([30_000])
    feed.stop()
    expect(vi.getTimerCount()).toBe(0)
  })

  it('reports a write by another connection that the system announces, without a regular look', async () => {
    const bundle = await setup()
    const feed = await feedOf(bundle)

    await bundle.create('From elsewhere')

    // No interval has passed: its timer stands still.
    await vi.waitFor(() => expect(feed.told()).toBeGreaterThan(0))
    feed.stop()
  })

  it('looks again after a report, for the commit that follows it later', async () => {
    const bundle = await setup()
    const folder = temporaryFolder()
    const feed = await feedOf(bundle, folder)

    // The system reports a write to the log, and the commit comes only after the first looks.
    writeFileSync(join(folder, 'board.db-wal'), 'pages')
    await vi.waitFor(() => expect(feed.asked.mock.calls.length).toBeGreaterThan(4))
    expect(feed.told()).toBe(0)
    await bundle.create('Committed late')

    await vi.waitFor(() => expect(feed.told()).toBe(1))
    feed.stop()
  })

  it('notices a lost report at the next seldom look', async () => {
    const bundle = await setup()
    const feed = await feedOf(bundle, temporaryFolder())

    await bundle.create('Unannounced')
    vi.advanceTimersByTime(29_900)
    expect(feed.told()).toBe(0)
    vi.advanceTimersByTime(100)

    expect(feed.told()).toBe(1)
    feed.stop()
  })

  it('notices at once that the file of the board is gone', async () => {
    const bundle = await setup()
    const feed = await feedOf(bundle)

    rmSync(feed.board.path)

    await vi.waitFor(() => expect(feed.told()).toBe(1))
    feed.stop()
  })

  it('looks regularly once the system has failed to announce a write', async () => {
    const bundle = await setup()
    const feed = await feedOf(bundle, temporaryFolder())

    await bundle.create('Unannounced')
    vi.advanceTimersByTime(30_100)
    expect(feed.told()).toBe(1)
    await bundle.create('Unannounced, too')
    vi.advanceTimersByTime(160)

    expect(feed.told()).toBe(2)
    feed.stop()
  })

  it('leaves no timer behind when its last listener leaves at a write that the system did not announce', async () => {
    const bundle = await setup()
    const feed = await feedOf(bundle, temporaryFolder(), true)

    await bundle.create('Unannounced')
    vi.advanceTimersByTime(30_000)

    expect(feed.told()).toBe(1)
    expect(vi.getTimerCount()).toBe(0)
    feed.stop()
  })
})

it('X27: a renewal of the lease does not notify the listeners of the board', async () => {
  const { board } = await setup()
  let told = 0
  board.connection.onCommit(() => told++)

  await board.connection.writeUnsynced('dispatcher', (tx) =>
    tx.run(leases.renew, { token: 'x', now: tx.now }),
  )
  expect(told).toBe(0)
  expect(board.connection.read.get({ sql: 'PRAGMA synchronous' }, {})).toEqual({ synchronous: 2 })

  board.connection.writeNow('dispatcher', (tx) => tx.run(leases.renew, { token: 'x', now: tx.now }))
  expect(told).toBe(1)
})
