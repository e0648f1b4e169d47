import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { REPORTER } from '../testing/reporter.ts'
import { temporaryFolder } from '../testing/setup.ts'
import { writeProgram } from '../testing/worker-setup.ts'
import { workerBin } from './worker-bin.ts'

it('workers get the command of this program in the home', () => {
  const home = temporaryFolder()
  const bin = workerBin({ home, cli: REPORTER, env: {} })
  expect(bin.folder).toBe(join(home, 'bin'))
  expect(existsSync(bin.path)).toBe(true)
})

it('workers of a kernel without a command line use the one on the PATH', () => {
  const folder = temporaryFolder()
  const path = join(folder, 'runboard')
  writeProgram(path)
  expect(workerBin({ home: folder, cli: null, env: { PATH: folder } })).toEqual({ folder, path })
})

it('without any command on the PATH its bare name is used', () => {
  const folder = temporaryFolder()
  expect(workerBin({ home: folder, cli: null, env: { PATH: folder } })).toEqual({ folder, path: 'runboard' })
})
