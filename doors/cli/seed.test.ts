import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Ran, runCli } from './test-run.ts'

/** What the command line promised from its first version, each by its name. */
let home: string
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'runboard-seed-'))
})
afterEach(() => {
  rmSync(home, { recursive: true, force: true })
})

function runboard(...argv: string[]): Promise<Ran> {
  return runCli(argv, { cwd: home, env: { RUNBOARD_HOME: home, USER: 'ada', PATH: process.env['PATH'] } })
}

/** A task with two attempts: one blocked, one completed. */
async function retriedTask(): Promise<string> {
  const id = (await runboard('create', 'Fix the parser', '--assignee', 'coder')).stdout.trim()
  await runboard('claim', id)
  await runboard('block', id, '--reason', 'Which grammar?')
  await runboard('unblock', id, '--answer', 'The new one')
  await runboard('claim', id)
  await runboard('complete', id, '--summary', 'The parser reads it all')
  return id
}

describe('runs', () => {
  it('runs verb', async () => {
    const id = await retriedTask()

    const { code, stdout, stderr } = await runboard('runs', id)

    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const [first, question, second, summary] = stdout.trimEnd().split('\n')
    expect(first).toMatch(/1\b.*blocked.*coder/)
    expect(question).toContain('Which grammar?')
    expect(second).toMatch(/2\b.*completed.*coder/)
    expect(summary).toContain('The parser reads it all')
  })

  it('runs --json', async () => {
    const id = await retriedTask()

    const { code, json } = await runboard('runs', id, '--json')

    expect(code).toBe(0)
    expect(json()).toMatchObject({
      runs: [
        { task_id: id, attempt: 1, outcome: 'blocked', summary: 'Which grammar?', profile: 'coder' },
        { task_id: id, attempt: 2, outcome: 'completed', summary: 'The parser reads it all' },
      ],
    })
  })

  it('runs of a task that was never claimed prints an empty list', async () => {
    const id = (await runboard('create', 'Untouched')).stdout.trim()

    expect((await runboard('runs', id, '--json')).json()).toEqual({ runs: [] })
  })
})

describe('complete', () => {
  it('complete with summary and metadata round-trips JSON', async () => {
    const id = (await runboard('create', 'Fix the parser')).stdout.trim()
    await runboard('claim', id)
    const metadata = {
      changed_files: ['src/parser.ts', 'src/ünï.ts'],
      tests_run: 12,
      nested: { deep: [null, true, 1.5, ''] },
      quote: `it's "so"\n`,
    }

    const { code } = await runboard(
      'complete',
      id,
      '--summary',
      'Ça marche 🎉',
      '--metadata',
      JSON.stringify(metadata),
    )

    expect(code).toBe(0)
    const [run] = (await runboard('runs', id, '--json')).json().runs
    expect(run).toMatchObject({ outcome: 'completed', summary: 'Ça marche 🎉' })
    expect(run.metadata).toEqual(metadata)
    expect((await runboard('show', id, '--json')).json().runs[0].metadata).toEqual(metadata)
  })

  it.each(['{', '[1, 2]', '"text"', '12', 'null', ''])(
    'complete with bad metadata exits 2: %j',
    async (metadata) => {
      const id = (await runboard('create', 'Fix the parser')).stdout.trim()
      await runboard('claim', id)

      const refused = await runboard('complete', id, '--metadata', metadata, '--json')

      expect({ code: refused.code, stdout: refused.stdout }).toEqual({ code: 2, stdout: '' })
      expect(refused.error().code).toBe('INVALID_INPUT')
      const shown = (await runboard('show', id, '--json')).json()
      expect(shown.task.status).toBe('running')
      expect(shown.runs).toMatchObject([{ outcome: null, metadata: null }])
    },
  )

  it('complete of several tasks with a summary exits 2, and without one completes each', async () => {
    const ids = [
      (await runboard('create', 'One')).stdout.trim(),
      (await runboard('create', 'Two')).stdout.trim(),
    ]

    expect((await runboard('complete', ...ids, '--summary', 'Both')).code).toBe(2)
    expect((await runboard('complete', ...ids)).code).toBe(0)
    const statuses = (await runboard('list', '--json'))
      .json()
      .tasks.map((task: { status: string }) => task.status)
    expect(statuses).toEqual(['done', 'done'])
  })
})
