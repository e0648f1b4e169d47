import { describe, expect, it } from 'vitest'
import { shownOutcome } from '../../formats/shown-outcome.ts'
import { startProgram } from '../testing/processes.ts'
import { until } from '../testing/setup.ts'
import { setupWorkers, type WorkerSetup } from '../testing/workers.ts'
import { startKeyOf } from '../workers/process/identity.ts'
import { RUN_STEPS, type RunStep } from './steps.ts'

/** Steps that a dispatcher reaches only if a worker exceeds its runtime. */
const overstays = (step: RunStep) => step === 'stopping' || step === 'stopped'

/** Ends a dispatcher at a step, as a power cut would. */
async function dieAt(bundle: WorkerSetup, step: RunStep): Promise<void> {
  const begun = overstays(step) ? ['1', bundle.path('starts')] : []
  const died = await startProgram('dispatch.ts', [bundle.home, step, ...begun]).ended
  expect(died).toMatchObject({ signal: 'SIGKILL', output: '' })
  bundle.invariants()
}

const FINISHED = { outcome: 'completed', summary: 'finished', exit_code: 0, signal: null }
const NOT_STARTED = {
  outcome: 'reclaimed',
  error: expect.stringContaining('before its worker was started') as string,
}
const TIMED_OUT = {
  outcome: 'timed_out',
  signal: 'SIGTERM',
  error: expect.stringContaining('its 1 s') as string,
}

/** How the runs of a task end when a dispatcher dies at each step. A step without an entry does not compile. */
const ENDS: Record<RunStep, readonly object[]> = {
  claimed: [NOT_STARTED, FINISHED],
  workspace: [NOT_STARTED, FINISHED],
  context: [NOT_STARTED, FINISHED],
  spawned: [NOT_STARTED, FINISHED],
  recorded: [NOT_STARTED, FINISHED],
  started: [FINISHED],
  stopping: [TIMED_OUT, FINISHED],
  stopped: [TIMED_OUT, FINISHED],
  checking: [FINISHED],
  exited: [FINISHED],
  closed: [FINISHED],
  rescued: [NOT_STARTED, FINISHED],
}
/** How often the worker's program has run: never in an attempt that was not started. */
const starts = (step: RunStep) => ENDS[step].filter((end) => end !== NOT_STARTED).length

describe.each([
  ['an exit-code worker', 'echo finished', { completion: 'exit-code' }],
  ['a reporting worker', `runboard complete '{"summary":"finished"}'`, {}],
] as const)('a dispatcher that dies while it starts or ends %s', (_name, end, fields) => {
  const isChecked = 'completion' in fields
  const steps = RUN_STEPS.filter((step) => isChecked || step !== 'checking')

  async function board(step: RunStep) {
    const bundle = await setupWorkers()
    const first = overstays(step) ? '[ "$RUNBOARD_ATTEMPT" = 1 ] && exec sleep 300; ' : ''
    await bundle.profile('coder', `echo up >>'${bundle.path('starts')}'; ${first}${end}`, fields)
    const limit = overstays(step) ? { max_runtime_seconds: 1 } : {}
    const check = isChecked ? { verify_command: `echo checked >>'${bundle.path('checks')}'` } : {}
    const { id } = await bundle.create({ assignee: 'coder', ...limit, ...check })
    // A run can only be taken back after its dispatcher left it.
    if (step === 'rescued') await startProgram('dispatch.ts', [bundle.home, 'claimed']).ended
    return { ...bundle, id }
  }

  it.each(steps)('at “%s” loses no result and starts nothing twice', async (step) => {
    const bundle = await board(step)

    await dieAt(bundle, step)
    // Only the first attempt should be too slow.
    await bundle.call('task.edit', { id: bundle.id, max_runtime_seconds: 600 })
    await bundle.drain()

    expect(bundle.text('starts')).toBe('up\n'.repeat(starts(step)))
    expect(bundle.text('checks')).toBe(isChecked ? 'checked\n' : '')
    expect(await bundle.task(bundle.id)).toMatchObject({ status: 'done', consecutive_failures: 0 })
    expect(await bundle.runs(bundle.id)).toMatchObject(
      ENDS[step].map((run, index) => ({ attempt: index + 1, ...run })),
    )
  })
})

it('a killed worker has crashed by SIGKILL, also when nobody watched', async () => {
  const bundle = await setupWorkers()
  const { call, create, gate, profile, path, runs, text } = bundle
  await profile('coder', `echo $$ >'${path('pid')}'; ${gate('never')}`)
  const { id } = await create({ assignee: 'coder', max_retries: 1 })
  await call('dispatcher.dispatch', {})
  const pid = Number(await until(() => text('pid')))
  process.kill(pid, 'SIGKILL')
  // A dispatcher that looks before the worker is gone adopts it, and has then used its one pass.
  await until(() => startKeyOf(pid) === null)

  await call('dispatcher.dispatch', {})
  await until(async () => (await runs(id))[0]?.outcome)

  expect(await runs(id)).toMatchObject([{ outcome: 'crashed', signal: 'SIGKILL', exit_code: null }])
})

it('a worker killed together with its keeper ends with an unknown exit', async () => {
  const bundle = await setupWorkers()
  const { call, create, gate, inspector, profile, path, runs, task, text } = bundle
  const line = `echo $$ >'${path('pid')}-'"$RUNBOARD_PROFILE"; ${gate('never')}`
  await profile('coder', line)
  await profile('plain', line, { completion: 'exit-code' })
  for (const [assignee, outcome, block] of [
    ['coder', 'crashed', 'gave_up'],
    ['plain', 'crashed', 'unreported'],
  ] as const) {
    const { id } = await create({ assignee, max_retries: 1 })
    await call('dispatcher.dispatch', {})
    await until(() => text(`pid-${assignee}`))
    const [run] = inspector.all<{ keeper_pid: number; worker_pid: number }>(
      `SELECT keeper_pid, worker_pid FROM task_runs WHERE task_id = '${id}'`,
    )
    process.kill(run!.keeper_pid, 'SIGKILL')
    process.kill(run!.worker_pid, 'SIGKILL')
    await until(() => startKeyOf(run!.keeper_pid) === null && startKeyOf(run!.worker_pid) === null)

    await call('dispatcher.dispatch', {})
    await until(async () => (await task(id)).status !== 'running')

    expect(await runs(id)).toMatchObject([{ outcome, signal: null, exit_code: null }])
    expect((await runs(id))[0]?.error).toContain('nobody saw')
    expect(await task(id)).toMatchObject({ status: 'blocked', block_kind: block })
    const shown = block === 'unreported' ? 'ended_without_a_report' : 'crashed'
    expect(shownOutcome((await runs(id))[0]!)).toBe(shown)
  }
})
