import { describe, expect, it } from 'vitest'
import type { OperationInput, Question } from '../../contract/index.ts'
import type { Caller } from '../api.ts'
import * as questions from '../tables/questions.ts'
import * as taskRuns from '../tables/task-runs.ts'
import { type Setup, setup } from '../testing/setup.ts'
import { getTask } from './moved.ts'
import { blockUnanswered } from './questions.ts'
import { requestStop } from './stop.ts'

type Fields = Partial<OperationInput<'question.ask'>>

/** A running task with a question on its run. No call waits for the answer. */
async function asked(
  bundle: Setup,
  fields: Fields = {},
): Promise<{ id: string; worker: Caller; question: Question }> {
  const { id } = await bundle.create()
  const { worker } = await bundle.claim(id)
  const question = await askAgain(bundle, { id, worker }, fields)
  return { id, worker, question }
}

async function askAgain(
  { call }: Setup,
  { id, worker }: { id: string; worker: Caller },
  fields: Fields = {},
): Promise<Question> {
  const input = { id, title: 'Which one?', timeout_seconds: 0, ...fields }
  return (await call('question.ask', input, worker)).question
}

const named = ({ id }: Question) => String(id)

describe('a question', () => {
  it('leaves its task running, and has the answer of a person', async () => {
    const bundle = await setup()
    const { call, kinds, task } = bundle
    const { id, question } = await asked(bundle, { options: ['A, with a comma', 'B'] })
    expect(await task(id)).toMatchObject({ status: 'running' })
    expect((await call('question.list', {})).questions).toEqual([question])

    const answered = await call('question.answer', {
      question: id,
      option: 'A, with a comma',
      text: 'why not',
    })

    expect(answered.question).toMatchObject({
      state: 'answered',
      answered_by: 'ada',
      answer: { option: 'A, with a comma', text: 'why not', form: null },
    })
    expect(await task(id)).toMatchObject({ status: 'running' })
    expect((await call('question.list', {})).questions).toEqual([])
    expect((await kinds(id)).slice(-2)).toEqual(['question_asked', 'question_answered'])
  })

  it('can be answered only once', async () => {
    const bundle = await setup()
    const { question } = await asked(bundle)
    await bundle.call('question.answer', { question: named(question), text: 'This' })
    const error = await bundle.refused('CONFLICT', 'question.answer', {
      question: named(question),
      text: 'That',
    })
    expect(error.message).toContain('was answered by ada')
  })

  it('is not for workers to answer', async () => {
    const bundle = await setup()
    const { question, worker } = await asked(bundle)
    await bundle.refused('UNAUTHORIZED', 'question.answer', { question: named(question), text: 'Me' }, worker)
  })

  it.each<[string, Fields, Record<string, unknown>, string]>([
    ['another option', { options: ['A', 'B'] }, { option: 'C' }, 'one of its options as its answer: A, B'],
    ['free text in place of an option', { options: ['A', 'B'] }, { text: 'Perhaps' }, 'one of its options'],
    ['an option where there are none', {}, { option: 'A' }, 'needs a text as its answer'],
    ['nothing', {}, {}, 'needs a text as its answer'],
    ['a form where there is none', {}, { form: {} }, 'has no form'],
    [
      'a form that does not fit its schema',
      { form: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] } },
      { form: { n: 'many' } },
      'The form does not fit its schema: n:',
    ],
  ])('refuses %s', async (_name, fields, answer, words) => {
    const bundle = await setup()
    const { question } = await asked(bundle, fields)
    const input = { question: named(question), ...answer }
    const error = await bundle.refused('INVALID_INPUT', 'question.answer', input)
    expect(error.message).toContain(words)
  })

  it('takes a form that fits its schema', async () => {
    const bundle = await setup()
    const { question } = await asked(bundle, {
      form: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
    })
    expect(question).toMatchObject({ kind: 'form' })
    const answered = await bundle.call('question.answer', { question: named(question), form: { n: 3 } })
    expect(answered.question.answer).toEqual({ option: null, text: null, form: { n: 3 } })
  })

  it('takes the text of an option as its choice', async () => {
    const bundle = await setup()
    const { question } = await asked(bundle, { options: ['yes', 'no'] })
    const answered = await bundle.call('question.answer', { question: named(question), text: 'no' })
    expect(answered.question.answer).toEqual({ option: 'no', text: null, form: null })
  })

  it('is refused with an unusable JSON Schema', async () => {
    const bundle = await setup()
    const { id } = await bundle.create()
    const { worker } = await bundle.claim(id)
    const ask = (form: Record<string, string>) =>
      bundle.refused('INVALID_INPUT', 'question.ask', { id, title: 'Fill in', form }, worker)
    await ask({ type: 'string' })
    await ask({ type: 'object', $ref: 'https://example.org/none' })
  })

  it('needs a running task', async () => {
    const bundle = await setup()
    const { id } = await bundle.create()
    const error = await bundle.refused('CONFLICT', 'question.ask', { id, title: 'Anybody?' })
    expect(error.message).toContain('is ready; only the worker of a running task can ask')
  })
})

describe('when several questions are open', () => {
  it('refuses a task id, because it is ambiguous', async () => {
    const bundle = await setup()
    const { id, worker, question } = await asked(bundle)
    const second = await askAgain(bundle, { id, worker }, { title: 'And this?' })
    const error = await bundle.refused('CONFLICT', 'question.answer', { question: id, text: 'Yes' })
    expect(error.message).toContain(`Name one: ${question.id}, ${second.id}`)
    await bundle.call('question.answer', { question: named(second), text: 'Yes' })
    await bundle.call('question.answer', { question: id, text: 'The first' })
  })

  it('limits them to twenty for a run', async () => {
    const bundle = await setup()
    const { id, worker } = await asked(bundle)
    for (let n = 1; n < 20; n++) await askAgain(bundle, { id, worker })
    const again = { id, title: 'One more?', timeout_seconds: 0 }
    await bundle.refused('CONFLICT', 'question.ask', again, worker)
  })
})

it('lists leave out a diff and a long input, which show has', async () => {
  const bundle = await setup()
  const form = { type: 'object', properties: { why: { type: 'string', description: 'x'.repeat(20_000) } } }
  const big = { form, diff: '-a\n+b' }
  const { id, question } = await asked(bundle, big)
  const { call } = bundle
  const cut = { input: null, diff: null, has_diff: true, is_cut: true }
  expect((await call('question.list', {})).questions).toMatchObject([cut])
  expect((await call('task.show', { id })).questions).toMatchObject([cut])
  const inbox = await call('inbox.show', {})
  expect(JSON.stringify(inbox)).not.toContain('xxxx')
  const shown = await call('question.show', { question_id: question.id })
  expect(shown.question).toEqual(question)
  expect(shown.question).toMatchObject({ input: form, diff: big.diff, is_cut: false })
})

it('limits the questions of a run to a thousand in all', async () => {
  const bundle = await setup()
  const { id, worker } = await asked(bundle)
  bundle.write((tx) => {
    const run_id = tx.get(taskRuns.newestOf, { task_id: id })?.id ?? 0
    const blank = { run_id, kind: 'text' as const, title: 'More?', input: null, diff: null, options: '[]' }
    for (let n = 1; n < 1000; n++) tx.returning(questions.insert, { ...blank, now: tx.now })
  })
  const again = { id, title: 'One more?', timeout_seconds: 0 }
  const error = await bundle.refused('CONFLICT', 'question.ask', again, worker)
  expect(error.message).toContain('has asked 1000 questions')
})

it('shows an open question with its task, however many were asked after it', async () => {
  const bundle = await setup()
  const { id, question } = await asked(bundle)
  bundle.write((tx) => {
    const run_id = tx.get(taskRuns.newestOf, { task_id: id })?.id ?? 0
    const blank = { run_id, kind: 'text' as const, title: 'More?', input: null, diff: null, options: '[]' }
    const answer = JSON.stringify({ option: null, text: 'Yes', form: null })
    for (let n = 0; n < 150; n++) {
      const later = tx.returning(questions.insert, { ...blank, now: tx.now })
      tx.returning(questions.setAnswer, { id: later?.id ?? 0, now: tx.now, answer, by: 'ada' })
    }
  })
  const shown = (await bundle.call('task.show', { id })).questions
  expect(shown).toHaveLength(101)
  expect(shown[0]).toMatchObject({ id: question.id, state: 'open' })
  expect(shown.map((one) => one.id)).toEqual(shown.map((one) => one.id).sort((a, b) => a - b))
})

describe('a question is withdrawn', () => {
  it.each<[string, (bundle: Setup, id: string, worker: Caller) => Promise<unknown>]>([
    ['completes', ({ call }, id, worker) => call('task.complete', { id }, worker)],
    ['blocks', ({ call }, id, worker) => call('task.block', { id, reason: 'Stuck' }, worker)],
    ['is stopped', ({ call }, id) => call('task.stop', { id })],
    ['is archived', ({ call }, id) => call('task.archive', { id })],
    ['is reclaimed', ({ call }, id) => call('task.reclaim', { id })],
  ])('when its run %s', async (_name, end) => {
    const bundle = await setup()
    const { id, worker } = await asked(bundle)
    await end(bundle, id, worker)
    const { questions } = await bundle.call('question.list', { task_id: id, all: true })
    expect(questions).toMatchObject([{ state: 'withdrawn', withdrawn_why: 'run_ended' }])
    expect(await bundle.kinds(id)).toContain('question_withdrawn')
  })

  it('by its worker, and by no other worker', async () => {
    const bundle = await setup()
    const { question, worker } = await asked(bundle)
    const other = await asked(bundle)
    const input = { question_id: question.id }
    await bundle.refused('UNAUTHORIZED', 'question.withdraw', input, other.worker)
    const withdrawn = await bundle.call('question.withdraw', input, worker)
    expect(withdrawn.question).toMatchObject({ state: 'withdrawn', withdrawn_why: 'withdrawn' })
    await bundle.refused('CONFLICT', 'question.withdraw', input, worker)
  })
})

it('keeps an answer after the end of the run as a late write, with advice', async () => {
  const bundle = await setup()
  const { id, question, worker } = await asked(bundle)
  await bundle.call('task.block', { id, reason: 'Stuck' }, worker)
  const late = bundle.call('question.answer', { question: named(question), text: 'Too late' })
  await expect(late).rejects.toMatchObject({
    code: 'STALE_RUN',
    message: expect.stringContaining(`unblock ${id}`),
  })
  const events = await bundle.events(id)
  expect(events.at(-1)).toMatchObject({
    kind: 'late_write',
    run_id: question.run_id,
    payload: { text: 'Too late' },
  })
})

it('refuses a question of a worker whose run has ended', async () => {
  const bundle = await setup()
  const { id, worker } = await asked(bundle)
  await bundle.call('task.stop', { id })
  await expect(bundle.call('question.ask', { id, title: 'Hello?' }, worker)).rejects.toMatchObject({
    code: 'STALE_RUN',
  })
})

describe('while a person stops its run', () => {
  it('a question is withdrawn, and the limit of waiting changes nothing', async () => {
    const bundle = await setup()
    const { id, question } = await asked(bundle)
    bundle.write((tx) => requestStop(tx, getTask(tx, id), ARCHIVED))
    const { questions } = await bundle.call('question.list', { task_id: id, all: true })
    expect(questions).toMatchObject([{ withdrawn_why: 'run_ended' }])
    expect(bundle.write((tx) => blockUnanswered(tx, question.id, null))).toBeNull()
    expect(await bundle.task(id)).toMatchObject({ status: 'running', block_reason: null })
    const error = await bundle.refused('CONFLICT', 'question.ask', { id, title: 'And this?' })
    expect(error.message).toContain('is being stopped')
  })

  it('the limit of waiting leaves a question alone that is still open', async () => {
    const bundle = await setup()
    const { id, question } = await asked(bundle)
    const run = bundle.write((tx) => tx.get(taskRuns.newestOf, { task_id: id }))
    const wanted = { outcome: 'stopped', status: 'archived', actor: 'ada', reason: null } as const
    bundle.write((tx) => tx.returning(taskRuns.requestStop, { id: run?.id ?? 0, now: tx.now, ...wanted }))
    expect(bundle.write((tx) => blockUnanswered(tx, question.id, null))).toBeNull()
    const shown = bundle.write((tx) => tx.get(taskRuns.newestOf, { task_id: id }))
    expect(shown).toMatchObject({ ended_at: null, stop_status: 'archived', stop_outcome: 'stopped' })
  })
})

const ARCHIVED = { outcome: 'reclaimed', status: 'archived', reason: null } as const

describe('the limit of waiting runs', () => {
  it('turns a new question into a block at once', async () => {
    const bundle = await setup()
    const { call, task } = bundle
    await call('board.set', { slug: 'test', settings: { max_waiting: 2 } })
    const first = await asked(bundle)
    await asked(bundle)
    // A run that waits already may ask more.
    expect(await askAgain(bundle, first)).toMatchObject({ state: 'open' })

    const third = await asked(bundle, { options: ['A', 'B'] })

    expect(third.question).toMatchObject({ state: 'blocked' })
    expect(await task(third.id)).toMatchObject({
      status: 'blocked',
      block_kind: 'needs_input',
      block_reason: 'Which one?\nOptions: A, B',
    })
  })

  it('is ten unless the board says otherwise', async () => {
    const bundle = await setup()
    for (let n = 0; n < 10; n++) expect((await asked(bundle)).question.state).toBe('open')
    expect((await asked(bundle)).question.state).toBe('blocked')
  })
})

it('puts the answer to a question that became a block into the context of the next attempt', async () => {
  const bundle = await setup()
  await bundle.call('board.set', { slug: 'test', settings: { max_waiting: 0 } })
  const { id } = await asked(bundle)
  await bundle.call('task.unblock', { id, answer: 'The blue one' })
  const { context } = await bundle.call('task.context', { id })
  expect(context).toContain('Which one?')
  expect(context).toContain('The blue one')
})
