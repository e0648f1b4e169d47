import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { boardSettingsInput } from '../../contract/operations/boards.ts'
import { profileFields } from '../../contract/operations/profiles.ts'
import { runCli } from './test-run.ts'

let home: string
beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'runboard-cli-')))
})
afterEach(() => {
  rmSync(home, { recursive: true, force: true })
})

async function runboard(...argv: string[]) {
  return runCli(argv, { cwd: home, env: { RUNBOARD_HOME: join(home, 'home'), USER: 'ada' } })
}

it('B11: boards show prints each setting under the name that boards set takes', async () => {
  await runboard('init', '--name', 'work')
  const set = ['icon=🎬', 'color=red', 'project_dir=.', 'stale_after_seconds=90m', 'accept_plans=true']
  expect((await runboard('boards', 'set', 'work', ...set)).code).toBe(0)

  const { stdout } = await runboard('boards', 'show')
  const printed = stdout.split('\n').map((line) => line.trim().split(/\s/)[0])
  expect(printed).toEqual(expect.arrayContaining(Object.keys(boardSettingsInput().shape)))
  expect(stdout).toMatch(new RegExp(`project_dir +${home}\n`))
})

it('B11: boards set takes --project as init and create do, alone and beside other settings', async () => {
  for (const name of ['a', 'b']) mkdirSync(join(home, name))
  await runboard('init', '--name', 'work')
  const project = async () => (await runboard('boards', 'show', '--json')).json().board.project_dir as unknown

  expect((await runboard('boards', 'set', 'work', '--project', 'a')).code).toBe(0)
  expect(await project()).toBe(join(home, 'a'))
  expect((await runboard('boards', 'set', 'work', 'max_running=2', '--project', 'b')).code).toBe(0)
  expect(await project()).toBe(join(home, 'b'))
  const nothing = await runboard('boards', 'set', 'work')
  expect(nothing.code).toBe(2)
  expect(nothing.stderr).toContain('KEY=VALUE is missing')
})

it('B11: profiles show prints each field under the name that profiles set takes', async () => {
  const flags = [
    '--env',
    'A=b',
    '--max-concurrent',
    '2',
    '--max-runtime',
    '2h',
    '--failure-limit',
    '2',
    '--backoff',
    '10s',
    '--max-wait',
    '1h',
    '--allow-edits',
    '--allow-command',
    'npm test',
    '--allow-tool',
    'WebFetch',
  ]
  await runboard('profiles', 'add', 'tests', '--shell', 'true', '--description', 'Runs them', ...flags)
  const set = ['model=m', 'rate_limit_pattern=slow down', 'failure_pattern=broken', 'usage_parser=codex-json']
  expect((await runboard('profiles', 'set', 'tests', ...set)).code).toBe(0)
  const bridged = ['--driver', 'acp', '--acp-mode', 'plan', '--', 'agent']
  expect((await runboard('profiles', 'add', 'bridged', ...bridged)).code).toBe(0)

  const { stdout } = await runboard('profiles', 'show', 'tests')
  const { stdout: other } = await runboard('profiles', 'show', 'bridged')
  const printed = [...stdout.split('\n'), ...other.split('\n')].map((line) => line.trim().split(/\s/)[0])
  const { command: _otherThanShell, ...fields } = profileFields().shape
  expect(printed).toEqual(expect.arrayContaining(Object.keys(fields)))
})
