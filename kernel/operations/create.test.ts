import { describe, expect, it } from 'vitest'
import type { OperationInput } from '../../contract/index.ts'
import { giveProject } from '../testing/give-project.ts'
import { startProgram } from '../testing/processes.ts'
import { taskIn } from '../testing/factories.ts'
import { setup } from '../testing/setup.ts'

type Input = Partial<OperationInput<'task.create'>>

describe('create', () => {
  it('keeps every field, trimmed, and missing ones as null', async () => {
    const bundle = await setup()
    const { call, clock, events } = bundle
    await giveProject(bundle)
    const full: Input = {
      body: '  # Heading\n',
      assignee: ' Coder ',
      priority: -3,
      tenant: ' acme ',
      held: true,
      not_before_at: clock.now + 5,
      workspace: 'worktree:/work/./tree',
      branch: 'fix/parser',
      base_ref: 'main',
      max_runtime_seconds: 90,
      max_retries: 2,
      skills: ['a', ' b ', 'a'],
      model: 'opus',
      verify_command: 'npm test',
      idempotency_key: 'k',
      workflow_template_id: 'w',
      current_step_key: 's',
    }

    const { task, created } = await call('task.create', { title: '  Fix  the parser ', ...full })

    expect(created).toBe(true)
    expect(task).toMatchObject({
      id: expect.stringMatching(/^t_[0-9a-f]{8}$/) as string,
      title: 'Fix  the parser',
      body: '# Heading',
      status: 'ready',
      assignee: 'coder',
      priority: -3,
      tenant: 'acme',
      created_by: 'ada',
      created_at: clock.now,
      updated_at: clock.now,
      ready_at: clock.now,
      held: true,
      not_before_at: clock.now + 5,
      workspace_kind: 'worktree',
      workspace_path: '/work/tree',
      branch: 'fix/parser',
      base_ref: 'main',
      max_runtime_seconds: 90,
      max_retries: 2,
      skills: ['a', 'b'],
      model: 'opus',
      verify_command: 'npm test',
      idempotency_key: 'k',
      workflow_template_id: 'w',
      current_step_key: 's',
    })
    const bare = await call('task.create', { title: 'Bare', workspace: 'scratch' })
    const absent = Object.entries(bare.task).filter(([, value]) => value === undefined)
    expect(absent).toEqual([])
    expect(bare.task).toMatchObject({
      body: null,
      assignee: null,
      skills: [],
      held: false,
      workspace_kind: 'scratch',
    })
    expect((await events(task.id))[0]).toMatchObject({
      kind: 'created',
      run_id: null,
      payload: { status: 'ready', assignee: 'coder', tenant: 'acme' },
    })
  })

  it('treats blank text as missing', async () => {
    const { create } = await setup()

    const task = await create({
      body: ' ',
      tenant: '\t',
      model: '',
      idempotency_key: '  ',
      verify_command: '\n',
    })

    expect(task).toMatchObject({
      body: null,
      tenant: null,
      model: null,
      idempotency_key: null,
      verify_command: null,
    })
  })

  it.each([
    ['no title', { title: undefined }],
    ['a blank title', { title: ' \n' }],
    ['a title that is not text', { title: 7 }],
    ['a title that is too long', { title: 'x'.repeat(501) }],
    ['a title with control characters', { title: 'a\u0000b' }],
    ['half a character', { title: 'a\ud800' }],
    ['a body over its limit', { body: 'x'.repeat(1_000_001) }],
    ['a fraction as priority', { priority: 1.5 }],
    ['a priority without end', { priority: Infinity }],
    ['no whole number of seconds', { max_runtime_seconds: 0 }],
    ['no retries at all', { max_retries: 0 }],
    ['a time before 1970', { not_before_at: -1 }],
    ['a workspace of an unknown kind', { workspace: 'cloud' }],
    ['a folder without a path', { workspace: 'dir:' }],
    ['a relative folder', { workspace: 'dir:work' }],
    ['a branch without a worktree', { branch: 'fix' }],
    ['a skill with a comma', { skills: ['a,b'] }],
    ['an assignee that is not a name', { assignee: '../x' }],
    ['a parent’s workspace without a parent', { workspace: 'parent' }],
    ['a field that there is not', { colour: 'red' }],
    ['a path as board', { board: '../other' }],
  ])('is refused with %s', async (_name, given) => {
    const { refused } = await setup()

    await refused('INVALID_INPUT', 'task.create', { title: 'x', ...given } as never)
  })

  it('by a worker is recorded as the work of its run', async () => {
    const { call, claim, create, events } = await setup()
    const { worker, run } = await claim((await create({ assignee: 'planner' })).id)

    const { task } = await call('task.create', { title: 'Part one' }, worker)

    expect(task.created_by).toBe('planner')
    expect((await events(task.id))[0]?.payload).toMatchObject({ by_run: run.id })
  })
})

describe('an idempotency key', () => {
  it('returns the task that has it, and changes nothing', async () => {
    const { call, create, inspector } = await setup()
    const first = await create({ title: 'First', idempotency_key: 'nightly' })
    const before = inspector.dump()

    const again = await call('task.create', { title: 'Second', idempotency_key: ' nightly ' })

    expect(again).toMatchObject({ created: false, task: { id: first.id, title: 'First' } })
    expect(inspector.dump()).toEqual(before)
  })

  it('is free again once its task is archived; that task then cannot be restored', async () => {
    const bundle = await setup()
    const { call, refused } = bundle
    const old = await taskIn(bundle, 'archived', { idempotency_key: 'nightly' })
    const { task, created } = await call('task.create', { title: 'New', idempotency_key: 'nightly' })
    expect(created).toBe(true)

    const error = await refused('CONFLICT', 'task.restore', { id: old.id })

    expect(error.data).toMatchObject({ other: task.id })
  })

  it('creates one task when four processes race', async () => {
    const { call, home } = await setup({ clock: 'real' })
    const writers = Array.from({ length: 4 }, (_, n) =>
      startProgram('create-keyed.ts', [home, 'w' + String(n), '25']),
    )

    const ends = await Promise.all(writers.map((writer) => writer.ended))

    expect(ends.map(({ code, output }) => ({ code, output: output.split('\n').length }))).toEqual(
      ends.map(() => ({ code: 0, output: 26 })),
    )
    expect(new Set(ends.map((end) => end.output)).size).toBe(1)
    expect((await call('task.list', {})).tasks).toHaveLength(25)
  })
})

describe('created cards', () => {
  async function planner() {
    const bundle = await setup()
    const { claim, create } = bundle
    const claimed = await claim((await create({ assignee: 'planner' })).id)
    return { ...bundle, ...claimed, id: claimed.task.id }
  }

  it('are accepted if this run created them or they wait for its task', async () => {
    const { call, create, events, id, worker } = await planner()
    const made = (await call('task.create', { title: 'Part' }, worker)).task
    const child = await create({ title: 'By a person', parents: [id] })

    await call('task.complete', { id, created_cards: [made.id, child.id] }, worker)

    expect((await events(id)).at(-1)?.payload).toMatchObject({ created_cards: [made.id, child.id] })
  })

  it('that are missing, or belong to another run, refuse the completion and are recorded', async () => {
    const { call, create, events, id, run, worker } = await planner()
    const other = await create('Of another creator')
    const made = (await call('task.create', { title: 'Part' }, worker)).task

    await expect(
      call(
        'task.complete',
        { id, summary: 'Planned', created_cards: [made.id, 't_00000000', other.id] },
        worker,
      ),
    ).rejects.toMatchObject({ code: 'UNKNOWN_CARDS', data: { unknown: ['t_00000000', other.id] } })

    expect((await events(id)).at(-1)).toMatchObject({
      kind: 'cards_rejected',
      run_id: run.id,
      payload: { unknown: ['t_00000000', other.id] },
    })
    await call('task.complete', { id, summary: 'Planned', created_cards: [made.id] }, worker)
  })

  it('of a person only have to exist', async () => {
    const { call, create, refused } = await setup()
    const one = await create()
    const two = await create()

    await expect(call('task.complete', { id: one.id, created_cards: ['t_00000000'] })).rejects.toMatchObject({
      code: 'UNKNOWN_CARDS',
    })
    await call('task.complete', { id: one.id, created_cards: [two.id] })
    await refused('CONFLICT', 'task.complete', { id: one.id, created_cards: [two.id] })
  })
})
