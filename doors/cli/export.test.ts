import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { runCli } from './test-run.ts'

let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'runboard-cli-'))
})
afterEach(() => {
  rmSync(home, { recursive: true, force: true })
})

function runboard(where: string, ...argv: string[]) {
  return runCli(argv, {
    cwd: home,
    env: { RUNBOARD_HOME: join(home, where), PATH: process.env['PATH'], USER: 'ada' },
  })
}

it('export prints a document that import json reads: both exports differ only in their time', async () => {
  await runboard('a', 'create', 'A task', '--body', 'with a \u001b[31mcolour\u009b')
  await runboard('a', 'create', 'Another')
  const first = await runboard('a', 'export')
  expect(first.code).toBe(0)
  expect((await runboard('a', 'export', '--json')).json()).toEqual({
    ...first.json(),
    exported_at: expect.any(Number) as number,
  })
  const lines = await runboard('a', 'export', '--format', 'jsonl')
  expect(lines.stdout.trimEnd().split('\n')).toHaveLength(1 + 2 + 2)

  const out = join(home, 'board.json')
  const written = await runboard('a', 'export', '--out', 'board.json')
  expect(written.stdout).toContain(out)
  expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({ tasks: [{}, {}] })
  const imported = await runboard('b', 'import', 'json', 'board.json', '--json')
  expect({ code: imported.code, stderr: imported.stderr }).toEqual({ code: 0, stderr: '' })
  expect(imported.json()).toMatchObject({ board: 'default', tasks: 2 })
  const second = await runboard('b', 'export')
  expect({ ...second.json(), exported_at: 0 }).toEqual({ ...first.json(), exported_at: 0 })
})

it('a refused import says why, exits with an error, and leaves nothing behind', async () => {
  const missing = await runboard('a', 'import', 'json', 'none.json', '--json')
  expect({ code: missing.code, error: missing.error().code }).toEqual({ code: 1, error: 'NOT_FOUND' })
  await runboard('a', 'create', 'Here')
  await runboard('a', 'export', '--out', 'board.json')
  const again = await runboard('a', 'import', 'json', 'board.json')
  expect(again.code).toBe(1)
  expect(again.stderr).toContain('--as SLUG')
  const as = await runboard('a', 'import', 'json', 'board.json', '--as', 'copy', '--json')
  expect(as.json()).toMatchObject({ board: 'copy', tasks: 1 })
  const boards = (await runboard('a', 'boards', 'list', '--json')).json() as { boards: { slug: string }[] }
  expect(boards.boards.map(({ slug }) => slug)).toEqual(['copy', 'default'])
})
