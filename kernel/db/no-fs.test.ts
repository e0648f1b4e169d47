import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { operationList } from '../../contract/index.ts'
import { taskIn } from '../testing/factories.ts'
import { setup } from '../testing/setup.ts'

/**
 * On POSIX, closing any descriptor of a file drops all locks that the process holds on it (fcntl(2)). Opening
 * board.db with node:fs while SQLite has it open therefore drops SQLite's locks, and another process may write at the
 * same time.
 */
const OPENING = [
  'openSync',
  'open',
  'readFileSync',
  'readFile',
  'writeFileSync',
  'writeFile',
  'appendFileSync',
  'appendFile',
  'copyFileSync',
  'copyFile',
  'cpSync',
  'cp',
  'createReadStream',
  'createWriteStream',
  'truncateSync',
  'truncate',
] as const

const originals = new Map<string, unknown>()
let opened: string[] = []

/** SQLite opens its files itself and is not seen here; everything else is. */
function watch(owner: Record<string, unknown>, prefix: string): void {
  for (const name of OPENING) {
    const original = owner[name]
    if (typeof original !== 'function') continue
    originals.set(`${prefix}${name}`, original)
    owner[name] = function (this: unknown, path: unknown, ...rest: unknown[]) {
      opened.push(`${prefix}${name} ${String(path)}`)
      return (original as (...all: unknown[]) => unknown).call(this, path, ...rest)
    }
  }
}

beforeEach(() => {
  opened = []
  watch(fs, '')
  watch(fs.promises, 'promises.')
  syncBuiltinESMExports()
})

afterEach(() => {
  for (const [name, original] of originals) {
    const owner = (name.startsWith('promises.') ? fs.promises : fs) as unknown as Record<string, unknown>
    owner[name.replace('promises.', '')] = original
  }
  syncBuiltinESMExports()
})

/** Calls that would end the board, or that need another file. */
const ELSEWHERE = /^(board\.(delete|archive)|exchange\.|demo\.|task\.delete|profile\.)/

it('no call opens the board’s file with node:fs while it is open', async () => {
  const bundle = await setup({ clock: 'real' })
  const { call, kernel, person, home } = bundle
  const { id } = await taskIn(bundle, 'ready', { assignee: 'coder' })
  const done = await taskIn(bundle, 'done')
  let answered = 0
  for (const [name, spec] of operationList) {
    if (spec.kind === 'stream' || ELSEWHERE.test(name)) continue
    for (const input of [{}, { id }, { id: done.id }, { slug: 'test' }, { since: 0 }, { query: 'task' }]) {
      if (!spec.input.safeParse(input).success) continue
      await kernel.callByName(name, input, person).then(
        () => answered++,
        () => undefined,
      )
    }
  }
  await call('dispatcher.dispatch', {})
  bundle.reports.splice(0)

  expect(answered).toBeGreaterThan(25)
  expect(opened.some((line) => line.includes('board.json'))).toBe(true)
  const file = join(home, 'boards', 'test', 'board.db')
  expect(opened.filter((line) => line.includes(file))).toEqual([])
})

it('and the test would notice if one did', async () => {
  const { board } = await setup()
  const { readFile } = await import('node:fs/promises')

  fs.closeSync(fs.openSync(join(board.folder, 'board.db'), 'r'))
  await readFile(join(board.folder, 'board.db'))

  expect(opened.filter((line) => line.includes('board.db')).length).toBeGreaterThanOrEqual(2)
})
