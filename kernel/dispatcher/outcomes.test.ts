import { describe, expect, it } from 'vitest'
import { type Outcome, OUTCOMES, type Run, RUN_OUTCOMES, type TaskStatus } from '../../contract/index.ts'
import { expectAftermath } from '../testing/aftermath.ts'
import { until } from '../testing/setup.ts'
import { setupWorkers, type WorkerSetup } from '../testing/workers.ts'

interface Way {
  /** The shell line that the worker runs; null for a missing program. */
  line: ((bundle: WorkerSetup) => string) | null
  profile?: Parameters<WorkerSetup['profile']>[2]
  task?: Parameters<WorkerSetup['create']>[0] & object
  stale_after_seconds?: number
  /** What a person does once the worker is running. */
  then?: (bundle: WorkerSetup, id: string) => Promise<unknown>
  run: Partial<Run>
  status: TaskStatus
}

const runsOn = ({ gate, path }: WorkerSetup) => `echo up >'${path('up')}'; ${gate('never')}`
const EXITS = { completion: 'exit-code' } as const

/**
 * A way to each outcome, by a real process or by a start that fails. An outcome without an entry does not compile.
 */
const WAYS: Record<Outcome, Way> = {
  completed: {
    line: () => `runboard complete '{"summary":"It works"}'`,
    run: { summary: 'It works', exit_code: 0 },
    status: 'done',
  },
  review_requested: {
    line: () => `runboard request_review '{"summary":"Please look"}'`,
    run: { summary: 'Please look', exit_code: 0 },
    status: 'review',
  },
  blocked: {
    line: () => `runboard block '{"reason":"Which name?"}'`,
    run: { summary: 'Which name?', exit_code: 0 },
    status: 'blocked',
  },
  crashed: {
    line: () => 'exit 7',
    run: { exit_code: 7, error: 'It exited with 7. It wrote nothing.' },
    status: 'ready',
  },
  timed_out: {
    line: runsOn,
    task: { max_runtime_seconds: 1 },
    run: { signal: 'SIGTERM', error: 'It ran for longer than its 1 s and was stopped. It wrote nothing.' },
    status: 'ready',
  },
  stale: {
    line: runsOn,
    stale_after_seconds: 1,
    run: {
      signal: 'SIGTERM',
      error: 'Neither output nor heartbeat for 1 s; it was stopped. It wrote nothing.',
    },
    status: 'ready',
  },
  spawn_failed: {
    line: null,
    task: { max_retries: 2 },
    run: { worker_pid: null, exit_code: null },
    status: 'ready',
  },
  gave_up: {
    line: null,
    task: { max_retries: 1 },
    run: { worker_pid: null, exit_code: null },
    status: 'blocked',
  },
  rate_limited: { line: () => 'exit 75', run: { exit_code: 75 }, status: 'ready' },
  reclaimed: {
    line: runsOn,
    then: async ({ call, path, text }, id) => {
      await until(() => text('up'), path('up'))
      await call('task.hold', { id })
      await call('task.reclaim', { id, reason: 'Wrong machine' })
    },
    run: { signal: 'SIGTERM', error: 'Wrong machine' },
    status: 'ready',
  },
  stopped: {
    line: runsOn,
    then: async ({ call, path, text }, id) => {
      await until(() => text('up'), path('up'))
      await call('task.stop', { id })
    },
    run: { signal: 'SIGTERM', error: 'Stopped by ada.' },
    status: 'ready',
  },
  verify_failed: {
    line: () => 'echo finished',
    profile: EXITS,
    task: { verify_command: 'echo 2 tests fail; exit 4' },
    run: { summary: 'finished', exit_code: 0 },
    status: 'ready',
  },
}

describe('a run ends as', () => {
  it.each(RUN_OUTCOMES)('%s', async (outcome) => {
    const way = WAYS[outcome]
    const bundle = await setupWorkers()
    const { call, create, kernel, person, profile, runs, task } = bundle
    const settings = { stale_after_seconds: way.stale_after_seconds ?? null }
    await kernel.call('board.set', { slug: 'test', settings }, person)
    // Looks at one attempt only: the next one waits for an hour.
    const fields = { backoff_seconds: 3600, ...way.profile }
    if (way.line === null)
      await call('profile.add', { name: 'worker', command: ['no-such-agent'], ...fields })
    else await profile('worker', way.line(bundle), fields)
    const { id } = await create({ assignee: 'worker', ...way.task })
    const dispatching = kernel.startDispatching()

    await way.then?.(bundle, id)

    const exited = (run: Run | undefined) =>
      run?.outcome != null && (run.worker_pid === null || run.exit_code !== null || run.signal !== null)
    await until(async () => exited((await runs(id))[0]), 'the end of the run')
    await dispatching.stop()
    expect(await runs(id)).toMatchObject([{ attempt: 1, outcome, ...way.run }])
    const counts = OUTCOMES[outcome].failure === 'counts'
    expect(await task(id)).toMatchObject({ status: way.status, consecutive_failures: counts ? 1 : 0 })
    await expectAftermath(bundle)
  })
})
