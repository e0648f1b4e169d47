import { expect, it } from 'vitest'
import type { CallName, OperationInput } from '../../contract/index.ts'
import type { Caller } from '../api.ts'
import { type Setup, setup } from '../testing/setup.ts'

type Call = { [N in CallName]: [N, OperationInput<N>] }[CallName]

/** Calls that change how a board or the home works, and that a person could make. */
const SETTINGS: Call[] = [
  ['board.init', { name: 'mine' }],
  ['board.create', { slug: 'mine' }],
  ['board.switch', { slug: 'other' }],
  ['board.rename', { slug: 'other', name: 'Renamed' }],
  ['dispatcher.pause', {}],
  ['demo.create', {}],
  ['board.archive', { slug: 'other' }],
]

/** Calls that take a task from its worker. */
const ENDS: CallName[] = ['task.archive', 'task.stop', 'task.reclaim']

async function workers(): Promise<Setup & Record<'coder' | 'planner', Caller> & { own: string }> {
  const bundle = await setup()
  const { call, claim, create } = bundle
  await call('board.create', { slug: 'other' })
  await call('profile.add', { name: 'planner', shell: 'true', capabilities: ['worker', 'planner'] })
  await call('profile.add', { name: 'coder', shell: 'true' })
  const coder = await claim((await create({ assignee: 'coder' })).id)
  const planner = await claim((await create({ assignee: 'planner' })).id)
  return { ...bundle, coder: coder.worker, planner: planner.worker, own: coder.task.id }
}

it.each(SETTINGS)('a worker is refused %s, a planner and a person are not', async (name, input) => {
  const { call, refused, coder, planner, person } = await workers()

  const error = await refused('UNAUTHORIZED', name, input as never, coder)
  await call(name, input as never, planner)
  const again = await call(name, input as never, person).catch((cause: { code: string }) => cause.code)

  expect(error.message).toContain('planner capability')
  expect(again).not.toBe('UNAUTHORIZED')
})

it.each([
  ['board.delete', { slug: 'other' }],
  ['board.set', { slug: 'other', settings: { failure_limit: 9 } }],
  ['dispatcher.resume', {}],
  ['profile.add', { name: 'new', shell: 'true' }],
  ['profile.set', { name: 'coder', fields: { capabilities: ['worker', 'planner'] } }],
  ['profile.remove', { name: 'coder' }],
  ['profile.release', { name: 'coder' }],
] as const)('a planner, too, is refused %s', async (name, input) => {
  const { refused, planner } = await workers()

  await refused('UNAUTHORIZED', name, input as never, planner)
})

it.each(ENDS)('a worker is refused %s for a task other than its own, a planner is not', async (name) => {
  const { call, claim, create, refused, task, coder, planner } = await workers()
  const other = (await create('Other')).id
  await claim(other)

  const error = await refused('UNAUTHORIZED', name, { id: other }, coder)
  await refused('UNAUTHORIZED', 'task.move', { id: other, status: 'archived' }, coder)
  const bulk = await call('task.bulk', { ids: [other], verb: 'archive' }, coder)
  await call(name, { id: other }, planner)

  expect(error.data).toMatchObject({ own_task: coder.worker?.task_id })
  expect(bulk.results).toMatchObject([{ id: other, error: { code: 'UNAUTHORIZED' } }])
  expect((await task(other)).status).toBe(name === 'task.archive' ? 'archived' : 'ready')
})

it('a worker archives what its runs created, and nothing of other workers', async () => {
  const { call, claim, refused, coder, planner, own } = await workers()
  const mine = (await call('task.create', { title: 'Mine' }, coder)).task.id
  const theirs = (await call('task.create', { title: 'Theirs' }, planner)).task.id
  await call('task.reclaim', { id: own })
  const { worker: next } = await claim(own)

  await refused('UNAUTHORIZED', 'task.archive', { id: theirs }, next)
  await refused('NOT_FOUND', 'task.archive', { id: 't_00000000' }, next)
  const { task } = await call('task.archive', { id: mine }, next)

  expect(task.status).toBe('archived')
})

it('a worker cannot change the check that its own completion must pass', async () => {
  const { call, refused, coder, planner, own } = await workers()

  const error = await refused('UNAUTHORIZED', 'task.edit', { id: own, verify_command: null }, coder)
  await refused(
    'UNAUTHORIZED',
    'task.edit',
    { id: planner.worker?.task_id ?? '', verify_command: 'true' },
    planner,
  )
  await call('task.edit', { id: own, title: 'Another title' }, coder)

  expect(error.message).toContain('verify_command')
})
