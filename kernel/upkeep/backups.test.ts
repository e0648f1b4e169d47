import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { OperationError } from '../../contract/index.ts'
import { listBackups } from '../db/backup-folder.ts'
import { openKernel } from '../kernel.ts'
import { runJob } from '../jobs/run-job.ts'
import { Services } from '../services.ts'
import { cleanUp, setup, temporaryFolder } from '../testing/setup.ts'
import { DailyBackups } from './backups.ts'

const DAY_MS = 86_400_000

function titlesIn(path: string): string[] {
  const db = new Database(path, { readonly: true })
  try {
    return db.prepare('SELECT title FROM tasks ORDER BY title').pluck().all() as string[]
  } finally {
    db.close()
  }
}

describe('backup', () => {
  it('writes a checked copy into the board’s folder, readable by its user alone', async () => {
    const { create, call, board, clock } = await setup()
    await create('One')
    const backup = await call('backup.create', {})
    expect(backup).toMatchObject({ made_at: clock.now, tasks: 1, runs: 0, events: 1 })
    expect(backup.path.startsWith(join(board.folder, 'backups'))).toBe(true)
    expect(backup.size_bytes).toBe(statSync(backup.path).size)
    expect(statSync(backup.path).mode & 0o777).toBe(0o600)
    expect(titlesIn(backup.path)).toEqual(['One'])
    expect((await call('backup.list', {})).backups).toEqual([
      { path: backup.path, made_at: clock.now, reason: 'hand', size_bytes: backup.size_bytes },
    ])
    expect(readdirSync(join(board.folder, 'backups'))).toHaveLength(1)
  })

  it('writes to the given path, and never over a file', async () => {
    const { create, call, refused, home } = await setup()
    await create('One')
    const out = join(home, 'copy.db')
    await call('backup.create', { out })
    const content = readFileSync(out)
    await refused('CONFLICT', 'backup.create', { out })
    expect(readFileSync(out).equals(content)).toBe(true)
    await refused('CONFLICT', 'backup.create', { out: join(home, 'nowhere/copy.db') })
    await refused('INVALID_INPUT', 'backup.create', { out: 'relative.db' })
  })

  it('a backup can be made while another process writes', async () => {
    const { create, call, board } = await setup()
    await create('One')
    const other = new Database(board.path)
    cleanUp(() => void other.close())
    other.exec('BEGIN IMMEDIATE')
    other.exec(`UPDATE tasks SET title = 'Not yet'`)
    const { path } = await call('backup.create', {})
    other.exec('ROLLBACK')
    expect(titlesIn(path)).toEqual(['One'])
  })

  it('is written in a separate thread if the process has other work', async () => {
    const { create, board, clock } = await setup()
    await create('One')
    const target = join(board.folder, 'thread.db')
    const input = { path: board.path, reason: 'hand' as const, target, now: clock.now }
    expect(await runJob('backup', input, { inThread: true })).toMatchObject({ path: target, tasks: 1 })
    expect(titlesIn(target)).toEqual(['One'])
    await expect(runJob('backup', input, { inThread: true })).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(await runJob('inspect', { path: board.path }, { inThread: true })).toEqual({
      damage: null,
      broken_references: 0,
    })
  })
})

describe('the daily backup', () => {
  async function dispatching() {
    const bundle = await setup()
    const services = new Services({ home: bundle.home, clock: () => bundle.clock.now, env: {} })
    cleanUp(() => services.closeAll())
    // Stands for a dispatcher: only its board is examined.
    const board = services.board('test')
    services.dispatchers.set('test', { board, stop: () => Promise.resolve() } as never)
    const daily = new DailyBackups(services)
    const reasons = () => listBackups(board.path).map((backup) => backup.reason)
    return { ...bundle, daily, reasons, board }
  }

  it('X21: is made once a day also after the clock was a year ahead', async () => {
    const { daily, reasons, create, clock } = await dispatching()
    clock.advance(365 * DAY_MS)
    await create('One')
    await daily.runOnce()
    clock.advance(-365 * DAY_MS)
    await create('Two')
    await daily.runOnce()
    await create('Three')
    await daily.runOnce()
    expect(reasons()).toEqual(['daily', 'daily'])
  })

  it('is made once a day, and only for a board with new events', async () => {
    const { daily, reasons, create, clock } = await dispatching()
    await daily.runOnce()
    expect(reasons()).toEqual([])
    await create('One')
    await daily.runOnce()
    await daily.runOnce()
    expect(reasons()).toEqual(['daily'])
    clock.advance(DAY_MS - 1)
    await create('Two')
    await daily.runOnce()
    expect(reasons()).toEqual(['daily'])
    clock.advance(1)
    await daily.runOnce()
    expect(reasons()).toEqual(['daily', 'daily'])
    clock.advance(10 * DAY_MS)
    await daily.runOnce()
    expect(reasons()).toEqual(['daily', 'daily'])
  })

  it('the last seven are kept, and so are those that a person made', async () => {
    const { daily, board, create, call, clock } = await dispatching()
    await call('backup.create', {})
    for (let day = 0; day < 9; day++) {
      clock.advance(DAY_MS)
      await create(`Day ${day}`)
      await daily.runOnce()
    }
    const backups = listBackups(board.path)
    expect(backups.map((backup) => backup.reason)).toEqual([...Array<string>(7).fill('daily'), 'hand'])
    expect(titlesIn(backups[0]!.path)).toHaveLength(9)
    expect(titlesIn(backups[6]!.path)).toHaveLength(3)
  })
})

describe('restore-backup', () => {
  it('makes the board a copy of the backup; the old content is kept', async () => {
    const { create, call, board, slug } = await setup()
    await create('Before')
    const { path } = await call('backup.create', {})
    await create('After')
    const cursor = (await call('board.view', {})).cursor

    const restored = await call('backup.restore', { slug, path })
    expect(restored).toMatchObject({ board: slug, restored: path, tasks: 1, runs: 0, events: 1 })
    const titles = (await call('task.list', {})).tasks.map((task) => task.title)
    expect(titles).toEqual(['Before'])
    expect(titlesIn(restored.set_aside!)).toEqual(['After', 'Before'])
    expect(existsSync(path)).toBe(true)

    const changes = await call('board.changes', { since: cursor })
    expect(changes.reset).toBe(true)
    expect(changes.cursor).toBeGreaterThan(cursor)
    expect((await call('event.list', { since: cursor })).events).toMatchObject([
      { kind: 'board_restored', payload: { from: path, set_aside: restored.set_aside } },
    ])
    expect(readdirSync(board.folder).filter((name) => name.includes('restoring'))).toEqual([])
  })

  it('is visible to another process that has the board open', async () => {
    const { create, call, board, slug } = await setup()
    await create('Before')
    const { path } = await call('backup.create', {})
    await create('After')
    const other = new Database(board.path)
    cleanUp(() => void other.close())
    const count = other.prepare('SELECT count(*) FROM tasks').pluck()
    expect(count.get()).toBe(2)
    await call('backup.restore', { slug, path })
    expect(count.get()).toBe(1)
    other.exec(`UPDATE tasks SET title = 'Seen'`)
    expect((await call('task.list', {})).tasks.map((task) => task.title)).toEqual(['Seen'])
  })

  it('is refused while a run is open', async () => {
    const { create, call, claim, refused, slug } = await setup()
    const { id } = await create()
    const { path } = await call('backup.create', {})
    await claim(id)
    const error = await refused('CONFLICT', 'backup.restore', { slug, path })
    expect(error.data).toEqual({ board: slug, running: [id] })
  })

  it('is refused while another process dispatches the board', async () => {
    const { call, refused, write, slug, clock, create } = await setup()
    await create()
    const { path } = await call('backup.create', {})
    write(() => undefined)
    const db = new Database(join(path, '../../board.db'))
    db.prepare(
      `INSERT INTO dispatcher_lease VALUES (1, 'x', 'runboard serve', 1, NULL, 'elsewhere', ${clock.now}, ${clock.now})`,
    ).run()
    db.close()
    const error = await refused('CONFLICT', 'backup.restore', { slug, path })
    expect(error.message).toContain('runboard serve')
  })

  it.each([
    ['a file that is not there', (home: string) => join(home, 'none.db'), 'NOT_FOUND'],
    ['the board’s own file', (home: string) => join(home, 'boards/test/board.db'), 'CONFLICT'],
    ['a folder', (home: string) => home, 'NOT_FOUND'],
    ['rubbish', (home: string) => write(home, 'rubbish'), 'CONFLICT'],
    ['an empty file', (home: string) => write(home, ''), 'CONFLICT'],
    ['a database of another program', foreign, 'CONFLICT'],
    ['a broken backup', broken, 'CONFLICT'],
  ] as const)('%s is refused, and nothing changes', async (_what, make, code) => {
    const { home, create, call, refused, slug, board } = await setup()
    await create('Kept')
    await call('backup.create', {})
    await refused(code, 'backup.restore', { slug, path: make(home) })
    expect((await call('task.list', {})).tasks).toHaveLength(1)
    expect(readdirSync(board.folder).filter((name) => name.includes('restoring'))).toEqual([])
  })

  it('repairs a board whose file is damaged; that file is moved aside', async () => {
    const home = temporaryFolder()
    const person = { actor: 'ada', trigger: 'human' as const, board: 'b' }
    const first = openKernel({ home })
    await first.call('board.create', { slug: 'b' }, person)
    await first.call('task.create', { title: 'Safe' }, person)
    const { path } = await first.call('backup.create', {}, person)
    await first.close()
    const file = join(home, 'boards/b/board.db')
    writeFileSync(file, 'rubbish')

    const kernel = openKernel({ home })
    cleanUp(() => kernel.close())
    await expect(kernel.call('task.list', {}, person)).rejects.toMatchObject({
      code: 'BOARD_DAMAGED',
      data: { backup: path },
    })
    const restored = await kernel.call('backup.restore', { slug: 'b', path }, person)
    expect(readFileSync(restored.set_aside!, 'utf8')).toBe('rubbish')
    expect((await kernel.call('task.list', {}, person)).tasks.map((task) => task.title)).toEqual(['Safe'])
  })
})

it('a board found damaged while in use is closed, named and refused until a backup is restored', async () => {
  const home = temporaryFolder()
  const person = { actor: 'ada', trigger: 'human' as const, board: 'b' }
  const kernel = openKernel({ home, report: () => undefined })
  cleanUp(() => kernel.close())
  await kernel.call('board.create', { slug: 'b' }, person)
  await kernel.call('task.create', { title: 'Safe' }, person)
  const { path } = await kernel.call('backup.create', {}, person)
  const file = join(home, 'boards/b/board.db')
  const db = new Database(file)
  db.pragma('writable_schema = ON')
  const root = db.prepare(`SELECT rootpage FROM sqlite_schema WHERE name = 'tasks'`).pluck().get() as number
  db.close()
  await kernel.close()
  const content = readFileSync(file)
  content.fill(0xff, (root - 1) * 4096, root * 4096)
  writeFileSync(file, content)

  const again = openKernel({ home, report: () => undefined })
  cleanUp(() => again.close())
  const error = await again.call('task.list', {}, person).catch((cause: unknown) => cause as OperationError)
  expect(error).toBeInstanceOf(OperationError)
  const { code, data } = error as OperationError
  expect(code).toBe('BOARD_DAMAGED')
  expect(data).toMatchObject({ path: file, backup: path })
  expect(readFileSync(data!['set_aside'] as string).equals(content)).toBe(true)
  await expect(again.call('task.create', { title: 'No' }, person)).rejects.toMatchObject({
    code: 'BOARD_DAMAGED',
  })
  expect(readFileSync(file).equals(content)).toBe(true)

  await again.call('backup.restore', { slug: 'b', path }, person)
  expect((await again.call('task.list', {}, person)).tasks).toHaveLength(1)
})

function write(home: string, content: string): string {
  const path = join(home, 'file.db')
  writeFileSync(path, content)
  return path
}

function foreign(home: string): string {
  const path = join(home, 'foreign.db')
  const db = new Database(path)
  db.exec('CREATE TABLE notes (text)')
  db.close()
  return path
}

function broken(home: string): string {
  const backups = join(home, 'boards/test/backups')
  const content = readFileSync(join(backups, readdirSync(backups)[0]!))
  content.fill(0xff, 4096 * 2, 4096 * 40)
  const path = join(home, 'broken.db')
  writeFileSync(path, content)
  return path
}
