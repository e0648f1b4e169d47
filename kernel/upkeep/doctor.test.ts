import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { expect, it } from 'vitest'
import { type Setup, setup } from '../testing/setup.ts'

async function findings({ kernel, person }: Pick<Setup, 'kernel' | 'person'>, slug?: string) {
  const report = await kernel.call('doctor.run', slug === undefined ? {} : { slug }, person)
  const wrong = report.checks.filter((check) => !check.ok)
  expect(report.ok).toBe(wrong.length === 0)
  return { ...report, wrong, names: report.checks.map((check) => check.name) }
}

it('passes every check on a healthy board', async () => {
  const bundle = await setup()
  await bundle.create('One')
  const { wrong, names } = await findings(bundle)
  expect(wrong).toEqual([])
  expect(names).toEqual([
    'home',
    'config',
    'boards',
    'git',
    'settings',
    'file',
    'schema',
    'integrity',
    'invariants',
    'lease',
    'runs',
    'logs',
    'workspaces',
    'permissions',
    'backups',
  ])
})

it('examines all boards, or the named one', async () => {
  const bundle = await setup()
  await bundle.call('board.create', { slug: 'other' })
  expect(new Set((await findings(bundle)).checks.map((check) => check.board))).toEqual(
    new Set([null, 'other', 'test']),
  )
  expect(new Set((await findings(bundle, 'other')).checks.map((check) => check.board))).toEqual(
    new Set([null, 'other']),
  )
  await bundle.refused('NOT_FOUND', 'doctor.run', { slug: 'nowhere' })
})

it('examines the others when one board is damaged', async () => {
  const bundle = await setup()
  const folder = join(bundle.home, 'boards/broken')
  mkdirSync(folder)
  writeFileSync(join(folder, 'board.json'), '{}', { mode: 0o600 })
  writeFileSync(join(folder, 'board.db'), 'rubbish', { mode: 0o600 })
  const { wrong, checks } = await findings(bundle)
  expect(wrong.map(({ board, name }) => [board, name])).toEqual([
    ['broken', 'file'],
    ['broken', 'backups'],
  ])
  expect(checks.filter((check) => check.board === 'test').length).toBeGreaterThan(5)
})

it('describes each problem in a sentence', async () => {
  const bundle = await setup()
  const { home, board, create, clock } = bundle
  const { id } = await create('Lost')
  await bundle.claim(id)
  clock.advance(3_600_000)
  writeFileSync(join(home, 'config.json'), '{"profiles": {"bad": {"stdin": "maybe"}}}')
  chmodSync(home, 0o755)
  chmodSync(board.path, 0o644)
  const names = async () => (await findings(bundle)).wrong.map((check) => check.name)
  expect(await names()).toEqual(['home', 'config', 'runs', 'permissions'])
  chmodSync(home, 0o700)
  writeFileSync(join(home, 'config.json'), '{')
  chmodSync(board.path, 0o600)
  expect(await names()).toEqual(['config', 'runs'])
})

it('names a setting in the file that cannot be used', async () => {
  const bundle = await setup()
  const spoilt = { settings: { keys: { 'board.open': ['Shift+X'] } } }
  writeFileSync(join(bundle.home, 'config.json'), JSON.stringify(spoilt), { mode: 0o600 })
  const { wrong } = await findings(bundle)
  expect(wrong.map((check) => check.name)).toEqual(['config'])
  expect(wrong[0]?.sentence).toContain('The setting “keys” in')
  expect(wrong[0]?.sentence).toContain('a key must be written as in “m”')
})

it('names the rules that another program has broken, with the tasks', async () => {
  const bundle = await setup()
  const { id } = await bundle.create('Ready')
  const db = new Database(bundle.board.path)
  db.prepare(`UPDATE tasks SET status = 'todo', ready_at = NULL`).run()
  db.close()
  const { wrong } = await findings(bundle)
  expect(wrong.map((check) => check.name)).toEqual(['invariants'])
  expect(wrong[0]?.sentence).toContain(id)
})
