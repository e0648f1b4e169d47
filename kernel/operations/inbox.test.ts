import { describe, expect, it } from 'vitest'
import { hasFailed, type OperationOutput } from '../../contract/index.ts'
import { failRun } from '../lifecycle/fail.ts'
import { statement } from '../db/statement.ts'
import { requireTask } from '../lifecycle/transition.ts'
import { type Setup, setup } from '../testing/setup.ts'
import { walkingTask } from '../testing/walking.ts'
import * as taskRuns from '../tables/task-runs.ts'

const POLICY = { profile_limit: null, board_limit: null, backoff_seconds: 10, random: () => 0.5 }

/** An attempt that fails, as the dispatcher records it. */
async function fail({ claim, write, clock, call }: Setup, id: string): Promise<void> {
  await call('task.retry', { id }).catch(() => undefined)
  const { run } = await claim(id, 'coder')
  clock.advance(1000)
  write((tx) => {
    const row = tx.get(taskRuns.byId, { id: run.id })!
    failRun(tx, requireTask(tx, id), row, { outcome: 'crashed', error: 'exit 1: no such file.' }, POLICY)
  })
}

const titles = ({ needs_you, failed, finished }: OperationOutput<'inbox.show'>) => ({
  needs_you: needs_you.map(({ task }) => task.title),
  failed: failed.map(({ task }) => task.title),
  finished: finished.map(({ task }) => task.title),
})

it('an empty board has an empty inbox', async () => {
  const { call } = await setup()
  expect(await call('inbox.show', {})).toEqual({
    needs_you: [],
    failed: [],
    finished: [],
    counts: {
      needs_you: 0,
      failed: 0,
      finished: 0,
      unseen: 0,
      groups: { questions: 0, reviews: 0, failures: 0, finished: 0 },
    },
    cursor: 0,
    seen_until: 0,
  })
})

it('groups tasks that need a person, failed or finished, each with a sentence and an action', async () => {
  const bundle = await setup()
  const { create, claim, call } = bundle
  const asks = await create('Asks')
  const asker = await claim(asks.id)
  await call('task.block', { id: asks.id, reason: 'Which currency?' }, asker.worker)
  const reviewed = await create('Reviewed')
  const reviewer = await claim(reviewed.id)
  await call(
    'task.request_review',
    { id: reviewed.id, summary: 'Look at the totals\nthey changed' },
    reviewer.worker,
  )
  const fails = await create({ title: 'Fails', assignee: 'coder' })
  await fail(bundle, fails.id)
  const done = await create('Finished')
  await call('task.complete', { id: done.id, summary: 'Wrote it down' })

  const inbox = await call('inbox.show', {})
  expect(titles(inbox)).toEqual({
    needs_you: ['Asks', 'Reviewed'],
    failed: ['Fails'],
    finished: ['Finished'],
  })
  expect(inbox.counts).toEqual({
    needs_you: 2,
    failed: 1,
    finished: 1,
    unseen: 4,
    groups: { questions: 1, reviews: 1, failures: 1, finished: 1 },
  })
  expect(await call('stats.show', {})).toMatchObject({ needs_me: 2, unseen: 4 })
  const short = [...inbox.needs_you, ...inbox.failed, ...inbox.finished].map((item) => ({
    kind: item.kind,
    attempt: item.run?.attempt ?? null,
    sentence: item.sentence,
    action: item.action,
  }))
  expect(inbox.failed[0]?.happened).toBe('Attempt 1 crashed: exit 1: no such file.')
  expect([...inbox.needs_you, ...inbox.finished].map(({ happened }) => happened)).toEqual([null, null, null])
  expect(short).toEqual([
    {
      kind: 'blocked',
      attempt: 1,
      sentence: 'Asks: Which currency?',
      action: `unblock ${asks.id} --answer …`,
    },
    {
      kind: 'review_requested',
      attempt: 1,
      sentence: 'Waits for your review: Look at the totals',
      action: `approve ${reviewed.id}`,
    },
    {
      kind: 'crashed',
      attempt: 1,
      sentence:
        'Attempt 1 crashed: exit 1: no such file. Profile coder not found; a worker of that name may claim the task by hand.',
      action: `retry ${fails.id}`,
    },
    { kind: 'completed', attempt: 1, sentence: 'Wrote it down', action: `show ${done.id}` },
  ])
})

it('does not repeat what was seen, but keeps what needs a person until it is answered', async () => {
  const bundle = await setup()
  const { create, call } = bundle
  const asks = await create('Asks')
  await call('task.block', { id: asks.id, reason: 'Which?' })
  const done = await create('Finished')
  await call('task.complete', { id: done.id })

  const first = await call('inbox.show', { seen: true })
  expect(first.counts.unseen).toBe(2)
  const second = await call('inbox.show', {})
  expect(titles(second)).toEqual({ needs_you: ['Asks'], failed: [], finished: [] })
  expect(second.needs_you[0]?.unseen).toBe(false)
  expect(second.counts).toMatchObject({ needs_you: 1, failed: 0, finished: 0, unseen: 0 })
  expect(second.seen_until).toBe(first.cursor)

  await call('task.unblock', { id: asks.id, answer: 'Euro' })
  await call('task.complete', { id: asks.id })
  expect(titles(await call('inbox.show', {}))).toEqual({ needs_you: [], failed: [], finished: ['Asks'] })
})

it('lists a task once, by its newest end', async () => {
  const bundle = await setup()
  const { create, call, claim } = bundle
  const task = await create({ title: 'Shaky', assignee: 'coder' })
  await fail(bundle, task.id)
  await fail(bundle, task.id)
  const twice = await call('inbox.show', {})
  expect(twice.failed.map((item) => item.run?.attempt)).toEqual([2])
  await call('task.retry', { id: task.id })
  await claim(task.id)
  expect((await call('inbox.show', {})).failed[0]?.sentence).toBe(
    'Attempt 2 crashed: exit 1: no such file. The next attempt runs.',
  )
  await call('task.complete', { id: task.id })
  expect(titles(await call('inbox.show', {}))).toEqual({ needs_you: [], failed: [], finished: ['Shaky'] })
})

it('lists a given-up task as needing a person, and not as failed too', async () => {
  const bundle = await setup()
  const task = await bundle.create({ title: 'Hopeless', assignee: 'coder', max_retries: 1 })
  await fail(bundle, task.id)
  const inbox = await bundle.call('inbox.show', {})
  expect(titles(inbox)).toEqual({ needs_you: ['Hopeless'], failed: [], finished: [] })
  expect(inbox.needs_you[0]).toMatchObject({
    kind: 'gave_up',
    group: 'failures',
    action: `unblock ${task.id} --answer …`,
  })
})

it('lists a plan that waits to be accepted', async () => {
  const bundle = await setup()
  const { create, call, clock } = bundle
  const idea = await create({ title: 'Idea', triage: true })
  const part = await create({ title: 'Part', held: true })
  clock.advance(1)
  await call('link.add', { parent_id: part.id, child_id: idea.id })
  const inbox = await call('inbox.show', {})
  expect(titles(inbox).needs_you).toEqual(['Idea'])
  expect(inbox.needs_you[0]?.action).toBe(`accept-plan ${idea.id}`)
  expect((await call('stats.show', {})).needs_me).toBe(1)
})

it('moves the cursor forwards only, and not past the newest event', async () => {
  const { create, call } = await setup()
  await create()
  const { cursor } = await call('inbox.show', {})
  expect(await call('inbox.mark_seen', { until: 10_000 })).toEqual({ seen_until: cursor })
  expect(await call('inbox.mark_seen', { until: 0 })).toEqual({ seen_until: cursor })
  await create()
  expect(await call('inbox.mark_seen', {})).toEqual({ seen_until: cursor + 1 })
})

it('lists the question of a workflow as a question, with its text', async () => {
  const bundle = await setup()
  const id = await walkingTask(bundle, 'Walks')
  await bundle.call('task.goto', { id, step: 'ask', reason: 'It is built' })
  const inbox = await bundle.call('inbox.show', {})
  expect(inbox.needs_you).toMatchObject([
    { group: 'questions', kind: 'review_requested', sentence: 'Asks: Good?', unseen: true },
  ])
  expect(inbox.counts).toMatchObject({ unseen: 1, groups: { questions: 1, reviews: 0 } })
})

describe('single entries', () => {
  async function stage() {
    const bundle = await setup()
    const { create, call } = bundle
    const asks = await create('Asks')
    await call('task.block', { id: asks.id, reason: 'Which?' })
    const [one, two] = [await create('One'), await create('Two')]
    for (const { id } of [one, two]) await call('task.complete', { id })
    const shown = async () => {
      const inbox = await call('inbox.show', {})
      const { unseen } = await call('stats.show', {})
      expect(unseen).toBe(inbox.counts.unseen)
      return [...inbox.needs_you, ...inbox.finished].map(
        ({ task, unseen: isNew }) => `${task.title}${isNew ? ' *' : ''}`,
      )
    }
    return { ...bundle, asks, one, two, shown }
  }

  it('are seen one at a time, and the others stay', async () => {
    const { asks, one, call, shown } = await stage()
    expect(await shown()).toEqual(['Asks *', 'One *', 'Two *'])
    await call('inbox.mark_seen', { task_ids: [one.id] })
    expect(await shown()).toEqual(['Asks *', 'Two *'])
    await call('inbox.mark_seen', { task_ids: [asks.id] })
    expect(await shown()).toEqual(['Asks', 'Two *'])
  })

  it('are seen as a group', async () => {
    const { call, shown } = await stage()
    await call('inbox.mark_seen', { group: 'finished' })
    expect(await shown()).toEqual(['Asks *'])
    await call('inbox.mark_seen', { group: 'questions' })
    expect(await shown()).toEqual(['Asks'])
  })

  it('do not hide later events of the task', async () => {
    const { one, call, shown } = await stage()
    await call('inbox.mark_seen', { task_ids: [one.id] })
    await call('task.reopen', { id: one.id, note: 'More' })
    await call('task.complete', { id: one.id })
    expect(await shown()).toEqual(['Asks *', 'Two *', 'One *'])
  })

  it('stay seen when a later call has an older cursor', async () => {
    const { asks, one, two, call, shown } = await stage()
    const { cursor } = await call('inbox.show', {})
    await call('inbox.mark_seen', { task_ids: [one.id, asks.id] })
    await call('inbox.mark_seen', { task_ids: [one.id, asks.id], until: 1 })
    expect(await shown()).toEqual(['Asks', 'Two *'])
    await call('inbox.mark_seen', { until: cursor })
    await call('inbox.mark_seen', { task_ids: [two.id], until: 1 })
    expect(await shown()).toEqual(['Asks'])
  })

  it('can be marked as unseen, also after the whole inbox was seen', async () => {
    const { asks, one, call, shown } = await stage()
    await call('inbox.mark_seen', {})
    expect(await shown()).toEqual(['Asks'])
    await call('inbox.mark_unseen', { id: one.id })
    await call('inbox.mark_unseen', { id: asks.id })
    expect(await shown()).toEqual(['Asks *', 'One *'])
    await call('inbox.mark_seen', {})
    expect(await shown()).toEqual(['Asks'])
  })

  it('move the cursor of the board when the last one is seen', async () => {
    const { asks, one, two, call, board } = await stage()
    const { seen_until } = await call('inbox.mark_seen', { task_ids: [asks.id, one.id, two.id] })
    expect(seen_until).toBe((await call('inbox.show', {})).cursor)
    const marks = board.connection.read.all(
      statement<Record<never, never>, { key: string }>(
        "SELECT key FROM board_state WHERE key LIKE 'inbox_seen%' ORDER BY key",
      ),
      {},
    )
    expect(marks).toEqual([{ key: 'inbox_seen' }])
  })

  it('cannot be marked as unseen when nothing has happened', async () => {
    const { create, call } = await setup()
    const { id } = await create('Quiet')
    await expect(call('inbox.mark_unseen', { id })).rejects.toMatchObject({ code: 'CONFLICT' })
  })
})

it('cuts groups at the limit, but not counts', async () => {
  const { create, call } = await setup()
  for (let n = 0; n < 5; n++) {
    const { id } = await create(`Task ${n}`)
    await call('task.complete', { id })
  }
  const inbox = await call('inbox.show', { limit: 2 })
  expect(titles(inbox).finished).toEqual(['Task 0', 'Task 1'])
  expect(inbox.counts.finished).toBe(5)
})

describe('S6: the number of what failed', () => {
  const numbers = async ({ call }: Setup) => {
    const { failed, failed_today } = await call('stats.show', {})
    const { tasks } = await call('task.list', {})
    expect(tasks.filter(hasFailed)).toHaveLength(failed)
    return [failed, failed_today]
  }

  it('counts tasks, however many attempts each took, and the filter shows the same tasks', async () => {
    const bundle = await setup()
    const [first, second] = [await bundle.create('First'), await bundle.create('Second')]
    for (const { id } of [first, first, second]) await fail(bundle, id)
    expect(await numbers(bundle)).toEqual([2, 3])
  })

  it('goes down with each task that succeeds, runs again, or is reassigned', async () => {
    const bundle = await setup()
    const { call, claim, create } = bundle
    const ids = []
    for (const title of ['Succeeds', 'Runs', 'Assigned', 'Archived']) ids.push((await create(title)).id)
    for (const id of ids) await fail(bundle, id)
    const [succeeds, runs, assigned, archived] = ids as [string, string, string, string]
    expect(await numbers(bundle)).toEqual([4, 4])
    await call('task.complete', { id: succeeds })
    expect(await numbers(bundle)).toEqual([3, 4])
    await call('task.retry', { id: runs })
    await claim(runs, 'coder')
    expect(await numbers(bundle)).toEqual([2, 4])
    await call('task.assign', { id: assigned, assignee: 'another' })
    expect(await numbers(bundle)).toEqual([1, 4])
    await call('task.archive', { id: archived })
    expect(await numbers(bundle)).toEqual([0, 4])
  })
})

it('lists a run that waits for an answer among the questions, with the question itself, until it is answered', async () => {
  const bundle = await setup()
  const { call, claim, create, show } = bundle
  const { id } = await create('Asks and keeps running')
  const { worker } = await claim(id)
  const ask = { id, title: 'Which colour?', options: ['red', 'blue'], timeout_seconds: 0 }
  await call('question.ask', ask, worker)
  await call('question.ask', { ...ask, title: 'Which size?' }, worker)

  const inbox = await call('inbox.show', {})

  expect(inbox.needs_you).toMatchObject([
    {
      group: 'questions',
      kind: 'question_asked',
      task: { id, status: 'running' },
      sentence: 'Waits for you: Which colour? And one more question.',
      question: { title: 'Which colour?', options: ['red', 'blue'], state: 'open' },
      unseen: true,
    },
  ])
  expect(inbox.counts).toMatchObject({ needs_you: 1, groups: { questions: 1 } })
  expect((await call('stats.show', {})).needs_me).toBe(1)
  const first = String(inbox.needs_you[0]?.question?.id)
  expect(await show(id)).toMatchObject({ why: { gate: 'question', action: `answer ${first} …` } })

  await call('question.answer', { question: first, option: 'red' })
  expect((await call('inbox.show', {})).needs_you).toMatchObject([{ question: { title: 'Which size?' } }])
  await call('question.answer', { question: id, option: 'blue' })
  expect((await call('inbox.show', {})).needs_you).toEqual([])
  expect(await show(id)).toMatchObject({ why: null })
})
