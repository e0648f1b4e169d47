import { describe, expect, it } from 'vitest'
import { type CallName, COMMAND_FIELDS, operations, type OperationSpec } from '../../contract/index.ts'
import type { Caller } from '../api.ts'
import { giveProject } from '../testing/give-project.ts'
import { callOf } from '../testing/command-calls.ts'
import { type Setup, setup } from '../testing/setup.ts'

async function workers(): Promise<Setup & Record<'coder' | 'planner', Caller> & { other: string }> {
  const bundle = await setup()
  const { call, claim, create } = bundle
  await call('profile.add', { name: 'planner', shell: 'true', capabilities: ['worker', 'planner'] })
  await call('profile.add', { name: 'coder', shell: 'true' })
  const coder = await claim((await create({ assignee: 'coder' })).id)
  const planner = await claim((await create({ assignee: 'planner' })).id)
  return { ...bundle, coder: coder.worker, planner: planner.worker, other: (await create('Other')).id }
}

const named = COMMAND_FIELDS.map((one) => [`${one.operation} ${one.field}`, one] as const)

describe('X3: only a person may set what runs commands', () => {
  it.each(named)('refuses a worker %s', async (_name, one) => {
    const { refused, coder, other } = await workers()

    await refused('UNAUTHORIZED', one.operation as CallName, callOf(one, other) as never, coder)
  })

  it.each(named.filter(([, { worker }]) => worker === 'never'))(
    'refuses a planner, too, %s',
    async (_name, one) => {
      const { refused, planner, other } = await workers()

      await refused('UNAUTHORIZED', one.operation as CallName, callOf(one, other) as never, planner)
    },
  )

  it.each(named.filter(([, { worker }]) => worker === 'propose'))(
    'holds a task until a person accepts what a planner proposed: %s',
    async (_name, one) => {
      const { call, refused, planner, other, kinds } = await workers()

      const { task } = (await call(one.operation as 'task.create', callOf(one, other) as never, planner)) as {
        task: { id: string }
      }
      const held = await call('task.show', { id: task.id })
      await refused('CONFLICT', 'task.claim', { id: task.id })
      await refused('UNAUTHORIZED', 'task.release', { id: task.id }, planner)
      const retried = await call('task.retry', { id: task.id })
      const { task: released } = await call('task.release', { id: task.id })

      expect(held.task).toMatchObject({ held: true, proposed_fields: [one.field] })
      expect(held.why).toMatchObject({
        gate: 'held',
        sentence: expect.stringContaining('a planner proposes'),
      })
      expect(retried.task.held).toBe(true)
      expect(released).toMatchObject({ held: false, proposed_fields: null })
      expect(await kinds(task.id)).toContain('released')
    },
  )

  it.each(['scratch', 'worktree', 'parent'])('lets a worker create a task in %s', async (workspace) => {
    const bundle = await workers()
    const { call, coder, other } = bundle
    await giveProject(bundle)

    const { task } = await call('task.create', { title: 'A task', workspace, parents: [other] }, coder)

    expect(task.proposed_fields).toBeNull()
  })

  it('refuses a planner a new check on a task that can no longer be held', async () => {
    const { call, claim, create, refused, planner } = await workers()
    const running = (await create('Running')).id
    await claim(running)
    const done = (await create('Done')).id
    await call('task.complete', { id: done })

    await refused('CONFLICT', 'task.edit', { id: running, verify_command: 'true' }, planner)
    await refused('CONFLICT', 'task.edit', { id: done, verify_command: null }, planner)
  })

  it('treats a worker as a planner only by the profile of its own run', async () => {
    const { refused, coder } = await workers()
    const worker = { ...coder.worker!, profile: 'planner' }

    await refused('UNAUTHORIZED', 'task.create', { title: 'T', verify_command: 'x' }, { ...coder, worker })
  })

  it('accepts the commands of a plan only after they were shown', async () => {
    const { call, claim, create, refused, task } = await workers()
    const idea = (await create({ title: 'Idea', triage: true })).id
    const { planner } = await call('task.plan', { id: idea, profile: 'planner' })
    const run = await claim(planner.id)
    const part = await call('task.create', { title: 'Part', verify_command: 'make test' }, run.worker)

    const error = await refused('CONFLICT', 'task.accept_plan', { id: idea })
    await call('task.accept_plan', { id: idea, commands: true })

    expect(error.data).toMatchObject({ commands: [{ id: part.task.id, verify_command: 'make test' }] })
    expect(await task(part.task.id)).toMatchObject({ held: false, proposed_fields: null })
  })
})

it.each([
  ['task.create', { title: 'T', model: '--yolo' }],
  ['task.create', { title: 'T', skills: ['-x'] }],
  ['profile.add', { name: 'p', shell: 'true', model: '-y' }],
] as const)('X3: refuses %s a value that a program would take for an option: %o', async (name, input) => {
  const { refused } = await setup()

  const error = await refused('INVALID_INPUT', name as 'task.create', input as never)

  expect(error.message).toContain('must not begin with a dash')
})

/** Inputs with such names run a command or choose its folder. */
const SUSPICIOUS =
  /command|shell|argv|exec|^script|hook|setup|env$|workspace$|project|^dir$|template|schedule|open_in|preset/

/** Inputs with such a name that run nothing, each with the reason. */
const HARMLESS = new Map([
  ['task.accept_plan commands', 'a person’s decision about commands, not a command'],
  ['task.create workflow_template_id', 'a label'],
  ['task.list workflow_template_id', 'a filter'],
  ['task.edit workflow_template_id', 'a label'],
])

it('X3: lists every input whose name suggests that it ends up in a process', () => {
  const listed = new Set(COMMAND_FIELDS.map(({ operation, field }) => `${operation} ${field}`))
  const found = Object.entries(operations as Record<string, OperationSpec>).flatMap(([name, spec]) =>
    Object.keys(spec.input.shape)
      .filter((field) => SUSPICIOUS.test(field))
      .map((field) => `${name} ${field}`),
  )

  expect(found.filter((one) => !listed.has(one) && !HARMLESS.has(one))).toEqual([])
})
