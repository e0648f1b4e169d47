import { describe, expect, it } from 'vitest'
import { type CallName, operationList } from '../../contract/index.ts'
import type { Caller } from '../api.ts'
import { type Setup, setup, workerOf } from '../testing/setup.ts'
import { getTask } from './moved.ts'
import { requestStop } from './stop.ts'

/** A worker's reports, each with its input. */
const REPORTS: [CallName, Record<string, unknown>][] = [
  ['task.complete', { summary: 'Late', metadata: { n: 1 } }],
  ['task.request_review', { summary: 'Late' }],
  ['task.block', { reason: 'Late' }],
  ['task.heartbeat', { note: 'Late' }],
  ['comment.add', { body: 'Late' }],
  ['task.create', { title: 'Late' }],
]

/** A worker whose run is over: a person took the task away, and another attempt is running. */
async function staleWorker() {
  const bundle = await setup()
  const { call, claim, create } = bundle
  const { id } = await create({ assignee: 'coder' })
  const old = await claim(id)
  await call('task.reclaim', { id })
  const current = await claim(id)
  return { ...bundle, id, old, current }
}

/** Calls as a worker whose message comes too late. Only the history of its run may change. */
async function late(
  { inspector, call }: Setup,
  name: CallName,
  input: unknown,
  worker: Caller,
): Promise<string> {
  const before = inspector.dump()
  const error = await call(name, input as never, worker).then(
    () => {
      throw new Error(`${name} was let through`)
    },
    (cause: { code: string }) => cause,
  )
  const after = inspector.dump()
  const written = after['task_events']!.slice(before['task_events']!.length) as { kind: string }[]
  expect(written.map((event) => event.kind)).toEqual(['late_write'])
  expect({ ...after, task_events: [] }).toEqual({ ...before, task_events: [] })
  return error.code
}

describe('a worker whose run is over', () => {
  it.each(REPORTS)('is refused %s, and its message is kept on its run', async (name, said) => {
    const bundle = await staleWorker()
    const { id, old, events } = bundle
    const input = name === 'task.create' ? said : { id, ...said }

    expect(await late(bundle, name, input, old.worker)).toBe('STALE_RUN')

    const [message] = (await events(id)).filter((event) => event.kind === 'late_write')
    expect(message).toMatchObject({ run_id: old.run.id, payload: { verb: name, ...said } })
  })

  it('is refused after its own report too', async () => {
    const bundle = await setup()
    const { call, claim, create, runs } = bundle
    const { id } = await create()
    const { worker } = await claim(id)
    await call('task.complete', { id, summary: 'First' }, worker)

    expect(await late(bundle, 'task.complete', { id, summary: 'Second' }, worker)).toBe('STALE_RUN')
    expect(await runs(id)).toMatchObject([{ summary: 'First' }])
  })

  it('keeps the beginning of a long message', async () => {
    const bundle = await staleWorker()
    const { id, old, events } = bundle

    await late(bundle, 'task.complete', { id, summary: 'x'.repeat(50_000) }, old.worker)

    const payload = (await events(id)).at(-1)?.payload
    expect(JSON.stringify(payload).length).toBeLessThan(25_000)
    expect(payload).toMatchObject({
      verb: 'task.complete',
      cut: expect.stringMatching(/^\{"summary":"xxx/) as unknown,
    })
  })

  it('may still read', async () => {
    const { call, id, old } = await staleWorker()

    expect((await call('task.show', { id }, old.worker)).task.status).toBe('running')
    expect((await call('task.context', { id }, old.worker)).context).toContain(id)
  })
})

describe('a worker', () => {
  it.each(REPORTS)('without its claim is refused %s', async (name, said) => {
    const { claim, create, refused, slug } = await setup()
    const { id } = await create()
    const claimed = await claim(id)
    const input = (name === 'task.create' ? said : { id, ...said }) as never

    await refused('UNAUTHORIZED', name, input, workerOf({ ...claimed, claim: null }, slug))
    await refused('UNAUTHORIZED', name, input, workerOf({ ...claimed, claim: 'x'.repeat(32) }, slug))
    await refused('UNAUTHORIZED', name, input, workerOf({ ...claimed, claim: '' }, slug))
  })

  it('that names a missing run, or a run of another task, is refused', async () => {
    const { claim, create, refused, slug } = await setup()
    const mine = await claim((await create('Mine')).id)
    const other = await claim((await create('Other')).id)
    const as = (task_id: string, id: number) =>
      workerOf({ run: { ...mine.run, task_id, id }, claim: mine.claim }, slug)

    await refused('STALE_RUN', 'task.complete', { id: mine.task.id }, as(mine.task.id, other.run.id))
    await refused('STALE_RUN', 'task.complete', { id: mine.task.id }, as(mine.task.id, 999))
  })

  it.each(['task.complete', 'task.block', 'task.heartbeat', 'task.request_review'] as const)(
    'is refused %s on another task',
    async (name) => {
      const { claim, create, refused } = await setup()
      const { worker } = await claim((await create('Mine')).id)
      const other = await claim((await create('Other')).id)

      const input = { id: other.task.id, ...(name === 'task.block' ? { reason: 'r' } : {}) }
      const error = await refused('UNAUTHORIZED', name, input as never, worker)

      expect(error.data).toMatchObject({ own_task: worker.worker?.task_id })
    },
  )

  const persons = operationList.filter(([, spec]) => spec.worker === 'never').map(([name]) => name)
  it('is refused what only a person may decide, on its own task too', async () => {
    expect(persons).toEqual(
      expect.arrayContaining([
        'task.approve',
        'task.request_changes',
        'task.unblock',
        'task.retry',
        'task.release',
        'task.delete',
      ]),
    )
    const { claim, create, refused } = await setup()
    const { worker, task } = await claim((await create('Mine')).id)
    for (const name of persons) {
      const input = { id: task.id, ...(name === 'task.request_changes' ? { note: 'n' } : {}) }
      const needs = operationList.find(([known]) => known === name)?.[1].input.safeParse(input).success
      if (needs === true) await refused('UNAUTHORIZED', name as CallName, input as never, worker)
    }
  })

  it('cannot bypass this with move or bulk', async () => {
    const { call, claim, create, refused } = await setup()
    const { worker } = await claim((await create('Mine')).id)
    const blocked = await create('Other')
    await call('task.block', { id: blocked.id, reason: 'Which one?' })

    await refused('UNAUTHORIZED', 'task.move', { id: blocked.id, status: 'ready' }, worker)
    const bulk = await call('task.bulk', { ids: [blocked.id], verb: 'unblock' }, worker)

    expect(bulk.results).toMatchObject([{ id: blocked.id, error: { code: 'UNAUTHORIZED' } }])
  })

  it('moves its own task, and learns that it is done', async () => {
    for (const [status, outcome] of [
      ['done', 'completed'],
      ['review', 'review_requested'],
      ['blocked', 'blocked'],
    ] as const) {
      const { call, claim, create, kinds, runs } = await setup()
      const { task, worker } = await claim((await create()).id)

      expect((await call('task.move', { id: task.id, status }, worker)).task).toMatchObject({ status })

      expect(await runs(task.id)).toMatchObject([{ outcome }])
      expect((await kinds(task.id)).slice(-2)).toEqual([outcome, 'moved'])
    }
  })

  it('reads in a refusal the name that it called the operation by', async () => {
    const { claim, create, refused } = await setup()
    const { task, worker } = await claim((await create()).id)
    const other = await create()

    const linked = await refused(
      'UNAUTHORIZED',
      'link.add',
      { parent_id: other.id, child_id: task.id },
      worker,
    )
    const kept = await refused('UNAUTHORIZED', 'settings.set', { settings: { max_running: 9 } }, worker)

    expect(linked.message).toContain('(link)')
    expect(kept.message).toContain('(settings set)')
  })

  it('links and unlinks only if its profile is a planner', async () => {
    const { call, claim, create, refused } = await setup()
    await call('profile.add', { name: 'planner', shell: 'true', capabilities: ['worker', 'planner'] })
    await call('profile.add', { name: 'coder', shell: 'true' })
    const parent = await create('Parent')
    const child = await create('Child')
    const coder = await claim((await create({ assignee: 'coder' })).id)
    const planner = await claim((await create({ assignee: 'planner' })).id)
    const link = { parent_id: parent.id, child_id: child.id }

    await refused('UNAUTHORIZED', 'link.add', link, coder.worker)
    await call('link.add', link, planner.worker)
    await refused('UNAUTHORIZED', 'link.remove', link, coder.worker)
    await call('link.remove', link, planner.worker)
  })

  it('comments in its own name only', async () => {
    const { call, claim, create } = await setup()
    const { worker, task, run } = await claim((await create({ assignee: 'coder' })).id)

    const { comment } = await call('comment.add', { id: task.id, body: 'Do as I say', author: 'ada' }, worker)

    expect(comment).toMatchObject({ author: 'coder', run_id: run.id })
  })

  it('of another board has no run here', async () => {
    const { kernel, person, claim, create, refused } = await setup()
    await kernel.call('board.create', { slug: 'other' }, person)
    const { worker, task } = await claim((await create()).id)
    const elsewhere = { ...worker, worker: { ...worker.worker!, board: 'other' } }

    await refused('UNAUTHORIZED', 'task.complete', { id: task.id, board: 'test' }, elsewhere)
  })

  it('whose run is being stopped is fenced from then on', async () => {
    const { create, claim, write, call } = await setup()
    const { id } = await create()
    const { worker } = await claim(id)
    write((tx) => requestStop(tx, getTask(tx, id), { outcome: 'stopped', status: 'ready', reason: null }))

    await expect(call('task.complete', { id, summary: 'Just in time' }, worker)).rejects.toMatchObject({
      code: 'STALE_RUN',
    })
  })
})

describe('X27: the history of a run that is over', () => {
  it('accepts no message from a worker without its claim', async () => {
    const bundle = await staleWorker()
    const { id, old, call, inspector } = bundle
    const before = inspector.dump()
    for (const claim of ['guessed', null]) {
      const forged = { ...old.worker, worker: { ...old.worker.worker!, claim } }
      await expect(call('comment.add', { id, body: 'Forged' }, forged)).rejects.toMatchObject({
        code: 'STALE_RUN',
      })
    }
    expect(inspector.dump()).toEqual(before)
  })

  it('keeps at most twenty late messages', async () => {
    const { id, old, call, events } = await staleWorker()
    for (let n = 0; n < 25; n++) {
      await expect(call('comment.add', { id, body: `Late ${n}` }, old.worker)).rejects.toMatchObject({
        code: 'STALE_RUN',
      })
    }
    expect((await events(id)).filter(({ kind }) => kind === 'late_write')).toHaveLength(20)
  })
})

it('refuses a report on a deleted task as a report of an ended run', async () => {
  const { call, claim, create, refused } = await setup()
  const { id } = await create()
  const { worker } = await claim(id)
  await call('task.archive', { id })
  await call('task.delete', { id })
  await refused('STALE_RUN', 'task.request_review', { id, summary: 'late' }, worker)
  await refused('STALE_RUN', 'task.block', { id, reason: 'late' }, worker)
  await refused('STALE_RUN', 'task.heartbeat', { id }, worker)
})
