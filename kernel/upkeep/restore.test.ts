import { linkSync, readdirSync, readFileSync, renameSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import type { OperationError } from '../../contract/index.ts'
import { openKernel } from '../kernel.ts'
import { startProgram } from '../testing/processes.ts'
import { canMount, fillDisk, onSmallDisk, smallDisk } from '../testing/small-disk.ts'
import { cleanUp, setup, temporaryFolder, until } from '../testing/setup.ts'

function idsIn(path: string): string[] {
  const db = new Database(path, { readonly: true })
  try {
    return db.prepare('SELECT id FROM tasks').pluck().all() as string[]
  } finally {
    db.close()
  }
}

const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    (value) => {
      throw new Error(`not refused: ${JSON.stringify(value)}`)
    },
    (error: unknown) => error as OperationError,
  )

/** Another program that holds the board’s write lock for this many milliseconds. */
async function holdLock(file: string, ms: number): Promise<void> {
  const holder = startProgram('hold-lock.ts', [file, String(ms)])
  await until(() => holder.output().includes('held'))
}

describe('X1: while another process holds the write lock', () => {
  it.each([{ thread: false }, { thread: true }])(
    'a restore waits, and is complete when it returns: %o',
    async ({ thread }) => {
      const bundle = await setup({ clock: 'real', busy: thread ? 'yield' : 'block' })
      await bundle.create('Kept')
      const { path } = await bundle.call('backup.create', {})
      for (const title of ['Gone 1', 'Gone 2']) await bundle.create(title)
      const file = join(bundle.home, 'boards', 'test', 'board.db')
      await holdLock(file, 4_000)

      const done = await bundle.call('backup.restore', { slug: 'test', path })

      expect(idsIn(done.set_aside ?? '')).toHaveLength(3)
      const { tasks } = await bundle.call('task.list', {})
      expect(tasks.map(({ title }) => title)).toEqual(['Kept'])
      expect((await bundle.call('task.list', { search: 'Gone' })).tasks).toEqual([])
      expect((await bundle.call('task.list', { search: 'Kept' })).tasks).toHaveLength(1)
    },
  )

  it('a restore that never gets it is BUSY, and nothing has changed', async () => {
    const bundle = await setup({ clock: 'real' })
    await bundle.create('Kept')
    const { path } = await bundle.call('backup.create', {})
    await bundle.create('Also kept')
    const file = join(bundle.home, 'boards', 'test', 'board.db')
    await holdLock(file, 14_000)

    const error = await bundle.refused('BUSY', 'backup.restore', { slug: 'test', path })

    expect(error.message).toContain('Nothing was changed')
    expect((await bundle.call('task.list', {})).tasks).toHaveLength(2)
    expect(
      readdirSync(join(bundle.home, 'boards', 'test')).filter((name) => name.includes('restoring')),
    ).toEqual([])
  }, 40_000)

  it('an import into an empty board waits too', async () => {
    const bundle = await setup({ clock: 'real' })
    await bundle.create('Imported')
    const out = join(temporaryFolder(), 'x.json')
    await bundle.call('exchange.export', { out })
    await bundle.kernel.call('board.create', { slug: 'empty' }, bundle.person)
    await holdLock(join(bundle.home, 'boards', 'empty', 'board.db'), 4_000)

    const done = await bundle.call('exchange.import_json', { path: out, slug: 'empty' })

    expect(done).toMatchObject({ board: 'empty', tasks: 1 })
    const { tasks } = await bundle.kernel.call('task.list', { board: 'empty' }, bundle.person)
    expect(tasks.map(({ title }) => title)).toEqual(['Imported'])
  })
})

describe('X2: while other processes write', () => {
  it('every acknowledged write is in a kept copy, or on the board', async () => {
    const bundle = await setup({ clock: 'real' })
    await bundle.create('First')
    const { path } = await bundle.call('backup.create', {})
    const writers = [1, 2].map(() => startProgram('create-forever.ts', [bundle.home]))
    const told = () => writers.flatMap((writer) => writer.output().split('\n').slice(0, -1))
    await until(() => writers.every((writer) => writer.output().split('\n').length > 20))

    const copies: string[] = []
    for (let round = 0; round < 4; round++) {
      const before = told().length
      copies.push(
        (await bundle.kernel.call('backup.restore', { slug: 'test', path }, bundle.person)).set_aside ?? '',
      )
      await until(
        () => told().length > before + 20,
        `more than ${before} writes: ${writers.map((writer) => writer.output().slice(-500)).join('\n---\n')}`,
      )
    }
    for (const writer of writers) writer.child.kill('SIGKILL')
    await Promise.all(writers.map((writer) => writer.ended))

    const there = new Set([...copies, join(bundle.home, 'boards', 'test', 'board.db')].flatMap(idsIn))
    expect(told().length).toBeGreaterThan(100)
    expect(told().filter((id) => !there.has(id))).toEqual([])
    bundle.invariants()
  }, 60_000)

  it('an import does not overwrite what was written since', async () => {
    const bundle = await setup()
    await bundle.create('Imported')
    const out = join(temporaryFolder(), 'x.json')
    await bundle.call('exchange.export', { out })
    const error = await errorOf(bundle.call('exchange.import_json', { path: out, slug: 'test' }))
    expect(error.code).toBe('CONFLICT')
  })
})

describe('X19: a process that is killed in the middle of a restore', () => {
  async function killedAt(kind: 'healthy' | 'damaged', step: string) {
    const home = temporaryFolder()
    const person = { actor: 'ada', trigger: 'human', board: 'test' } as const
    const first = openKernel({ home, env: {} })
    await first.call('board.create', { slug: 'test' }, person)
    await first.call('task.create', { title: 'Kept' }, person)
    const { path } = await first.call('backup.create', {}, person)
    await first.call('task.create', { title: 'Later' }, person)
    await first.close()
    const file = join(home, 'boards', 'test', 'board.db')
    if (kind === 'damaged') {
      writeFileSync(file, 'rubbish')
      writeFileSync(`${file}-wal`, 'more rubbish')
    }
    const end = await startProgram('restore-and-die.ts', [home, path, kind, step]).ended
    expect(end.signal).toBe('SIGKILL')
    const kernel = openKernel({ home, env: {} })
    cleanUp(() => kernel.close())
    const { tasks } = await kernel.call('task.list', { sort: 'created' }, person)
    return {
      titles: tasks.map(({ title }) => title),
      folder: join(home, 'boards', 'test'),
      kernel,
      person,
      path,
    }
  }

  it.each([
    ['locked', ['Kept', 'Later']],
    ['kept', ['Kept', 'Later']],
    ['replaced', ['Kept', 'Later']],
    ['committed', ['Kept']],
  ])('of a healthy board, at “%s”: the board is unchanged or restored', async (step, titles) => {
    const found = await killedAt('healthy', step)
    expect(found.titles).toEqual(titles)
    await found.kernel.call('backup.restore', { slug: 'test', path: found.path }, found.person)
    expect((await found.kernel.call('task.list', {}, found.person)).tasks).toHaveLength(1)
  })

  it.each(['noted', 'log_aside', 'file_aside', 'placed'])(
    'of a damaged board, at “%s”: the next process that opens it finishes',
    async (step) => {
      const { titles, folder } = await killedAt('damaged', step)
      expect(titles).toEqual(['Kept'])
      const names = readdirSync(folder)
      const aside = names.filter((name) => name.endsWith('.bak'))
      expect(aside).toHaveLength(1)
      expect(readFileSync(join(folder, aside[0] ?? ''), 'utf8')).toBe('rubbish')
      expect(readFileSync(join(folder, `${aside[0] ?? ''}-wal`), 'utf8')).toBe('more rubbish')
      expect(names.filter((name) => name.includes('restoring'))).toEqual([])
    },
  )
})

describe('X14: numbers after a restore', () => {
  it('of runs, events and comments are never reused, and no run gets the log of another', async () => {
    const bundle = await setup()
    const { id } = await bundle.create({ title: 'Work', assignee: 'coder' })
    const { path } = await bundle.call('backup.create', {})
    const first = await bundle.claim(id)
    await bundle.call('comment.add', { id, body: 'One' })
    const files = bundle.board.runFiles(id, first.run.id)
    writeFileSync(files.log_path, 'of the first run')
    await bundle.call('task.stop', { id })
    const { cursor } = await bundle.call('board.view', {})

    await bundle.call('backup.restore', { slug: 'test', path })

    const second = await bundle.claim(id)
    expect(second.run.attempt).toBe(1)
    expect(second.run.id).toBeGreaterThan(first.run.id)
    const { comment } = await bundle.call('comment.add', { id, body: 'Two' })
    expect(comment.id).toBe(2)
    const events = await bundle.events()
    const later = events.filter(({ kind }) => kind === 'board_restored' || kind === 'claimed')
    expect(Math.min(...later.map((event) => event.id))).toBeGreaterThan(cursor)
    expect((await bundle.call('board.changes', { since: cursor })).reset).toBe(true)
  })

  it('skip ahead if a damaged file cannot say which were used', async () => {
    const bundle = await setup()
    const { id } = await bundle.create({ title: 'Work', assignee: 'coder' })
    const { path } = await bundle.call('backup.create', {})
    writeFileSync(bundle.board.runFiles(id, 41).log_path, 'of a run that no backup knows')
    const { cursor } = await bundle.call('board.view', {})
    const file = join(bundle.home, 'boards', 'test', 'board.db')
    renameSync(file, `${file}.away`)
    await bundle.kernel.call('backup.restore', { slug: 'test', path }, bundle.person)
    const { run } = await bundle.kernel.call('task.claim', { id }, bundle.person)
    expect(run.id).toBe(42)
    const { events } = await bundle.kernel.call('event.list', { since: cursor }, bundle.person)
    expect(events.map(({ kind }) => kind)).toEqual(['board_restored', 'claimed'])
  })
})

describe('X20: the file of a board in use', () => {
  it('is recognised by any path, and neither imported nor restored', async () => {
    const bundle = await setup()
    await bundle.create('Kept')
    await bundle.kernel.call('board.create', { slug: 'other' }, bundle.person)
    const outside = temporaryFolder()
    const file = join(bundle.home, 'boards', 'test', 'board.db')
    linkSync(file, join(outside, 'second-name.db'))
    symlinkSync(file, join(outside, 'link.db'))
    symlinkSync(bundle.home, join(outside, 'home'))
    const paths = [
      file,
      join(outside, 'second-name.db'),
      join(outside, 'link.db'),
      join(outside, 'home', 'boards', 'test', 'board.db'),
      join(outside, 'home', 'boards', 'test', 'board.db-wal'),
    ]
    for (const path of paths) {
      for (const slug of ['test', 'other']) {
        const error = await errorOf(bundle.kernel.call('backup.restore', { slug, path }, bundle.person))
        expect(error.code).toBe('CONFLICT')
      }
      for (const name of ['exchange.import_hermes', 'exchange.import_json'] as const) {
        const error = await errorOf(bundle.kernel.call(name, { path, slug: 'new' }, bundle.person))
        expect(error.code).toBe('CONFLICT')
      }
    }
    await bundle.create('Still locked by its own process')
  })

  it('is recognised even if the home itself is reached through a link', async () => {
    const outside = temporaryFolder()
    const link = join(outside, 'home')
    symlinkSync(temporaryFolder(), link)
    const kernel = openKernel({ home: link, env: {} })
    cleanUp(() => kernel.close())
    const person = { actor: 'ada', trigger: 'human' } as const
    for (const slug of ['a', 'b']) await kernel.call('board.create', { slug }, person)
    const path = join(outside, 'home', 'boards', 'a', 'board.db')
    const error = await errorOf(kernel.call('backup.restore', { slug: 'b', path }, person))
    expect(error.code).toBe('CONFLICT')
  })
})

describe('X1: backup', () => {
  it.runIf(canMount)(onSmallDisk('to a full disk is refused, and leaves nothing there'), async () => {
    const bundle = await setup()
    for (let n = 0; n < 20; n++) await bundle.create({ title: `Task ${n}`, body: 'x'.repeat(4_000) })
    const disk = smallDisk(128)
    fillDisk(disk, 32)
    const error = await bundle.refused('CONFLICT', 'backup.create', { out: join(disk, 'copy.db') })
    expect(error.message).toContain('full')
    expect(readdirSync(disk)).toEqual(['filler'])
  })

  it('over a folder, a link, or a second name of the live file is refused', async () => {
    const bundle = await setup()
    await bundle.create('Kept')
    const outside = temporaryFolder()
    const file = join(bundle.home, 'boards', 'test', 'board.db')
    linkSync(file, join(outside, 'second.db'))
    symlinkSync(file, join(outside, 'link.db'))
    for (const out of [outside, file, join(outside, 'second.db'), join(outside, 'link.db')]) {
      await bundle.refused('CONFLICT', 'backup.create', { out })
    }
  })
})

describe('X1: a backup that is not of this kind of board', () => {
  it.each([
    ['a trigger', `CREATE TRIGGER evil AFTER INSERT ON tasks BEGIN DELETE FROM task_comments; END`],
    ['a view in the place of a table', `DROP TABLE saved_views; CREATE VIEW saved_views AS SELECT 1 AS name`],
    ['a table too many', 'CREATE TABLE more (x)'],
  ])('with %s is refused, and nothing changes', async (_what, sql) => {
    const bundle = await setup()
    await bundle.create('Kept')
    const { path } = await bundle.call('backup.create', { out: join(temporaryFolder(), 'copy.db') })
    const db = new Database(path)
    db.exec(sql)
    db.close()
    await bundle.refused('CONFLICT', 'backup.restore', { slug: 'test', path })
  })
})
