import { describe, expect, it } from 'vitest'
import { giveProject } from '../testing/give-project.ts'
import { taskIn } from '../testing/factories.ts'
import { setup } from '../testing/setup.ts'

describe('B6: an edit with expected values', () => {
  it('is refused with the current value when another edit came first, and changes nothing', async () => {
    const { call, create, events, refused, task } = await setup()
    const { id } = await create({ body: 'opened', tenant: 'acme' })
    await call('task.edit', { id, body: 'theirs' })
    const before = await task(id)

    const error = await refused('CONFLICT', 'task.edit', {
      id,
      body: 'mine',
      tenant: 'other',
      expected: { body: 'opened', tenant: 'acme' },
    })

    expect(error.data).toEqual({ id, fields: ['body'], current: { body: 'theirs' } })
    expect(await task(id)).toEqual(before)
    expect((await events(id)).at(-1)).toMatchObject({
      payload: { fields: ['body'], from: { body: 'opened' } },
    })
  })

  it('is saved while the expected fields are unchanged, whatever else changed', async () => {
    const { call, create, task } = await setup()
    const { id } = await create({ body: 'opened', skills: ['sql'] })
    await call('task.edit', { id, title: 'Another title' })

    await call('task.edit', { id, body: 'mine', skills: [], expected: { body: 'opened', skills: ['sql'] } })

    expect(await task(id)).toMatchObject({ title: 'Another title', body: 'mine', skills: [] })
  })

  it.each([
    ['title', 'A task', 'Theirs', 'Mine'],
    ['body', null, 'Theirs', 'Mine'],
    ['priority', 0, 1, 2],
    ['assignee', null, 'tester', 'coder'],
    ['tenant', null, 'theirs', 'mine'],
    ['max_runtime_seconds', null, 60, 90],
    ['max_retries', null, 2, 3],
    ['skills', [], ['theirs'], ['mine']],
    ['model', null, 'theirs', 'mine'],
    ['verify_command', null, 'false', 'true'],
    ['branch', null, 'theirs', 'mine'],
    ['base_ref', null, 'theirs', 'mine'],
    ['workflow_template_id', null, 'theirs', 'mine'],
    ['current_step_key', null, 'theirs', 'mine'],
  ])('guards %s', async (field, opened, theirs, mine) => {
    const bundle = await setup()
    const { call, create, refused } = bundle
    await giveProject(bundle)
    const { id } = await create({ workspace: 'worktree' })
    await call('task.edit', { id, [field]: theirs })

    const input = { id, [field]: mine, expected: { [field]: opened } }
    expect((await refused('CONFLICT', 'task.edit', input)).data).toMatchObject({
      current: { [field]: theirs },
    })

    await call('task.edit', { id, [field]: mine, expected: { [field]: theirs } })
  })

  it('may be sent again: a field that already has its new value does not conflict', async () => {
    const { call, create, events } = await setup()
    const { id } = await create({ body: 'opened' })
    const edit = { id, body: 'mine', expected: { body: 'opened' } }
    await call('task.edit', edit)
    const before = await events(id)

    await call('task.edit', edit)

    expect(await events(id)).toEqual(before)
  })

  it('without new values has nothing to edit', async () => {
    const { create, refused } = await setup()
    const { id } = await create()

    await refused('INVALID_INPUT', 'task.edit', { id, expected: { title: 'A task' } })
  })
})

describe('B6: the event of an edit', () => {
  it('keeps the whole of a long text', async () => {
    const { call, create, events } = await setup()
    const body = 'line\n'.repeat(100_000).trim()
    const { id } = await create({ body })

    await call('task.edit', { id, body: null })

    expect((await events(id)).at(-1)?.payload).toEqual({ fields: ['body'], from: { body } })
  })

  it('keeps the replaced handoff of a finished task', async () => {
    const bundle = await setup()
    const { call, events } = bundle
    const { id } = await taskIn(bundle, 'ready')
    await call('task.complete', { id, summary: 'First words', metadata: { a: 1 }, result: 'old' })

    await call('task.edit', { id, result: 'new', metadata: { b: 2 } })

    expect((await events(id)).at(-1)).toMatchObject({
      kind: 'edited',
      payload: {
        fields: ['result', 'metadata'],
        from: { result: 'old', summary: 'First words', metadata: { a: 1 } },
      },
    })
  })
})
