import { describe, expect, it } from 'vitest'
import type { RunRow } from '../tables/task-runs.ts'
import { startProgram } from '../testing/processes.ts'
import { until, workerOf } from '../testing/setup.ts'
import { setupWorkers, type WorkerSetup } from '../testing/workers.ts'
import { UNWATCHED } from './observed.ts'
import { waitedBefore } from '../board/waiting.ts'
import { Watched } from './watched.ts'

const HOUR_MS = 3_600_000

interface Waiting extends WorkerSetup {
  id: string
  question_id: number
  /** Lets time pass while the machine is awake. */
  pass: (ms: number) => void
}

/** A real worker whose run waits for an answer, on clocks that the test moves. */
async function waiting(fields: Record<string, unknown> = {}): Promise<Waiting> {
  let awake = 0
  const bundle = await setupWorkers({ clock: 'fake', awake: () => awake })
  const { call, clock, create, gate, kernel, path, person, profile, text } = bundle
  clock.now = Date.now()
  await kernel.call('board.set', { slug: 'test', settings: { stale_after_seconds: 1800 } }, person)
  await profile('coder', `echo up | tee '${path('up')}'; ${gate('go')}`, {
    completion: 'exit-code',
    max_runtime_seconds: 3600,
    ...fields,
  })
  const { id } = await create({ assignee: 'coder', max_retries: 1 })
  kernel.startDispatching()
  await until(() => text('up'))
  const { question } = await call('question.ask', { id, title: 'Which?', timeout_seconds: 0 })
  // The dispatcher sees the question.
  await call('dispatcher.dispatch', {})
  const pass = (ms: number) => {
    clock.advance(ms)
    awake += ms
  }
  return { ...bundle, id, question_id: question.id, pass }
}

const pass = ({ call }: WorkerSetup) => call('dispatcher.dispatch', {})
const endOf = ({ runs }: WorkerSetup, id: string) =>
  until(async () => (await runs(id))[0]?.outcome, 'the end of its run')
const answer = ({ call, id }: Waiting) => call('question.answer', { question: id, text: 'This one' })

describe('while a run waits for an answer', () => {
  it('its runtime and its stale limit are paused until the answer', async () => {
    const bundle = await waiting()
    bundle.pass(7 * HOUR_MS)
    await pass(bundle)
    expect(await bundle.task(bundle.id)).toMatchObject({ status: 'running' })
    await answer(bundle)
    await pass(bundle)

    bundle.pass(1_700_000)
    await pass(bundle)
    expect(await bundle.task(bundle.id)).toMatchObject({ status: 'running' })
    await bundle.call('task.heartbeat', { id: bundle.id })
    await pass(bundle)
    bundle.pass(1_700_000)
    await pass(bundle)
    expect(await bundle.task(bundle.id)).toMatchObject({ status: 'running' })
    await bundle.call('task.heartbeat', { id: bundle.id })
    await pass(bundle)
    bundle.pass(300_000)
    await pass(bundle)
    expect(await endOf(bundle, bundle.id)).toBe('timed_out')
  })

  it('it keeps its slot', async () => {
    const bundle = await waiting({ max_concurrent: 1 })
    const { id } = await bundle.create({ assignee: 'coder' })
    await pass(bundle)
    expect(await bundle.task(id)).toMatchObject({ status: 'ready' })
    bundle.open('go')
    expect(await endOf(bundle, id)).toBe('completed')
  })

  it('a person can stop it', async () => {
    const bundle = await waiting()
    await bundle.call('task.stop', { id: bundle.id })
    expect(await endOf(bundle, bundle.id)).toBe('stopped')
  })

  it('its worker may end, which withdraws the question', async () => {
    const bundle = await waiting()
    bundle.open('go')
    expect(await endOf(bundle, bundle.id)).toBe('completed')
    const { questions } = await bundle.call('question.list', { task_id: bundle.id, all: true })
    expect(questions).toMatchObject([{ withdrawn_why: 'run_ended' }])
  })
})

describe('the limit of waiting', () => {
  it.each<[string, Record<string, unknown>, number]>([
    ['of the profile', { max_wait_seconds: 600 }, 600_000],
    ['is eight hours where the profile has none', {}, 8 * HOUR_MS],
  ])('%s turns the question into a block, and ends the worker', async (_name, fields, ms) => {
    const bundle = await waiting(fields)
    bundle.pass(ms - 10_000)
    await pass(bundle)
    expect(await bundle.task(bundle.id)).toMatchObject({ status: 'running' })

    bundle.pass(10_000)
    await pass(bundle)

    expect(await endOf(bundle, bundle.id)).toBe('blocked')
    expect(await bundle.task(bundle.id)).toMatchObject({
      status: 'blocked',
      block_kind: 'needs_input',
      block_reason: 'Which?',
      consecutive_failures: 0,
    })
    await until(async () => (await bundle.runs(bundle.id))[0]?.signal, 'the end of its process')
    const { questions } = await bundle.call('question.list', { task_id: bundle.id, all: true })
    expect(questions).toMatchObject([{ state: 'blocked', withdrawn_why: 'blocked' }])
  })

  it('does not count the time that the machine sleeps', async () => {
    const bundle = await waiting()
    bundle.pass(HOUR_MS)
    await pass(bundle)
    bundle.clock.advance(20 * HOUR_MS)
    await pass(bundle)
    expect(await bundle.task(bundle.id)).toMatchObject({ status: 'running' })

    await answer(bundle)
    bundle.pass(1_700_000)
    await pass(bundle)
    expect(await bundle.task(bundle.id)).toMatchObject({ status: 'running' })
  })

  it('applies to a run that a worker claimed by itself', async () => {
    const { call, claim, clock, create, profile, task } = await setupWorkers({ clock: 'fake' })
    await profile('coder', 'true', { max_wait_seconds: 600 })
    const { id } = await create()
    const { worker } = await claim(id, 'coder')
    await call('question.ask', { id, title: 'Which?', timeout_seconds: 0 }, worker)
    clock.advance(599_000)
    await call('dispatcher.dispatch', {})
    expect(await task(id)).toMatchObject({ status: 'running' })
    clock.advance(1_000)
    await call('dispatcher.dispatch', {})
    expect(await task(id)).toMatchObject({ status: 'blocked', block_reason: 'Which?' })
  })
})

describe('with several questions', () => {
  it('the limit of waiting follows the oldest one that is open', async () => {
    const bundle = await waiting({ max_wait_seconds: 600 })
    const { call, id } = bundle
    bundle.pass(500_000)
    await call('question.ask', { id, title: 'And this?', timeout_seconds: 0 })
    await pass(bundle)
    await call('question.answer', { question: String(bundle.question_id), text: 'This one' })
    bundle.pass(599_000)
    await pass(bundle)
    expect(await bundle.task(id)).toMatchObject({ status: 'running' })

    bundle.pass(1_000)
    await pass(bundle)
    expect(await endOf(bundle, id)).toBe('blocked')
    expect(await bundle.task(id)).toMatchObject({ block_reason: 'And this?' })
  })

  it('the runtime stands still only for as long as the run may wait', () => {
    let now = 10_000_000
    const clocks = { clock: () => now, awake: () => now }
    const run = {
      id: 1,
      worker_pid: null,
      spawned_at: now,
      started_at: now,
      max_runtime_seconds: 1000,
      last_heartbeat_at: null,
      ended_at: null,
      stop_requested_at: null,
    } as RunRow
    const watched = new Watched(run, 'coder', clocks, UNWATCHED, { waited_ms: 0, most_ms: 600_000 })
    for (let asked = 0; asked < 2; asked++) {
      watched.noteWaiting(now)
      now += 500_000
      watched.noteWaiting(null)
    }
    watched.noteWaiting(now)
    expect(watched.overstays(run, 100_000)).toBeNull()
    expect(watched.dueIn(100_000)).toBe(600_000)
    now += 600_000
    expect(watched.overstays(run, 100_000), 'with a question still open').toMatchObject({
      outcome: 'timed_out',
    })
  })
})

it('a short claim does not lapse while its run waits, nor right after the answer', async () => {
  const { call, clock, create, task } = await setupWorkers({ clock: 'fake' })
  const { id } = await create()
  const worker = workerOf(await call('task.claim', { id, ttl_seconds: 60 }), 'test')
  await call('question.ask', { id, title: 'Which?', timeout_seconds: 0 }, worker)
  clock.advance(HOUR_MS)
  await call('dispatcher.dispatch', {})
  expect(await task(id)).toMatchObject({ status: 'running' })
  await call('question.answer', { question: id, text: 'This one' })
  clock.advance(800_000)
  await call('dispatcher.dispatch', {})
  expect(await task(id)).toMatchObject({ status: 'running' })
  clock.advance(200_000)
  await call('dispatcher.dispatch', {})
  expect(await task(id), 'no sign of life').toMatchObject({ status: 'ready' })
})

describe('how long a run has waited', () => {
  it.each<[string, [number, number | null][], number]>([
    ['nothing for a run without questions', [], 0],
    [
      'each question',
      [
        [0, 10],
        [20, 50],
      ],
      40,
    ],
    [
      'overlapping questions only once',
      [
        [0, 30],
        [10, 20],
        [10, 50],
      ],
      50,
    ],
    [
      'no open question, because the caller counts that one',
      [
        [0, 10],
        [20, null],
      ],
      10,
    ],
    [
      'a question that overlaps an open one only until the open one began',
      [
        [0, 30],
        [20, null],
      ],
      20,
    ],
  ])('counts %s', async (_name, waits, total) => {
    const bundle = await setupWorkers({ clock: 'fake' })
    const { call, claim, clock, create } = bundle
    const { id } = await create()
    const { run, worker } = await claim(id)
    const began = clock.now
    const moments = waits.flatMap(([since, until], n) => [
      { at: since, n, asks: true },
      ...(until === null ? [] : [{ at: until, n, asks: false }]),
    ])
    const ids = new Map<number, number>()
    for (const { at, n, asks } of moments.sort((a, b) => a.at - b.at)) {
      clock.now = began + at * 1000
      if (asks) {
        const { question } = await call('question.ask', { id, title: 'Which?', timeout_seconds: 0 }, worker)
        ids.set(n, question.id)
      } else await call('question.answer', { question: String(ids.get(n)), text: 'This' })
    }
    clock.now = began + 100_000
    expect(waitedBefore(bundle.board.connection.read, run.id, clock.now)).toBe(total * 1000)
  })

  it('moves the end of the runtime of a worker that is taken over', () => {
    const now = 10_000_000
    const clocks = { clock: () => now, awake: () => now }
    const run = {
      id: 1,
      worker_pid: null,
      spawned_at: now - 4_000_000,
      started_at: now - 4_000_000,
      max_runtime_seconds: 3600,
      last_heartbeat_at: null,
      ended_at: null,
      stop_requested_at: null,
    } as RunRow
    const watched = (waited_ms = 0) =>
      new Watched(run, 'coder', clocks, UNWATCHED, { waited_ms, most_ms: Infinity })
    expect(watched().overstays(run, 100_000)).toMatchObject({ outcome: 'timed_out' })
    expect(watched(1_000_000).overstays(run, 100_000)).toBeNull()
    expect(watched(300_000).overstays(run, 100_000)).toMatchObject({ outcome: 'timed_out' })
  })
})

it('a dispatcher that is killed while a question is open changes nothing for its worker', async () => {
  const bundle = await setupWorkers()
  const { call, create, home, path, profile, runs, text } = bundle
  const ask = `A=$(runboard question.ask '{"title":"Which?"}')`
  await profile('asks', `${ask}; echo "$A" >'${path('answer')}'`, { completion: 'exit-code' })
  const { id } = await create({ assignee: 'asks' })
  const { child } = startProgram('dispatch.ts', [home])
  await until(async () => (await call('question.list', {})).questions[0], 'an open question')
  child.kill('SIGKILL')

  // Nobody dispatches now, and another process answers.
  await call('question.answer', { question: id, text: 'The second' })
  await until(() => text('answer'), 'the answer at the worker')

  expect(text('answer')).toContain('The second')
  await call('dispatcher.dispatch', { wait: true })
  expect(await runs(id)).toMatchObject([{ outcome: 'completed', attempt: 1 }])
})
