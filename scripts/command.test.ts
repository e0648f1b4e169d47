import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { temporaryFolder } from '../kernel/testing/setup.ts'

const COMMAND = join(import.meta.dirname, '..', 'bin', 'runboard.mjs')

/** Runs a copy of the command with a built CLI that only prints where its compiled code is kept. */
function cacheFolder(env: Record<string, string>): string {
  const folder = temporaryFolder()
  cpSync(COMMAND, join(folder, 'bin', 'runboard.mjs'))
  mkdirSync(join(folder, 'out', 'main'), { recursive: true })
  const prints = 'process.stdout.write(require("node:module").getCompileCacheDir())'
  writeFileSync(join(folder, 'out', 'main', 'cli.cjs'), prints)
  const { NODE_COMPILE_CACHE: _set, XDG_CACHE_HOME: _other, ...own } = process.env
  return execFileSync(process.execPath, [join(folder, 'bin', 'runboard.mjs')], {
    env: { ...own, ...env },
    encoding: 'utf8',
  })
}

it.runIf(process.platform !== 'win32')('keeps its compiled code where only its user can write', () => {
  const home = temporaryFolder()
  expect(cacheFolder({ HOME: home }).startsWith(join(home, '.cache/runboard/compile/'))).toBe(true)
  expect(cacheFolder({ HOME: home, XDG_CACHE_HOME: join(home, 'mine') })).toContain(
    join(home, 'mine/runboard/compile'),
  )
})
