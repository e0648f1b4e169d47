import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { OperationError } from '../../contract/index.ts'
import { openKernel } from '../kernel.ts'
import { cleanUp, temporaryFolder } from '../testing/setup.ts'
import { canMount, fillDisk, onSmallDisk, smallDisk } from '../testing/small-disk.ts'
import { withLockFile } from './lock-file.ts'
import { writeFileAtomic } from './files.ts'

function failureOf(body: () => void): OperationError {
  try {
    body()
  } catch (error) {
    return error as OperationError
  }
  throw new Error('it was written')
}

describe.runIf(canMount)(onSmallDisk('X18: on a full disk'), () => {
  const disk = () => smallDisk(512)

  it('a file keeps its old content, and nothing is left beside it', () => {
    const folder = disk()
    const path = join(folder, 'config.json')
    const before = JSON.stringify({ profiles: 'x'.repeat(20_000) })
    writeFileAtomic(path, before)
    const free = fillDisk(folder, 8)

    const error = failureOf(() => writeFileAtomic(path, JSON.stringify({ profiles: 'y'.repeat(40_000) })))

    expect(error).toMatchObject({ code: 'INTERNAL' })
    expect(error.message).toContain('its disk is full')
    expect(readFileSync(path, 'utf8')).toBe(before)
    expect(readdirSync(folder).sort()).toEqual(['config.json', 'filler'])
    free()
    writeFileAtomic(path, 'new')
    expect(readFileSync(path, 'utf8')).toBe('new')
  })

  it('a lock that cannot be written is not left behind to block others', async () => {
    const folder = disk()
    const path = join(folder, 'lock')
    const free = fillDisk(folder, 0)
    const error = await withLockFile(path, () => 'taken').catch((cause: unknown) => cause as OperationError)
    expect(error).toMatchObject({ code: 'INTERNAL' })
    expect(readdirSync(folder)).toEqual(['filler'])
    free()
    expect(await withLockFile(path, () => 'taken')).toBe('taken')
  })

  it('no profile, setting or board is lost, and every refusal is a sentence', async () => {
    const home = smallDisk(4096)
    const kernel = openKernel({ home, env: {}, report: () => undefined })
    cleanUp(() => kernel.close())
    const person = { actor: 'ada', trigger: 'human' } as const
    await kernel.call('board.create', { slug: 'one' }, person)
    const line = `echo ${'x'.repeat(3_000)}`
    for (const name of ['a', 'b', 'c', 'd']) await kernel.call('profile.add', { name, shell: line }, person)
    const before = ['config.json', 'boards/one/board.json'].map((name) =>
      readFileSync(join(home, name), 'utf8'),
    )
    const free = fillDisk(home, 0)

    const calls = [
      () => kernel.call('profile.add', { name: 'e', shell: line }, person),
      () => kernel.call('profile.set', { name: 'a', fields: { description: 'z'.repeat(450) } }, person),
      () => kernel.call('board.rename', { slug: 'one', name: 'Uno' }, person),
      () => kernel.call('board.create', { slug: 'two' }, person),
      () => kernel.call('backup.create', {}, person),
      () => kernel.call('exchange.export', { out: join(home, '..', 'never', 'x.json') }, person),
    ]
    for (const call of calls) {
      const error = await call().then(
        () => new Error('it was done') as OperationError,
        (cause: unknown) => cause as OperationError,
      )
      expect(error.message).toMatch(/full|no space|there is no folder/)
      expect(['INTERNAL', 'CONFLICT']).toContain(error.code)
    }
    expect(
      ['config.json', 'boards/one/board.json'].map((name) => readFileSync(join(home, name), 'utf8')),
    ).toEqual(before)
    const left = readdirSync(home, { recursive: true }).map(String)
    expect(left.filter((name) => /\.tmp|\.lock|\.making/.test(name))).toEqual([])
    free()
    await kernel.call('profile.add', { name: 'e', shell: line }, person)
    const { profiles } = await kernel.call('profile.list', {}, person)
    expect(profiles.map(({ name }) => name)).toEqual(['a', 'b', 'c', 'd', 'e'])
  })
})

it('X18: remains of a process that died while it wrote are removed by the next', () => {
  const folder = temporaryFolder()
  const path = join(folder, 'config.json')
  // No process has this number: Linux counts to 4,194,304.
  writeFileSync(`${path}.99999999.0123abcd.tmp`, 'half')
  writeFileSync(`${path}.${process.pid}.0123abcd.tmp`, 'mine')
  writeFileSync(join(folder, 'other.tmp'), 'not ours')
  writeFileAtomic(path, 'whole')
  expect(readdirSync(folder).sort()).toEqual([
    'config.json',
    `config.json.${process.pid}.0123abcd.tmp`,
    'other.tmp',
  ])
})
