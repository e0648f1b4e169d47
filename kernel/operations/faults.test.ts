import { describe, expect, it } from 'vitest'
import type { CallName, OperationError } from '../../contract/index.ts'
import { taskIn } from '../testing/factories.ts'
import { addMaps, itemCards } from '../testing/mapping.ts'
import { setup, type Setup } from '../testing/setup.ts'
import { walkingTask } from '../testing/walking.ts'

interface Case {
  /** Prepares a board for the call, and returns the call. */
  prepare: (bundle: Setup) => Promise<{ act: () => unknown }>
}

const on = (
  name: CallName,
  status: Parameters<typeof taskIn>[1],
  given: Record<string, unknown> = {},
): Case => ({
  prepare: async (bundle) => {
    const { id } = await taskIn(bundle, status)
    await bundle.create({ title: 'Child', parents: [id] }).catch(() => undefined)
    return { act: () => bundle.call(name, { id, ...given }) }
  },
})

/** Every verb that writes in one transaction, on a task with a child. */
const CASES: Record<string, Case> = {
  create: {
    prepare: async (bundle) => {
      const parent = await bundle.create('Parent')
      const child = await bundle.create('Child')
      const input = { title: 'New', parents: [parent.id], children: [child.id], idempotency_key: 'k' }
      return { act: () => bundle.call('task.create', input) }
    },
  },
  claim: on('task.claim', 'ready'),
  heartbeat: on('task.heartbeat', 'running', { note: 'half' }),
  'complete a claimed task': on('task.complete', 'running', {
    summary: 'Done',
    metadata: { n: 1 },
    result: 'r',
  }),
  'complete an unclaimed task': on('task.complete', 'blocked', { summary: 'Done' }),
  'request review': on('task.request_review', 'running', { summary: 'Look' }),
  approve: on('task.approve', 'review', { note: 'Fine' }),
  'request changes': on('task.request_changes', 'review', { note: 'Again' }),
  block: on('task.block', 'running', { reason: 'Which?' }),
  unblock: on('task.unblock', 'blocked', { answer: 'This' }),
  retry: on('task.retry', 'blocked'),
  hold: on('task.hold', 'ready'),
  schedule: on('task.schedule', 'ready', { not_before_at: 5 }),
  promote: on('task.promote', 'triage'),
  reopen: on('task.reopen', 'done', { note: 'Again' }),
  archive: on('task.archive', 'done'),
  restore: on('task.restore', 'archived'),
  move: on('task.move', 'ready', { status: 'done' }),
  'move a running task to done': on('task.move', 'running', { status: 'done' }),
  delete: on('task.delete', 'archived'),
  assign: on('task.assign', 'ready', { assignee: 'tester' }),
  edit: on('task.edit', 'ready', { title: 'Other', priority: 5 }),
  'edit a finished task': on('task.edit', 'done', { result: 'r', summary: 's' }),
  comment: on('comment.add', 'ready', { body: 'Hello' }),
  link: {
    prepare: async (bundle) => {
      const [parent, child] = [await bundle.create('Parent'), await bundle.create('Child')]
      return { act: () => bundle.call('link.add', { parent_id: parent.id, child_id: child.id }) }
    },
  },
  unlink: {
    prepare: async (bundle) => {
      const parent = await bundle.create('Parent')
      const child = await bundle.create({ title: 'Child', parents: [parent.id] })
      return { act: () => bundle.call('link.remove', { parent_id: parent.id, child_id: child.id }) }
    },
  },
  'a late message': {
    prepare: async (bundle) => {
      const { worker, task } = await bundle.claim((await bundle.create()).id)
      await bundle.call('task.reclaim', { id: task.id })
      const late = () => bundle.call('task.complete', { id: task.id, summary: 'Late' }, worker)
      return {
        act: () =>
          late().catch((error: OperationError) => {
            if (error.code !== 'STALE_RUN') throw error
          }),
      }
    },
  },
  'start a workflow': {
    prepare: async (bundle) => {
      await walkingTask(bundle)
      const { id } = await bundle.create('Another')
      return { act: () => bundle.call('workflow.start', { id, name: 'looped' }) }
    },
  },
  'advance to the next step': {
    prepare: async (bundle) => {
      const id = await walkingTask(bundle)
      const { worker } = await bundle.claim(id, 'builder')
      return { act: () => bundle.call('task.complete', { id, summary: 'Built' }, worker) }
    },
  },
  'go back along a loop': {
    prepare: async (bundle) => {
      const id = await walkingTask(bundle)
      await bundle.call('task.complete', { id })
      const { worker } = await bundle.claim(id, 'tester')
      return { act: () => bundle.call('task.complete', { id, verdict: 'bad', summary: 'Bad' }, worker) }
    },
  },
  'end a workflow': {
    prepare: async (bundle) => {
      const id = await walkingTask(bundle)
      await bundle.create({ title: 'Child', parents: [id] })
      await bundle.call('task.goto', { id, step: 'ask', reason: 'Now' })
      return { act: () => bundle.call('task.approve', { id }) }
    },
  },
  'make the cards of items': {
    prepare: async (bundle) => {
      await addMaps(bundle)
      const { id } = await bundle.create('Many')
      const start = { id, name: 'fan', inputs: { parts: ['a', 'b'] }, roles: { builder: 'builder' } }
      return { act: () => bundle.call('workflow.start', start) }
    },
  },
  'finish the last item': {
    prepare: async (bundle) => {
      const { item } = await fanned(bundle, ['a'])
      const { worker } = await bundle.claim(item, 'builder')
      return {
        act: () => bundle.call('task.complete', { id: item, verdict: 'good', summary: 'Built' }, worker),
      }
    },
  },
  'archive the last item': {
    prepare: async (bundle) => {
      const { item } = await fanned(bundle, ['a'])
      return { act: () => bundle.call('task.archive', { id: item }) }
    },
  },
  'let the last item go': {
    prepare: async (bundle) => {
      const { id } = await fanned(bundle, ['a'])
      return { act: () => bundle.call('task.let_item_go', { id, item: 'a', reason: 'Enough' }) }
    },
  },
  'leave a map step': {
    prepare: async (bundle) => {
      const { id } = await fanned(bundle, ['a', 'b'])
      return { act: () => bundle.call('task.skip', { id, verdict: 'succeeded', reason: 'Enough' }) }
    },
  },
  pause: { prepare: async (bundle) => ({ act: () => bundle.call('dispatcher.pause', {}) }) },
}

/** A card at a map step, and the card of its first item. */
async function fanned(bundle: Setup, parts: string[]): Promise<{ id: string; item: string }> {
  await addMaps(bundle)
  const { id } = await bundle.create('Many')
  await bundle.call('workflow.start', { id, name: 'fan', inputs: { parts }, roles: { builder: 'builder' } })
  return { id, item: (await itemCards(bundle, id)).get('a') ?? '' }
}

async function movesOf(bundle: Setup, id: string): Promise<unknown[]> {
  const { events } = await bundle.call('task.show', { id })
  return events.filter(({ kind }) => kind === 'moved').map(({ payload }) => payload)
}

class Injected extends Error {}

/** A bundle whose kernel fails at a chosen statement of the next transactions. */
async function faulty(): Promise<{ bundle: Setup; failAt: (nth: number) => void }> {
  let left = Infinity
  let inside = false
  const bundle = await setup({
    inMemory: true,
    beforeStatement: (sql) => {
      if (sql === 'BEGIN IMMEDIATE') inside = true
      if (!inside) return
      if (sql === 'COMMIT') inside = false
      if (--left === 0) {
        inside = false
        throw new Injected(`at ${sql.trim().split('\n')[0] ?? ''}`)
      }
    },
  })
  const failAt = (nth: number) => {
    left = nth
  }
  return { bundle, failAt }
}

describe('an operation whose Nth statement fails', () => {
  it.each(Object.entries(CASES))('changes nothing, for every N: %s', async (_name, { prepare }) => {
    const { bundle, failAt } = await faulty()
    const { act } = await prepare(bundle)
    const before = bundle.inspector.dump()
    let nth = 0
    for (;;) {
      failAt(++nth)
      const failed = await Promise.resolve()
        .then(act)
        .then(
          () => null,
          (error: unknown) => error,
        )
      if (failed === null) break
      expect(failed).toMatchObject({ code: 'INTERNAL' })
      expect(bundle.inspector.dump()).toEqual(before)
    }
    failAt(Infinity)

    // BEGIN, COMMIT, and at least one statement between them.
    expect(nth).toBeGreaterThan(3)
    expect(bundle.inspector.dump()).not.toEqual(before)
    expect(bundle.reports.splice(0)).toHaveLength(nth - 1)
  })

  it.each([
    ['task.stop', 'ready', {}],
    ['task.reclaim', 'ready', {}],
    ['task.archive', 'archived', {}],
    ['task.move', 'archived', { status: 'archived' }],
  ] as const)(
    'leaves %s of a running task undone, or for the next dispatcher to finish',
    async (name, end, given) => {
      const moves = name === 'task.move' ? [{ from: 'running', to: end }] : []
      for (let nth = 1; ; nth++) {
        const { bundle, failAt } = await faulty()
        const { id } = await taskIn(bundle, 'running')
        const before = bundle.inspector.dump()
        failAt(nth)
        const error = await bundle.call(name, { id, ...given }).catch((cause: unknown) => cause)
        failAt(Infinity)
        bundle.reports.splice(0)
        if (!(error instanceof Error)) {
          expect((await bundle.task(id)).status).toBe(end)
          expect(await movesOf(bundle, id)).toEqual(moves)
          expect(nth).toBeGreaterThan(6)
          return
        }
        const [run] = await bundle.runs(id)
        if (run?.stop_requested_at === null) {
          expect(bundle.inspector.dump()).toEqual(before)
          continue
        }
        bundle.clock.advance(60_000)
        await bundle.call('dispatcher.dispatch', {})
        expect((await bundle.task(id)).status).toBe(end)
        expect(await movesOf(bundle, id)).toEqual(moves)
      }
    },
  )
})
