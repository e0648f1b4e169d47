import { mkdirSync, renameSync, rmSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { cleanUp, temporaryFolder, until } from '../testing/setup.ts'
import { watchBoards } from './folder-watch.ts'

function watching(names: string[] = []) {
  const home = temporaryFolder()
  let reports = 0
  const watch = watchBoards(home, names, () => reports++)
  cleanUp(() => watch.stop())
  return { home, boards: join(home, 'boards'), watch, reports: () => reports }
}

it('reports a board that appears, in a folder of boards that did not exist either', async () => {
  const { boards, reports, watch } = watching()
  expect(watch.renew()).toBe(true)

  mkdirSync(boards)
  await until(() => reports() > 0)
  watch.renew()
  const before = reports()
  mkdirSync(join(boards, 'new'))

  await until(() => reports() > before)
})

it.runIf(process.platform === 'linux')('reports of the home only the names that matter', async () => {
  const { home, reports, watch } = watching(['config.json'])
  watch.renew()

  writeFileSync(join(home, 'shell.json'), '{}')
  writeFileSync(join(home, 'config.json.tmp'), '{}')
  renameSync(join(home, 'config.json.tmp'), join(home, 'config.json'))
  await until(() => reports() > 0)

  expect(reports()).toBe(1)
})

it('watches a folder that took the place of another, once renewed', async () => {
  const { boards, reports, watch } = watching()
  mkdirSync(boards)
  watch.renew()
  rmSync(boards, { recursive: true })
  mkdirSync(boards)
  await until(() => reports() > 0)
  watch.renew()
  const before = reports()

  mkdirSync(join(boards, 'new'))

  await until(() => reports() > before)
})

it.skipIf(process.platform === 'win32')('does not claim to watch a folder that cannot be looked at', () => {
  const { boards, watch } = watching()
  // Leads to itself.
  symlinkSync(boards, boards)
  expect(watch.renew()).toBe(false)

  unlinkSync(boards)
  mkdirSync(boards)
  expect(watch.renew()).toBe(true)
})
