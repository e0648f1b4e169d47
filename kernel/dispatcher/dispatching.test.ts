import { rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { OperationError } from '../../contract/index.ts'
import { Services } from '../services.ts'
import { cleanUp, temporaryFolder, until } from '../testing/setup.ts'
import { setupWorkers } from '../testing/workers.ts'
import { startDispatching } from './dispatching.ts'

describe('X14: a board that is closed while a backup of it is restored', () => {
  it('is taken up afterwards, and nothing is reported', async () => {
    const bundle = await setupWorkers()
    const reported: unknown[] = []
    const report = (message: string, cause: unknown) => reported.push([message, cause])
    const services = new Services({ home: bundle.home, env: {}, report })
    cleanUp(() => services.closeAll())
    services.refuse('test', new OperationError('BUSY', 'A backup of the board “test” is being restored.'))
    const first = startDispatching(services)
    await first.stop()
    expect(reported).toEqual([])

    services.admit('test')
    const dispatching = startDispatching(services)
    cleanUp(() => dispatching.stop())
    await until(() => services.dispatchers.has('test'))
    await dispatching.stop()
  })
})

describe('a task that becomes ready', () => {
  it('starts on a board that is created later, too', async () => {
    const { kernel, person, profile } = await setupWorkers()
    await profile('plain', 'true', { completion: 'exit-code' })
    const dispatching = kernel.startDispatching()
    await kernel.call('board.create', { slug: 'later' }, person)
    const on = { ...person, board: 'later' }
    const { task } = await kernel.call('task.create', { title: 'x', assignee: 'plain' }, on)

    await until(async () => (await kernel.call('task.show', { id: task.id }, on)).task.status === 'done')
    await dispatching.stop()
  })
})

it('a profile that is added later starts the tasks that wait for it, without a call to the dispatcher', async () => {
  const { create, kernel, profile, task } = await setupWorkers()
  const { id } = await create({ assignee: 'late' })
  const dispatching = kernel.startDispatching()
  await until(async () => (await task(id)).status === 'ready')

  await profile('late', 'true', { completion: 'exit-code' })

  await until(async () => (await task(id)).status === 'done')
  await dispatching.stop()
})

describe('the looks at the home', () => {
  /** How long the process waits between two looks, in milliseconds, each time that it decides so. */
  function pauses() {
    const timers = vi.spyOn(globalThis, 'setTimeout')
    cleanUp(() => timers.mockRestore())
    return () => timers.mock.calls.map(([, ms]) => ms).filter((ms) => ms === 1_000 || ms === 30_000)
  }

  it('are seldom once all boards are dispatched', async () => {
    const { kernel } = await setupWorkers()
    const chosen = pauses()
    const dispatching = kernel.startDispatching()

    await until(() => chosen().length > 0)
    expect(chosen()).toEqual([30_000])
    await dispatching.stop()
  })

  it.skipIf(process.platform === 'win32')('come every second while config.json is a link', async () => {
    const { home, kernel } = await setupWorkers()
    const there = join(temporaryFolder(), 'config.json')
    const here = join(home, 'config.json')
    writeFileSync(there, '{}')
    rmSync(here, { force: true })
    symlinkSync(there, here)
    const chosen = pauses()
    const dispatching = kernel.startDispatching()

    await until(() => chosen().length > 0)
    expect(chosen()).toEqual([1_000])
    await dispatching.stop()
  })

  it('come soon after this process has released a board, as it does to restore a backup', async () => {
    const bundle = await setupWorkers()
    const services = new Services({ home: bundle.home, env: {} })
    cleanUp(() => services.closeAll())
    const chosen = pauses()
    const dispatching = startDispatching(services)
    cleanUp(() => dispatching.stop())
    await until(() => chosen().length > 0)

    await services.releaseBoard('test')

    await until(() => services.dispatchers.has('test'))
    await dispatching.stop()
  })

  it('come every second while another process dispatches a board: the system does not report its end', async () => {
    const bundle = await setupWorkers()
    const first = bundle.kernel.startDispatching()
    await until(async () => (await bundle.call('dispatcher.show', {})).dispatcher.who === 'here')
    const other = new Services({ home: bundle.home, env: {} })
    cleanUp(() => other.closeAll())
    const chosen = pauses()
    const second = startDispatching(other)

    await until(() => chosen().length > 0)
    expect(chosen()).toEqual([1_000])
    await first.stop()
    await until(() => other.dispatchers.has('test'))
    await second.stop()
  })
})
