import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Ran, runCli } from './test-run.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'runboard-cli-'))
})
afterEach(() => {
  rmSync(home, { recursive: true, force: true })
})

function runboard(...argv: string[]): Promise<Ran> {
  return runCli(argv, { cwd: home, env: { RUNBOARD_HOME: home, PATH: process.env['PATH'], USER: 'ada' } })
}

const LONG = 'x'.repeat(300 * 1024)

it('B11: warns when a task is assigned to a profile that does not exist', async () => {
  const created = await runboard('create', 'One', '--assignee', 'nosuch')
  const id = created.stdout.trim()
  const other = (await runboard('create', 'Two')).stdout.trim()
  const assigned = await runboard('assign', id, other, 'gone')
  const edited = await runboard('--json', 'assign', id, 'missing')

  expect(created).toMatchObject({ code: 0, stderr: expect.stringContaining('Profile “nosuch” not found') })
  expect(assigned.code).toBe(0)
  expect(assigned.stderr.match(/Profile “gone” not found/g)).toHaveLength(2)
  expect(edited).toMatchObject({ code: 0, stderr: '' })
  expect(edited.json()).toMatchObject({
    task: { assignee: 'missing' },
    warnings: [expect.stringContaining('Profile “missing” not found')],
  })
})

it('B14: a person who copies the call of a worker learns that only a worker may leave out the id', async () => {
  const readme = readFileSync(new URL('../../README.md', import.meta.url), 'utf8')
  const [before = ''] = readme.split('runboard complete --summary')
  const refused = await runboard('complete', '--summary', 'Done')

  expect(before.slice(-300)).toContain('Inside a worker')
  expect(refused).toMatchObject({
    code: 2,
    stderr: expect.stringContaining('only a worker may leave out its task'),
  })
})

it('B11: does not warn about a profile that exists, or about none', async () => {
  await runboard('profiles', 'add', 'coder', '--shell', 'true')
  const created = await runboard('create', 'One', '--assignee', 'coder')
  const assigned = await runboard('assign', created.stdout.trim(), 'none')

  expect([created.stderr, assigned.stderr]).toEqual(['', ''])
})

it('A5: warns at creation and at an edit that the worker gets only part of the body', async () => {
  const created = await runCli(['create', 'One', '--body-file', '-'], {
    cwd: home,
    env: { RUNBOARD_HOME: home, PATH: process.env['PATH'], USER: 'ada' },
    stdin: LONG,
  })
  const id = created.stdout.trim()
  const edited = await runCli(['edit', id, '--body-file', '-'], {
    cwd: home,
    env: { RUNBOARD_HOME: home, PATH: process.env['PATH'], USER: 'ada' },
    stdin: LONG,
  })
  const title = await runboard('edit', id, '--title', 'Another')

  expect(created.stderr).toContain(`“runboard show ${id}” prints the rest`)
  expect(edited.stderr).toContain('300 KB')
  expect(title.stderr).toBe('')
})
