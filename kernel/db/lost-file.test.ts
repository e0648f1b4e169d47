import { copyFileSync, existsSync, linkSync, mkdirSync, renameSync, rmSync, truncateSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { OperationError } from '../../contract/index.ts'
import { openKernel } from '../kernel.ts'
import { cleanUp, setup, temporaryFolder } from '../testing/setup.ts'

const person = { actor: 'ada', trigger: 'human', board: 'b' } as const

async function closedBoard() {
  const home = temporaryFolder()
  const kernel = openKernel({ home, env: {} })
  await kernel.call('board.create', { slug: 'b' }, person)
  await kernel.call('task.create', { title: 'Kept' }, person)
  const { path: backup } = await kernel.call('backup.create', {}, person)
  await kernel.close()
  const file = join(home, 'boards', 'b', 'board.db')
  const open = () => {
    const opened = openKernel({ home, env: {}, report: () => undefined })
    cleanUp(() => opened.close())
    return opened
  }
  return { home, backup, file, folder: join(home, 'boards', 'b'), open }
}

const errorOf = (promise: Promise<unknown>) =>
  promise.then(
    () => {
      throw new Error('not refused')
    },
    (error: unknown) => error as OperationError,
  )

describe('X19: a board whose file is gone', () => {
  it.each([
    ['deleted', (file: string) => rmSync(file)],
    ['empty', (file: string) => truncateSync(file)],
    [
      'deleted, with its settings',
      (file: string) => {
        rmSync(file)
        rmSync(join(file, '../board.json'))
      },
    ],
  ])('%s: is reported, not recreated, and restored from its backup', async (_what, lose) => {
    const { file, folder, backup, open } = await closedBoard()
    lose(file)
    const kernel = open()
    for (const call of [
      () => kernel.call('task.list', {}, person),
      () => kernel.call('task.create', { title: 'Where?' }, person),
    ]) {
      const error = await errorOf(call())
      expect(error).toMatchObject({ code: 'BOARD_DAMAGED', data: { backup } })
      expect(error.message).toContain(file)
    }
    expect((await kernel.call('doctor.run', {}, person)).ok).toBe(false)
    expect((await kernel.call('board.list', {}, person)).boards).toMatchObject([
      { slug: 'b', problem: expect.stringContaining('board.db') },
    ])
    const again = await errorOf(kernel.call('board.create', { slug: 'b' }, person))
    expect(again.code).toBe('CONFLICT')
    expect(existsSync(file) && existsSync(`${file}-wal`)).toBe(false)
    expect(existsSync(folder)).toBe(true)

    await kernel.call('backup.restore', { slug: 'b', path: backup }, person)
    expect((await kernel.call('task.list', {}, person)).tasks.map(({ title }) => title)).toEqual(['Kept'])
  })
})

describe('X19: a file removed while a process has it open', () => {
  const ways: [string, (file: string) => void][] = [
    ['is deleted', (file) => rmSync(file)],
    ['is moved away', (file) => renameSync(file, `${file}.away`)],
  ]

  it.each(ways)('%s: no write is acknowledged any more', async (_what, take) => {
    const bundle = await setup()
    await bundle.create('Before')
    const file = join(bundle.home, 'boards', 'test', 'board.db')
    take(file)
    for (let time = 0; time < 2; time++) {
      const error = await errorOf(bundle.kernel.call('task.create', { title: 'Into nothing' }, bundle.person))
      expect(error.code).toBe('BOARD_DAMAGED')
      expect(error.message).toContain('is gone')
    }
  })

  it('is replaced by another: the next call reads that one', async () => {
    const bundle = await setup()
    await bundle.create('Before')
    const { path } = await bundle.call('backup.create', {})
    const folder = join(bundle.home, 'boards', 'test')
    await bundle.create('After')
    mkdirSync(join(bundle.home, 'spare'))
    copyFileSync(path, join(bundle.home, 'spare', 'board.db'))
    for (const name of ['board.db-wal', 'board.db-shm']) rmSync(join(folder, name), { force: true })
    renameSync(join(bundle.home, 'spare', 'board.db'), join(folder, 'board.db'))
    const { tasks } = await bundle.kernel.call('task.list', {}, bundle.person)
    expect(tasks.map(({ title }) => title)).toEqual(['Before'])
  })

  it('has a second name: that changes nothing', async () => {
    const bundle = await setup()
    linkSync(join(bundle.home, 'boards', 'test', 'board.db'), join(bundle.home, 'copy.db'))
    await bundle.create('Still there')
  })
})
