import { describe, expect, it } from 'vitest'
import {
  type CallName,
  EDGES,
  type Edge,
  legalTargets,
  TASK_STATUSES,
  type Task,
  type TaskStatus,
  type TransitionVerb,
  verbForMove,
} from '../../contract/index.ts'
import { taskIn } from '../testing/factories.ts'
import { type Setup, setup } from '../testing/setup.ts'

/** The status that each verb leads to, by the status it is called in. Missing entries are refused. */
const MATRIX: Record<string, Partial<Record<TaskStatus, TaskStatus>>> = {
  promote: { triage: 'ready' },
  claim: { ready: 'running' },
  heartbeat: { running: 'running' },
  complete: { ready: 'done', running: 'done', review: 'done', blocked: 'done' },
  request_review: { running: 'review' },
  approve: { review: 'done' },
  request_changes: { review: 'ready' },
  block: { todo: 'blocked', ready: 'blocked', running: 'blocked' },
  unblock: { blocked: 'ready' },
  retry: { ready: 'ready', blocked: 'ready' },
  stop: { running: 'ready' },
  reclaim: { running: 'ready' },
  reopen: { done: 'ready' },
  archive: every('archived', ['archived']),
  restore: { archived: 'ready' },
  hold: itself(['done', 'archived']),
  release: itself([]),
  schedule: itself(['done', 'archived']),
  assign: itself(['running', 'archived']),
}

function every(to: TaskStatus, but: readonly TaskStatus[]): Partial<Record<TaskStatus, TaskStatus>> {
  return Object.fromEntries(TASK_STATUSES.filter((status) => !but.includes(status)).map((from) => [from, to]))
}

function itself(but: readonly TaskStatus[]): Partial<Record<TaskStatus, TaskStatus>> {
  return Object.fromEntries(TASK_STATUSES.filter((one) => !but.includes(one)).map((one) => [one, one]))
}

const GIVEN: Record<string, Record<string, unknown>> = {
  request_changes: { note: 'Once more' },
  block: { reason: 'Which one?' },
  schedule: { not_before_at: Date.UTC(2030, 0) },
  assign: { assignee: 'ada' },
}

function act(bundle: Setup, verb: string, id: string): Promise<unknown> {
  return bundle.call(`task.${verb}` as CallName, { id, ...GIVEN[verb] })
}

/** @returns the status that the verb led to from `from`, or that it was refused without a change */
async function outcomeOf(bundle: Setup, verb: string, from: TaskStatus): Promise<string> {
  const { id } = await taskIn(bundle, from)
  if (MATRIX[verb]?.[from] !== undefined) {
    await act(bundle, verb, id)
    return (await bundle.task(id)).status
  }
  const error = await bundle.refused('CONFLICT', `task.${verb}` as CallName, { id, ...GIVEN[verb] })
  return error.message.includes(id) ? 'refused' : `refused without its name: ${error.message}`
}

it.each(Object.entries(MATRIX))(
  '%s leads where the table says, and is refused elsewhere',
  async (verb, leads) => {
    const bundle = await setup()
    const outcomes: Partial<Record<TaskStatus, string>> = {}
    for (const from of TASK_STATUSES) outcomes[from] = await outcomeOf(bundle, verb, from)

    const expected = Object.fromEntries(TASK_STATUSES.map((from) => [from, leads[from] ?? 'refused']))
    expect(outcomes).toEqual(expected)
  },
)

it.each([
  ['triage', 'promote'],
  ['running', 'stop'],
  ['running', 'reclaim'],
  ['review', 'request_changes'],
  ['blocked', 'unblock'],
  ['blocked', 'retry'],
  ['done', 'reopen'],
  ['archived', 'restore'],
] as const)('a %s task goes to todo by %s while a parent is open', async (from, verb) => {
  const bundle = await setup()
  const { id } = await taskIn(bundle, from)
  const parent = await bundle.create('An open parent')
  await bundle.call('link.add', { parent_id: parent.id, child_id: id })
  expect((await bundle.task(id)).status).toBe(from)

  await act(bundle, verb, id)

  expect((await bundle.task(id)).status).toBe('todo')
})

it.each([
  ['triage', 'triage'],
  ['todo', 'todo'],
  ['ready', 'ready'],
  ['running', 'ready'],
  ['review', 'review'],
  ['blocked', 'blocked'],
  ['done', 'done'],
] as const)('what was %s is %s after archive and restore, with its fields', async (from, to) => {
  const bundle = await setup()
  const before = await taskIn(bundle, from)
  await act(bundle, 'archive', before.id)

  await act(bundle, 'restore', before.id)

  const { status, block_kind, block_reason, completed_at } = await bundle.task(before.id)
  expect({ status, block_kind, block_reason, completed_at }).toEqual({
    status: to,
    block_kind: before.block_kind,
    block_reason: before.block_reason,
    completed_at: before.completed_at,
  })
})

describe('the table of edges', () => {
  const key = ({ from, to, verb }: Pick<Edge, 'from' | 'to' | 'verb'>) => `${from} → ${to} by ${verb}`
  const byHand = EDGES.filter((edge) => edge.auto === undefined)
  const verbs = new Set<string>(byHand.map((edge) => edge.verb))

  it('has exactly the edges that the verbs take', () => {
    const taken = Object.entries(MATRIX).flatMap(([verb, leads]) =>
      Object.entries(leads).flatMap(([from, to]) =>
        verbs.has(verb) ? [{ from: from as TaskStatus, to, verb: verb as TransitionVerb }] : [],
      ),
    )
    // A verb that leads to ready leads to todo while a parent is open. A task is restored from the archive to its old
    // status.
    const waiting = taken
      .filter((edge) => edge.to === 'ready')
      .map((edge) => ({ ...edge, to: 'todo' as const }))
    const restored = TASK_STATUSES.filter((to) => to !== 'archived' && to !== 'running').map((to) => ({
      from: 'archived' as const,
      to,
      verb: 'restore' as const,
    }))

    expect([...new Set([...taken, ...waiting, ...restored].map(key))].sort()).toEqual(byHand.map(key).sort())
  })

  it('has no duplicate edge', () => {
    expect(new Set(EDGES.map(key)).size).toBe(EDGES.length)
  })
})

describe('move', () => {
  /** A task is restored to its old status, so an archived task must have been in `to` before. */
  async function movable(bundle: Setup, from: TaskStatus, to: TaskStatus): Promise<Task> {
    if (from !== 'archived' || to === 'ready' || to === 'todo') return taskIn(bundle, from)
    const before = await taskIn(bundle, to)
    return (await bundle.call('task.archive', { id: before.id })).task
  }

  it.each(TASK_STATUSES)('leads from %s to each status that it can reach', async (from) => {
    const bundle = await setup()
    const { call, create, kinds, task } = bundle
    for (const to of legalTargets(from)) {
      const { id } = await movable(bundle, from, to)
      if (to === 'todo') {
        await call('link.add', { parent_id: (await create('An open parent')).id, child_id: id })
      }

      await call('task.move', { id, status: to, note: 'By hand' })

      expect((await task(id)).status).toBe(to)
      expect((await kinds(id)).at(-1)).toBe('moved')
    }
  })

  it.each(TASK_STATUSES)('does not lead from %s to the others, and names those it does', async (from) => {
    const bundle = await setup()
    for (const to of TASK_STATUSES.filter((status) => verbForMove(from, status) === null)) {
      const { id } = await taskIn(bundle, from)
      const error = await bundle.refused('CONFLICT', 'task.move', { id, status: to })
      expect(error.data).toMatchObject({ id, status: from, targets: legalTargets(from) })
    }
  })

  it('does not restore an archived task to a status that it never had', async () => {
    const bundle = await setup()
    const { id } = await taskIn(bundle, 'ready')
    await bundle.call('task.archive', { id })

    for (const to of ['triage', 'review', 'blocked', 'done'] as const) {
      const error = await bundle.refused('CONFLICT', 'task.move', { id, status: to })
      expect(error.message).toContain('ready')
    }
  })
})

describe('a verb that changes no status', () => {
  it.each([
    ['task.hold', {}, 'held'],
    ['task.schedule', { not_before_at: null }, 'rescheduled'],
    ['task.assign', { assignee: 'coder' }, 'reassigned'],
    ['task.retry', {}, 'retried'],
  ] as const)('%s is refused with its own verb in the message', async (name, input, word) => {
    const bundle = await setup()
    const { id } = await taskIn(bundle, 'archived')

    const error = await bundle.refused('CONFLICT', name, { id, ...input })

    expect(error.message).toBe(`Task ${id} is archived and cannot be ${word}. Restore it first.`)
  })
})
