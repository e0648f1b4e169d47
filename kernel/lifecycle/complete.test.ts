import { describe, expect, it } from 'vitest'
import { failOpenRun, taskIn } from '../testing/factories.ts'
import { setup } from '../testing/setup.ts'

describe('completing an unclaimed task', () => {
  it.each(['ready', 'review', 'blocked'] as const)(
    'that is %s writes a run that carries its handoff',
    async (from) => {
      const bundle = await setup()
      const { call, clock, runs, events } = bundle
      const { id } = await taskIn(bundle, from, { assignee: 'coder', current_step_key: 'draft' })
      const before = (await runs(id)).length
      clock.advance(500)

      const { run } = await call('task.complete', { id, summary: 'By hand', metadata: { files: [] } })

      expect(run).toMatchObject({
        attempt: before + 1,
        profile: 'coder',
        step_key: 'draft',
        trigger: 'human',
        outcome: 'completed',
        summary: 'By hand',
        metadata: { files: [] },
        started_at: clock.now,
        ended_at: clock.now,
        worker_pid: null,
      })
      expect((await events(id)).at(-1)).toMatchObject({ kind: 'completed', run_id: run?.id })
    },
  )

  it('without summary, metadata or result writes no run', async () => {
    const { call, create, runs, events } = await setup()
    const { id } = await create()

    const answer = await call('task.complete', { id, summary: ' ', result: '\n\t' })

    expect(answer.run).toBeUndefined()
    expect(await runs(id)).toEqual([])
    expect((await events(id)).at(-1)).toMatchObject({
      kind: 'completed',
      run_id: null,
      payload: { summary: null },
    })
  })

  it('with only a result writes a run, and so does a block with its reason', async () => {
    const { call, create, runs } = await setup()
    const { id } = await create()
    await call('task.block', { id, reason: 'Which one?' })
    await call('task.complete', { id, result: '42' })

    expect((await runs(id)).map(({ attempt, outcome, summary }) => ({ attempt, outcome, summary }))).toEqual([
      { attempt: 1, outcome: 'blocked', summary: 'Which one?' },
      { attempt: 2, outcome: 'completed', summary: '42' },
    ])
  })
})

describe('a completion is refused for', () => {
  it('open parents, and names them', async () => {
    const { clock, create, refused } = await setup()
    const one = await create('Lay the ground')
    clock.advance(1)
    const two = await create('Bring the bricks')
    const { id } = await create({ title: 'Build', parents: [one.id, two.id] })

    const error = await refused('CONFLICT', 'task.complete', { id, summary: 'Done' })

    expect(error.message).toContain('Lay the ground')
    expect(error.message).toContain('Bring the bricks')
    expect(error.data).toMatchObject({ open_parents: [one.id, two.id] })
  })

  it.each([['text'], [['list']], [12], [true]])('metadata that is not an object: %j', async (metadata) => {
    const { create, claim, refused } = await setup()
    const { id } = await create()
    const { worker } = await claim(id)

    await refused('INVALID_INPUT', 'task.complete', { id, metadata: metadata as never }, worker)
  })
})

describe('review', () => {
  it('ends the run and waits for a person to approve it', async () => {
    const bundle = await setup()
    const { call, create, claim, clock, runs, kinds, task } = bundle
    const { id } = await create()
    const child = await create({ parents: [id] })
    const { worker } = await claim(id)

    await call('task.request_review', { id, summary: 'Please look', metadata: { diff: 1 } }, worker)
    expect(await task(id)).toMatchObject({ status: 'review', current_run_id: null, completed_at: null })
    expect(await task(child.id)).toMatchObject({ status: 'todo' })
    clock.advance(10)
    await call('task.approve', { id, note: 'Well done' })

    expect(await task(id)).toMatchObject({ status: 'done', completed_at: clock.now })
    expect(await runs(id)).toMatchObject([
      { outcome: 'review_requested', summary: 'Please look', metadata: { diff: 1 } },
    ])
    expect(await task(child.id)).toMatchObject({ status: 'ready' })
    expect(await kinds(id)).toEqual(['created', 'claimed', 'review_requested', 'approved'])
  })

  it('sends the task back with a note that the next attempt reads', async () => {
    const bundle = await setup()
    const { call, kinds, task } = bundle
    const { id } = await taskIn(bundle, 'review')

    await call('task.request_changes', { id, note: 'Name the columns' })

    expect(await task(id)).toMatchObject({ status: 'ready' })
    expect((await kinds(id)).at(-1)).toBe('changes_requested')
    const { context } = await call('task.context', { id })
    expect(context).toMatch(/Changes were requested \(ada[^]*> Name the columns/)
  })

  it.each(['', '  \n'])('cannot send the task back without a note: %j', async (note) => {
    const bundle = await setup()
    const { id } = await taskIn(bundle, 'review')

    await bundle.refused('INVALID_INPUT', 'task.request_changes', { id, note })
  })

  it('clears the failure count', async () => {
    const bundle = await setup()
    const { create, claim, call, task } = bundle
    const { id } = await create()
    await claim(id)
    failOpenRun(bundle, id)
    expect(await task(id)).toMatchObject({ consecutive_failures: 1, last_failure_error: 'It exited with 1.' })
    const { worker } = await claim(id)

    await call('task.request_review', { id }, worker)

    expect(await task(id)).toMatchObject({ consecutive_failures: 0, last_failure_error: null })
  })
})

describe('an edit of a finished task', () => {
  async function finished() {
    const bundle = await setup()
    const { create, claim, call } = bundle
    const { id } = await create()
    const { worker } = await claim(id)
    await call('task.complete', { id, summary: 'First words', metadata: { a: 1 }, result: 'old' }, worker)
    return { ...bundle, id }
  }

  it('changes its result and the handoff of the run that completed it', async () => {
    const { call, id, runs, task, events } = await finished()

    await call('task.edit', { id, result: 'new', summary: 'Better words', metadata: { b: 2 } })

    expect(await task(id)).toMatchObject({ status: 'done', result: 'new' })
    expect(await runs(id)).toMatchObject([{ attempt: 1, summary: 'Better words', metadata: { b: 2 } }])
    expect((await events(id)).at(-1)).toMatchObject({
      kind: 'edited',
      run_id: null,
      payload: { fields: ['result', 'summary', 'metadata'] },
    })
  })

  it('leaves unnamed fields unchanged', async () => {
    const { call, id, runs, task } = await finished()

    await call('task.edit', { id, metadata: { b: 2 } })

    expect(await task(id)).toMatchObject({ result: 'old' })
    expect(await runs(id)).toMatchObject([{ summary: 'First words', metadata: { b: 2 } }])
  })

  it('sets the run’s summary to the new result, as a completion does', async () => {
    const { call, id, runs } = await finished()

    await call('task.edit', { id, result: 'new' })

    expect(await runs(id)).toMatchObject([{ summary: 'new', metadata: { a: 1 } }])
  })

  it('clears a field that is given as null', async () => {
    const { call, id, runs, task } = await finished()

    await call('task.edit', { id, summary: null })
    expect(await runs(id)).toMatchObject([{ summary: null, metadata: { a: 1 } }])

    await call('task.edit', { id, metadata: null, result: null })
    expect(await task(id)).toMatchObject({ result: null })
    expect(await runs(id)).toMatchObject([{ summary: null, metadata: null }])
  })

  it('writes a run that carries it if there is none', async () => {
    const bundle = await setup()
    const { id } = await taskIn(bundle, 'done')

    const { run } = await bundle.call('task.edit', { id, summary: 'Looked at it' })

    expect(run).toMatchObject({ attempt: 1, outcome: 'completed', summary: 'Looked at it' })
  })

  it.each(['ready', 'running', 'review', 'blocked', 'archived'] as const)(
    'is refused on a %s task',
    async (status) => {
      const bundle = await setup()
      const { id } = await taskIn(bundle, status)

      await bundle.refused('CONFLICT', 'task.edit', { id, result: 'new', title: 'Not this either' })
    },
  )
})

describe('reopen', () => {
  it('reopens a done task, and children that have not started wait for it', async () => {
    const bundle = await setup()
    const { call, claim, create, kinds, task } = bundle
    const parent = await create('Parent')
    const waiting = await create({ parents: [parent.id] })
    const started = await create({ parents: [parent.id] })
    await call('task.complete', { id: parent.id, result: 'kept' })
    await claim(started.id)

    await call('task.reopen', { id: parent.id, note: 'The tests were red' })

    expect(await task(parent.id)).toMatchObject({ status: 'ready', completed_at: null, result: 'kept' })
    expect(await task(waiting.id)).toMatchObject({ status: 'todo', ready_at: null })
    expect(await kinds(waiting.id)).toEqual(['created', 'linked', 'promoted', 'demoted'])
    expect(await task(started.id)).toMatchObject({ status: 'running' })
    expect((await call('task.context', { id: parent.id })).context).toContain('> The tests were red')
  })

  it('puts a child that was still running into todo at its end, where it waits again', async () => {
    const bundle = await setup()
    const { call, claim, create, task } = bundle
    const parent = await create('Parent')
    const child = await create({ parents: [parent.id] })
    await call('task.complete', { id: parent.id })
    await claim(child.id)
    await call('task.reopen', { id: parent.id })

    await call('task.reclaim', { id: child.id })

    expect(await task(child.id)).toMatchObject({ status: 'todo' })
  })
})
