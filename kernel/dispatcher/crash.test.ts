import { describe, expect, it } from 'vitest'
import { startProgram } from '../testing/processes.ts'
import { setupWorkers, type WorkerSetup } from '../testing/workers.ts'
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

  it.each(steps)('at “%s” loses no result and no message, and starts nothing twice', async (step) => {
    const bundle = await board(step)
    await bundle.call('message.tell', { id: bundle.id, body: 'Use the old brass' })

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
    // The first attempt whose program ran gets the message as a new one; a later one reads that it went to that attempt.
    const runs = await bundle.runs(bundle.id)
    const reader = runs[ENDS[step].findIndex((end) => end !== NOT_STARTED)]
    const { messages } = await bundle.call('message.list', { id: bundle.id })
    expect(messages).toMatchObject([
      { state: 'delivered', run_id: reader?.id, delivered_how: 'in its context' },
    ])
    for (const { id } of runs.filter(({ spawned_at }) => spawned_at !== null)) {
      const { context } = await bundle.call('run.show', { id })
      const isIn = id === reader?.id || ENDS[step][0] === NOT_STARTED
      const unread = context?.split('## Messages that no attempt has read yet')[1] ?? ''
      expect(unread.includes('Use the old brass')).toBe(isIn)
      expect(context).toContain('Use the old brass')
    }
  })
})

const WALK = `runboard: 1
name: walk
title: Walk
workspace: scratch
steps:
  - {key: make, kind: work, profile: coder, prompt: Make it., on: {done: look}}
  - {key: look, kind: check, run: echo look >> $STEPS, on: {passed: agree, failed: dropped}}
  - {key: agree, kind: work, profile: coder, prompt: Agree., on: {done: over}}
  - {key: over, kind: end, state: succeeded}
  - {key: dropped, kind: end, state: failed}
`

describe('a dispatcher that dies while a card is on a workflow', () => {
  const steps = ['claimed', 'recorded', 'started', 'exited', 'closed'] as const satisfies RunStep[]

  it.each(steps.flatMap((step) => [1, 2, 3].map((nth) => [step, nth] as const)))(
    'at “%s” of step %i gives no verdict twice, and the card walks on',
    async (step, nth) => {
      const bundle = await setupWorkers()
      const { call, create, drain, home, path, profile, task, text } = bundle
      await profile('coder', `echo "$RUNBOARD_STEP" >> '${path('steps')}'`, { completion: 'exit-code' })
      await call('workflow.add', { file: WALK.replace('$STEPS', path('steps')) })
      const { id } = await create('A card')
      await call('workflow.start', { id, name: 'walk' })

      const died = await startProgram('dispatch.ts', [home, step, String(nth)]).ended
      expect(died).toMatchObject({ signal: 'SIGKILL', output: '' })
      bundle.invariants()
      await drain()

      expect(text('steps')).toBe('make\nlook\nagree\n')
      expect(await task(id)).toMatchObject({ status: 'done', current_step_key: 'over' })
      const { walks } = await call('task.walk', { id })
      expect(walks[0]?.visits.map((visit) => `${visit.step} ${visit.visit} ${visit.verdict ?? ''}`)).toEqual([
        'make 1 done',
        'look 1 passed',
        'agree 1 done',
      ])
    },
  )
})
