import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ASKED } from '../../kernel/testing/asking.ts'
import { type Ran, runCli } from './test-run.ts'

let home: string
let id: string

function runboard(argv: string[], stdin?: string): Promise<Ran> {
  const env = { RUNBOARD_HOME: home, PATH: process.env['PATH'], USER: 'ada' }
  return runCli(argv, { cwd: home, env, ...(stdin === undefined ? {} : { stdin }) })
}

async function done(...argv: string[]): Promise<Ran> {
  const ran = await runboard(argv)
  expect({ argv, code: ran.code, stderr: ran.stderr }).toEqual({ argv, code: 0, stderr: '' })
  return ran
}

beforeEach(async () => {
  home = mkdtempSync(join(tmpdir(), 'runboard-cli-'))
  const file = join(home, 'asked.yaml')
  writeFileSync(file, ASKED)
  await done('init')
  for (const name of ['planner', 'builder']) await done('profiles', 'add', name, '--shell', 'true')
  await done('workflows', 'add', file)
  id = (await done('create', 'A card', '--workflow', 'asked')).stdout.trim()
  const metadata = { why: 'So', parts: [{ key: 'a' }, { key: 'b' }] }
  await done('complete', id, '--metadata', JSON.stringify(metadata))
})

afterEach(() => {
  rmSync(home, { recursive: true, force: true })
})

it('shows the fields and the list that an approval may give', async () => {
  const { stdout } = await done('walk', id)
  expect(stdout).toContain('  version (required) = "1"\n  urgent = false\n  remark\n')
  expect(stdout).toContain('  parts: a list of 2 to edit\n    1. {"key":"a"}\n    2. {"key":"b"}\n')
})

it('takes the form by a flag, and the edited list from standard input', async () => {
  const form = JSON.stringify({ version: '2' })
  const ran = await runboard(
    ['approve', id, '--form', form, '--edit-file', '-'],
    '[{"key":"c"}, {"key":"a"}]',
  )
  expect([ran.code, ran.stderr]).toEqual([0, ''])
  const { stdout } = await done('walk', id)
  expect(stdout).toContain('    added: {"key":"c"}\n    removed: {"key":"b"}\n')
  expect(stdout).toContain('    c  open')
})

it('says which field does not fit', async () => {
  const refused = await runboard(['approve', id, '--form', '{"version":"new"}'])
  expect(refused.code).toBe(1)
  expect(refused.stderr).toContain('version does not match the pattern /^[0-9.]+$/')
  expect((await runboard(['approve', id, '--form', '[]'])).code).toBe(2)
})
