import { describe, expect, it } from 'vitest'
import type { Caller } from '../api.ts'
import { openKernel } from '../kernel.ts'
import { cleanUp, type Setup, setup, until } from '../testing/setup.ts'

async function running(bundle: Setup): Promise<{ id: string; worker: Caller }> {
  const { id } = await bundle.create()
  return { id, worker: (await bundle.claim(id)).worker }
}

const openQuestion = ({ call }: Setup) =>
  until(async () => (await call('question.list', {})).questions[0], 'an open question')

describe('a worker that asks', () => {
  it('waits until a person answers', async () => {
    const bundle = await setup()
    const { id, worker } = await running(bundle)
    const waiting = bundle.call('question.ask', { id, title: 'Which?' }, worker)
    await openQuestion(bundle)
    await bundle.call('question.answer', { question: id, text: 'That' })
    expect((await waiting).question).toMatchObject({ state: 'answered', answer: { text: 'That' } })
  })

  it('gets an answer that another process gives', async () => {
    const bundle = await setup()
    const { id, worker } = await running(bundle)
    const waiting = bundle.call('question.ask', { id, title: 'Which?' }, worker)
    await openQuestion(bundle)
    const other = openKernel({ home: bundle.home, clock: () => bundle.clock.now })
    cleanUp(() => other.close())
    await other.call('question.answer', { question: id, text: 'From elsewhere' }, bundle.person)
    expect((await waiting).question).toMatchObject({ answer: { text: 'From elsewhere' } })
  })

  it('stops waiting when its run ends', async () => {
    const bundle = await setup()
    const { id, worker } = await running(bundle)
    const waiting = bundle.call('question.ask', { id, title: 'Which?' }, worker)
    await openQuestion(bundle)
    await bundle.call('task.stop', { id })
    expect((await waiting).question).toMatchObject({ state: 'withdrawn', withdrawn_why: 'run_ended' })
  })

  it('withdraws the question after its timeout', async () => {
    const bundle = await setup()
    const { id, worker } = await running(bundle)
    const { question } = await bundle.call(
      'question.ask',
      { id, title: 'Quick?', timeout_seconds: 1 },
      worker,
    )
    expect(question).toMatchObject({ state: 'withdrawn', withdrawn_why: 'timeout' })
  })

  it('withdraws the question when it disconnects', async () => {
    const bundle = await setup()
    const { id, worker } = await running(bundle)
    const leaving = new AbortController()
    const waiting = bundle.call(
      'question.ask',
      { id, title: 'Which?' },
      { ...worker, signal: leaving.signal },
    )
    await openQuestion(bundle)
    leaving.abort()
    expect((await waiting).question).toMatchObject({ state: 'withdrawn', withdrawn_why: 'withdrawn' })
  })
})

it('keeps the question open when the waiting process ends, and gives the answer to the next one', async () => {
  const bundle = await setup()
  const { id, worker } = await running(bundle)
  const first = openKernel({ home: bundle.home, clock: () => bundle.clock.now })
  const waiting = first.call('question.ask', { id, title: 'Which?' }, worker)
  const ended = expect(waiting).rejects.toMatchObject({ code: 'BUSY' })
  const { id: question_id } = await openQuestion(bundle)
  await first.close()
  await ended
  expect(await openQuestion(bundle)).toMatchObject({ id: question_id, state: 'open' })

  const again = bundle.call('question.wait', { question_id }, worker)
  await bundle.call('question.answer', { question: id, text: 'Still here' })
  expect((await again).question).toMatchObject({ answer: { text: 'Still here' } })
})
