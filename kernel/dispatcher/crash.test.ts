import { describe, expect, it } from 'vitest'
import { startProgram } from '../testing/processes.ts'
import { until } from '../testing/setup.ts'
import { setupWorkers, type WorkerSetup } from '../testing/workers.ts'
import { START_STEPS } from './starter.ts'

/** Before the worker's program is let go, nothing of it has run; from then on it must not be started again. */
const BEFORE_GO = START_STEPS.slice(0, START_STEPS.indexOf('started'))
const AFTER_GO = ['started', 'exited', 'closed'] as const

/** Ends a dispatcher as by a power cut at a step, and lets another one finish. */
async function dieAt(bundle: WorkerSetup, step: string): Promise<void> {
  const died = await startProgram('dispatch.ts', [bundle.home, step]).ended
  expect(died).toMatchObject({ signal: 'SIGKILL', output: '' })
  bundle.invariants()
  await bundle.drain()
}

const PLAIN = { line: 'echo up >>STARTS; echo finished', fields: { completion: 'exit-code' } } as const
const REPORTING = {
  line: `echo up >>STARTS; runboard complete '{"summary":"finished"}'`,
  fields: {},
} as const

describe.each([
  ['an exit-code worker', { ...PLAIN, before: BEFORE_GO, after: AFTER_GO }],
  ['a reporting worker', { ...REPORTING, before: ['recorded'], after: ['started', 'exited'] }],
] as const)('a dispatcher that dies while it starts or ends %s', (_name, { line, fields, before, after }) => {
  async function board() {
    const bundle = await setupWorkers()
    await bundle.profile('coder', line.replace('STARTS', `'${bundle.path('starts')}'`), fields)
    const { id } = await bundle.create({ assignee: 'coder' })
    return { ...bundle, id }
  }

  it.each(before)('at “%s” has started nothing, and the task is run by the next one', async (step) => {
    const bundle = await board()

    await dieAt(bundle, step)

    expect(bundle.text('starts')).toBe('up\n')
    expect(await bundle.task(bundle.id)).toMatchObject({ status: 'done', consecutive_failures: 0 })
    expect(await bundle.runs(bundle.id)).toMatchObject([
      {
        attempt: 1,
        outcome: 'reclaimed',
        error: expect.stringContaining('before its worker was started') as string,
      },
      { attempt: 2, outcome: 'completed', summary: 'finished', exit_code: 0 },
    ])
  })

  it.each(after)('at “%s” loses no result and starts nothing twice', async (step) => {
    const bundle = await board()

    await dieAt(bundle, step)

    expect(bundle.text('starts')).toBe('up\n')
    expect(await bundle.task(bundle.id)).toMatchObject({ status: 'done' })
    expect(await bundle.runs(bundle.id)).toMatchObject([
      { attempt: 1, outcome: 'completed', summary: 'finished', exit_code: 0, signal: null },
    ])
  })
})

it('a dispatcher that dies while it takes back what another left loses nothing either', async () => {
  const bundle = await setupWorkers()
  const { create, home, path, profile, runs, text } = bundle
  await profile('plain', `echo up >>'${path('starts')}'`, { completion: 'exit-code' })
  const { id } = await create({ assignee: 'plain' })
  await startProgram('dispatch.ts', [home, 'claimed']).ended

  await dieAt(bundle, 'rescued')

  expect(text('starts')).toBe('up\n')
  expect((await runs(id)).map((run) => run.outcome)).toEqual(['reclaimed', 'completed'])
})

it('a worker that is killed has crashed by SIGKILL, also when nobody watched', async () => {
  const bundle = await setupWorkers()
  const { call, create, gate, profile, path, runs, text } = bundle
  await profile('coder', `echo $$ >'${path('pid')}'; ${gate('never')}`)
  const { id } = await create({ assignee: 'coder', max_retries: 1 })
  await call('dispatcher.dispatch', {})
  process.kill(Number(await until(() => text('pid'))), 'SIGKILL')

  await call('dispatcher.dispatch', {})
  await until(async () => (await runs(id))[0]?.outcome)

  expect(await runs(id)).toMatchObject([{ outcome: 'crashed', signal: 'SIGKILL', exit_code: null }])
})

it('a worker whose keeper was killed with it has ended as nobody saw', async () => {
  const bundle = await setupWorkers()
  const { call, create, gate, inspector, profile, path, runs, task, text } = bundle
  const line = `echo $$ >'${path('pid')}'; ${gate('never')}`
  await profile('coder', line)
  await profile('plain', line, { completion: 'exit-code' })
  for (const [assignee, outcome, block] of [
    ['coder', 'crashed', 'gave_up'],
    ['plain', 'crashed', 'unreported'],
  ] as const) {
    const { id } = await create({ assignee, max_retries: 1 })
    await call('dispatcher.dispatch', {})
    await until(() => text('pid'))
    const [run] = inspector.all<{ keeper_pid: number; worker_pid: number }>(
      `SELECT keeper_pid, worker_pid FROM task_runs WHERE task_id = '${id}'`,
    )
    process.kill(run!.keeper_pid, 'SIGKILL')
    process.kill(run!.worker_pid, 'SIGKILL')

    await call('dispatcher.dispatch', {})
    await until(async () => (await task(id)).status !== 'running')

    expect(await runs(id)).toMatchObject([{ outcome, signal: null, exit_code: null }])
    expect((await runs(id))[0]?.error).toContain('nobody saw')
    expect(await task(id)).toMatchObject({ status: 'blocked', block_kind: block })
  }
})
