import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { runCli } from './test-run.ts'

let folder: string
let env: Record<string, string | undefined>
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'runboard-cli-'))
  env = {
    PATH: process.env['PATH'],
    RUNBOARD_HOME: join(folder, 'home'),
    RUNBOARD_BOARD: 'default',
    RUNBOARD_TASK: 't_00000001',
    RUNBOARD_RUN: '1',
    RUNBOARD_CLAIM: 'secret',
    RUNBOARD_PROFILE: 'coder',
  }
})
afterEach(() => {
  rmSync(folder, { recursive: true, force: true })
})

describe('X3: a worker on the command line', () => {
  it.each([['list'], ['profiles', 'add', 'mine', '--shell', 'true'], ['dispatch']])(
    'may not use a home of its own making: %s',
    async (...argv) => {
      const other = join(folder, 'other')

      const ran = await runCli(['--home', other, '--json', ...argv], { cwd: folder, env })

      expect(ran.code).toBe(1)
      expect(ran.error()).toMatchObject({ code: 'UNAUTHORIZED', message: expect.stringContaining('home') })
      expect(existsSync(other)).toBe(false)
    },
  )

  it('may name the home that started it', async () => {
    const ran = await runCli(['--home', 'home', '--json', 'boards', 'list'], { cwd: folder, env })

    expect(ran).toMatchObject({ code: 0, stderr: '' })
  })

  it('may not serve the board', async () => {
    const ran = await runCli(['--json', 'serve', '--port', '0'], { cwd: folder, env })

    expect(ran.error()).toMatchObject({ code: 'UNAUTHORIZED' })
    expect(existsSync(join(folder, 'home', 'serve.json'))).toBe(false)
  })
})
