import { copyFileSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { BoardEvent } from '../../contract/index.ts'
import { openKernel } from '../kernel.ts'
import { writeEvent } from '../lifecycle/write-event.ts'
import { startProgram } from '../testing/processes.ts'
import { cleanUp, setup, type Setup } from '../testing/setup.ts'

it('a stream that its reader leaves keeps nothing running', async () => {
  const { create, home } = await setup()
  await create('One to tell of')

  expect(await startProgram('watch-and-leave.ts', [home]).ended).toEqual({
    code: 0,
    signal: null,
    output: '',
  })
})

it('X15: a stream of very many events lets other work run in between', async () => {
  const { create, inspector, kernel, person, board } = await setup()
  const { id } = await create('One to tell of')
  const count = 20_000
  await board.connection.write('test', (tx) => {
    for (let n = 0; n < count; n++) writeEvent(tx, 'commented', id, null, { n })
  })
  expect(inspector.all('SELECT id FROM task_events').length).toBeGreaterThan(count)
  const ending = new AbortController()
  let turns = 0
  const turn = setInterval(() => turns++, 0)
  let seen = 0
  for await (const _event of kernel.stream('event.watch', { since: 0 }, person, ending.signal)) {
    if (++seen === count) break
  }
  clearInterval(turn)
  ending.abort()
  expect(turns).toBeGreaterThan(10)
})

/** The events of the board from `since` on, as they arrive. */
function following({ kernel, person }: Pick<Setup, 'kernel' | 'person'>, since?: number) {
  const ending = new AbortController()
  const input = since === undefined ? {} : { since }
  const events = kernel.stream('event.watch', input, person, ending.signal)[Symbol.asyncIterator]()
  return { next: () => events.next(), end: () => ending.abort() }
}

/** Puts a backup in place of the board's file, as a person may do by hand. */
function swapFile(folder: string, backup: string): void {
  mkdirSync(join(folder, 'spare'))
  copyFileSync(backup, join(folder, 'spare', 'board.db'))
  for (const name of ['board.db-wal', 'board.db-shm']) rmSync(join(folder, name), { force: true })
  renameSync(join(folder, 'spare', 'board.db'), join(folder, 'board.db'))
}

it.each([
  ['deleted', (file: string) => rmSync(file)],
  ['moved away', (file: string) => renameSync(file, `${file}.away`)],
])('X19: a stream of a board whose file is %s ends and says so', async (_what, lose) => {
  const bundle = await setup()
  await bundle.create('Before')
  const stream = following(bundle, 0)
  await stream.next()
  const next = (async () => {
    while ((await stream.next()).done !== true);
  })()

  lose(join(bundle.board.folder, 'board.db'))

  await expect(next).rejects.toMatchObject({
    code: 'BOARD_DAMAGED',
    message: expect.stringContaining('is gone') as string,
  })
})

it('X14: a cursor of a replaced file hides none of the new events', async () => {
  const bundle = await setup()
  const { id } = await bundle.create('Kept')
  const { path } = await bundle.call('backup.create', {})
  for (let n = 0; n < 5; n++) await bundle.create('After the backup')
  const { cursor } = await bundle.call('board.view', {})
  swapFile(bundle.board.folder, path)
  const other = openKernel({ home: bundle.home, env: {} })
  cleanUp(() => other.close())
  const stream = following({ ...bundle, kernel: other }, cursor)
  const next = stream.next()

  await other.call('comment.add', { id, body: 'On the restored board' }, bundle.person)

  const { value } = await next
  expect(value).toMatchObject({ kind: 'commented' })
  expect((value as { id: number }).id).toBeLessThan(cursor)
  stream.end()
})

it('X15: a stream of few long events lets other work run in between, and misses none', async () => {
  const { create, kernel, person, board } = await setup()
  const { id } = await create('One to tell of')
  const count = 40
  const text = 'x'.repeat(400_000)
  await board.connection.write('test', (tx) => {
    for (let n = 1; n <= count; n++) writeEvent(tx, 'commented', id, null, { n, text })
  })
  const ending = new AbortController()
  let turns = 0
  const turn = setInterval(() => turns++, 0)
  const seen: unknown[] = []
  for await (const event of kernel.stream(
    'event.watch',
    { since: 0, kinds: ['commented'] },
    person,
    ending.signal,
  )) {
    seen.push(event.payload?.['n'])
    if (seen.length === count) break
  }
  clearInterval(turn)
  ending.abort()
  expect(seen).toEqual(Array.from({ length: count }, (_, n) => n + 1))
  expect(turns).toBeGreaterThan(5)
})

it('X14: a list from a cursor beyond the newest event returns the newest, so that nothing later is skipped', async () => {
  const { call, create } = await setup()
  await create('Before')
  const { cursor: newest } = await call('board.view', {})
  expect(await call('event.list', { since: newest + 1000 })).toEqual({ events: [], cursor: newest })
  await create('After')
  const { events } = await call('event.list', { since: newest })
  expect(events.map(({ kind }) => kind)).toEqual(['created'])
})

describe('readers side by side', () => {
  /** A reader of several events at once. */
  function reading({ kernel, person }: Setup, input: object) {
    const ending = new AbortController()
    cleanUp(() => ending.abort())
    const batches = kernel.batchesByName('event.watch', input, person, ending.signal)[Symbol.asyncIterator]()
    return {
      next: async () => (await batches.next()).value as readonly BoardEvent[],
      end: () => ending.abort(),
    }
  }

  it('get the same batch, which is read once', async () => {
    const bundle = await setup()
    const readers = [reading(bundle, {}), reading(bundle, {})]
    const next = Promise.all(readers.map((reader) => reader.next()))
    await bundle.create('One to tell of')

    const [first, second] = await next
    expect(first?.map(({ kind }) => kind)).toEqual(['created'])
    expect(second).toBe(first)
  })

  it('get the changes of one turn together, after the calls that made them are answered', async () => {
    const bundle = await setup()
    const reader = reading(bundle, {})
    let isTold = false
    const next = reader.next().finally(() => (isTold = true))
    for (const title of ['A', 'B', 'C']) {
      await bundle.kernel.call('task.create', { title }, bundle.person)
      expect(isTold).toBe(false)
    }

    expect(await next).toHaveLength(3)
  })

  it('miss nothing that was written while there was no reader', async () => {
    const bundle = await setup()
    const first = reading(bundle, {})
    const { cursor } = await bundle.call('board.view', {})
    const read = first.next()
    first.end()
    await read
    await bundle.create('Nobody follows')

    const [event] = await reading(bundle, { since: cursor }).next()
    expect(event).toMatchObject({ kind: 'created' })
  })

  it('with a filter get only what they asked for', async () => {
    const bundle = await setup()
    const all = reading(bundle, {})
    const some = reading(bundle, { kinds: ['commented'] })
    const next = Promise.all([all.next(), some.next()])
    const { id } = await bundle.create('One to tell of')
    await bundle.call('comment.add', { id, body: 'Told' })

    expect((await next)[1]?.map(({ kind }) => kind)).toEqual(['commented'])
  })
})
