import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { operations, type OperationSpec } from '../../contract/index.ts'
import { type RunningServer, startServer } from '../http/server.ts'
import { ask } from '../http/test-requests.ts'
import { runCli } from '../cli/test-run.ts'
import { BAD_BYTES, BAD_QUERIES, BAD_WORDS } from './test-bad-bytes.ts'
import { type Bad, BAD_INPUTS } from './test-bad-inputs.ts'
import { openBench } from './test-bench.ts'
import type { Input } from './test-doors.ts'
import { openStage, PERSON, type Scene, type Stage } from './test-stage.ts'

let stage: Stage
let scene: Scene
let id: string
let server: RunningServer
beforeAll(async () => {
  stage = await openStage()
  scene = await stage.scene()
  await scene.do('board.switch', { slug: scene.slug })
  id = await scene.create()
  await scene.create({ parents: [id] })
  server = await startServer(stage.kernel, { env: PERSON, pageFolder: null })
})
afterAll(async () => {
  scene.dump()
  await server.close()
  await stage.close()
  expect(stage.reports).toEqual([])
})

/** Every file in the home and beside it, to detect files that should not exist. */
function files(): string[] {
  const inHome = readdirSync(scene.home, { recursive: true }) as string[]
  const around = readdirSync(join(scene.home, '..')).filter(
    (name) => name.startsWith('n') || name.length === 1,
  )
  return [...inHome.filter((file) => !/-(wal|shm)$/.test(file)).sort(), ...around]
}

function withId(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withId)
  return value === 'ID' ? id : value
}

function inputOf({ name, input }: Bad): Input {
  const spec: OperationSpec = operations[name]
  const filled = Object.entries(input).map(([field, value]): [string, unknown] => [field, withId(value)])
  return { ...(spec.scope === 'board' ? { board: scene.slug } : {}), ...Object.fromEntries(filled) }
}

/** Makes a call that must be refused, and checks that it changed nothing. */
async function changesNothing(attempt: () => Promise<void>): Promise<void> {
  const before = { board: scene.rows(), files: files() }
  await attempt()
  expect({ board: scene.rows(), files: files() }).toEqual(before)
}

describe.each(['kernel', 'ipc', 'http'] as const)('through %s', (doorName) => {
  it.each(BAD_INPUTS)('refuses $name for $what', async (bad) => {
    const door = await stage.door(doorName)
    const input = inputOf(bad)
    // In a path, an empty id is another address.
    if (doorName === 'http' && input['id'] === '') return
    await changesNothing(async () => {
      const { error, answer } = await door.call(bad.name, input)
      // In a path, an empty id is another address, and a number comes as text.
      const codes =
        doorName === 'http' ? [bad.code ?? 'INVALID_INPUT', 'NOT_FOUND'] : [bad.code ?? 'INVALID_INPUT']
      expect({ code: error?.code, answer }).toEqual({ code: expect.toBeOneOf(codes), answer: undefined })
      expect(error?.message).toMatch(/^.{8,600}$/s)
    })
  })
})

describe('through the command line', () => {
  it.each(BAD_WORDS.map(([exit, ...argv]) => ({ exit, argv, typed: argv.join(' ').slice(0, 80) })))(
    'exits with $exit for $typed',
    async ({ exit, argv }) => {
      const board = argv.includes('--board') ? [] : ['--board', scene.slug]
      const words = [...board, ...argv.map((word) => (word === 'ID' ? id : word))]
      await changesNothing(async () => {
        const env = { ...PERSON, RUNBOARD_HOME: scene.home }
        const ran = await runCli(['--json', ...words], { kernel: stage.kernel, cwd: scene.home, env })
        expect({ code: ran.code, stdout: ran.stdout }).toEqual({ code: exit, stdout: '' })
        const { code, message } = ran.error()
        expect(code === 'INVALID_INPUT').toBe(exit === 2)
        expect(message).toMatch(/^.{8,600}$/s)
      })
    },
  )
})

describe('through HTTP as bytes', () => {
  it.each(BAD_BYTES)('%s gets the status %i', async (_what, status, path, raw, method = 'POST') => {
    await changesNothing(async () => {
      const sent = await ask(server, {
        method,
        path: `/api${path}`,
        raw,
        headers: { 'content-type': 'application/json' },
      })
      expect({ status: sent.status, text: sent.text.slice(0, 300) }).toMatchObject({ status })
      expect(sent.json().error).toMatchObject({
        code: expect.any(String),
        message: expect.stringMatching(/\S/),
      })
    })
  })

  it.each(BAD_QUERIES)('a query of %s gets the status %i', async (query, status) => {
    const sent = await ask(server, { path: `/api/tasks${query}` })
    expect({ status: sent.status, text: sent.text.slice(0, 300) }).toMatchObject({ status })
  })
})

it('a refusal through the bench has its reason', async () => {
  const bench = await openBench(stage, 'kernel')
  const error = await bench.refused('INVALID_INPUT', 'task.create', { title: '', priority: 'x' })
  expect(error.message).toContain('title')
  expect(error.message).toContain('priority')
  expect(error.data).toMatchObject({ fields: ['title', 'priority'] })
})
