import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Card, Client, Task } from '../../contract/index.ts'
import { fakeCards } from './fake-data.ts'
import { asker } from './ask.svelte.ts'
import { toasts } from './toasts.svelte.ts'
import { VerbRunner } from './verb-runner.svelte.ts'

const [card] = fakeCards(1, Date.now()) as [Card]
const task = (id: string, change: Partial<Card>): Card => ({ ...card, id, title: `Task ${id}`, ...change })

beforeEach(() => {
  const kept = new Map<string, string>()
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  })
})

afterEach(() => {
  vi.unstubAllGlobals()
  for (const toast of toasts.list) toasts.dismiss(toast.id)
})

function setup(answers: Record<string, (input: Record<string, unknown>) => unknown>) {
  const calls: [string, Record<string, unknown>][] = []
  const applied: Task[] = []
  const client = {
    task: new Proxy(
      {},
      {
        get: (_, verb: string) => async (input: Record<string, unknown>) => {
          calls.push([verb, input])
          return answers[verb]?.(input)
        },
      },
    ),
  } as unknown as Client
  const verbs = new VerbRunner(client, () => ({ slug: 'work', applyTask: (after) => applied.push(after) }))
  return { verbs, calls, applied }
}

it('a verb on one task calls its own operation; the answer is shown, and undo reverts it', async () => {
  const ready = task('t_1', { status: 'ready' })
  const { verbs, calls, applied } = setup({
    archive: () => ({ task: { ...ready, status: 'archived' } }),
    restore: () => ({ task: ready }),
  })
  expect(await verbs.run('archive', [ready])).toBe(true)
  expect(calls).toEqual([['archive', { board: 'work', id: 't_1' }]])
  expect(applied.map(({ status }) => status)).toEqual(['archived'])

  const [toast] = toasts.list
  expect(toast).toMatchObject({ text: 'Archived: “Task t_1”', action: { label: 'Undo' } })
  await toasts.act(toast!)
  expect(calls.at(-1)).toEqual(['restore', { board: 'work', id: 't_1' }])
})

it('for several tasks, each refusal is named', async () => {
  const several = ['t_1', 't_2'].map((id) => task(id, { status: 'ready' }))
  const { verbs, calls } = setup({
    bulk: () => ({
      results: [
        { id: 't_1', task: { ...several[0], status: 'archived' } },
        { id: 't_2', error: { code: 'CONFLICT', message: 'It is running now.' } },
      ],
    }),
  })
  expect(await verbs.run('archive', several)).toBe(false)
  expect(calls).toEqual([['bulk', { board: 'work', ids: ['t_1', 't_2'], verb: 'archive' }]])
  expect(toasts.list[0]).toMatchObject({
    text: '1 of 2 done. 1 refused:',
    details: ['Task t_2: It is running now.'],
    tone: 'bad',
  })
})

it('a move to done asks for a summary and sends it; cancelling calls nothing', async () => {
  const ready = task('t_1', { status: 'ready' })
  const { verbs, calls } = setup({ complete: () => ({ task: { ...ready, status: 'done' } }) })
  const first = verbs.move([ready], 'done')
  asker.settle(null)
  expect([await first, calls]).toEqual([false, []])

  const second = verbs.move([ready], 'done')
  expect(asker.open?.field?.label).toBe('Summary')
  asker.settle('It works')
  expect(await second).toBe(true)
  expect(calls).toEqual([['complete', { board: 'work', id: 't_1', summary: 'It works' }]])
})

it('undo does not restart a stopped worker', async () => {
  const running = task('t_1', { status: 'running' })
  const { verbs } = setup({ stop: () => ({ task: { ...running, status: 'ready', held: true } }) })
  const stopping = verbs.run('stop', [running])
  asker.settle('')
  expect(await stopping).toBe(true)
  expect(toasts.list[0]?.action).toBeNull()
})

it('a task is busy while its call is in progress', async () => {
  const ready = task('t_1', { status: 'ready' })
  let answer: (value: unknown) => void = () => undefined
  const { verbs } = setup({ archive: () => new Promise((resolve) => (answer = resolve)) })
  const archiving = verbs.run('archive', [ready])
  await Promise.resolve()
  expect(verbs.busy.has('t_1')).toBe(true)
  answer({ task: { ...ready, status: 'archived' } })
  await archiving
  expect(verbs.busy.size).toBe(0)
})

describe('S11: undo of several tasks', () => {
  const ids = Array.from({ length: 7 }, (_, number) => `t_${number}`)

  /** A board on which every call succeeds. */
  function working(tasks: readonly Card[]) {
    const now = new Map(tasks.map((each) => [each.id, each]))
    const change = (id: string, verb: unknown, input: Record<string, unknown>) => {
      const { assignee, not_before_at } = input as Partial<Card>
      const held_reason = (input['reason'] ?? null) as string | null
      const changes: Record<string, Partial<Card>> = {
        archive: { status: 'archived' },
        restore: { status: tasks.find((each) => each.id === id)!.status },
        hold: { held: true, held_reason },
        release: { held: false, held_reason: null },
        assign: { assignee: assignee! },
        schedule: { not_before_at: not_before_at! },
      }
      const task = { ...now.get(id)!, ...changes[String(verb)] }
      now.set(id, task)
      return { id, task }
    }
    const bulk = (input: Record<string, unknown>) => ({
      results: (input['ids'] as string[]).map((id) => change(id, input['verb'], input)),
    })
    const one = (verb: string) => (input: Record<string, unknown>) => change(String(input['id']), verb, input)
    const verbs = ['archive', 'restore', 'hold', 'release', 'assign', 'schedule']
    const stage = setup({ bulk, ...Object.fromEntries(verbs.map((verb) => [verb, one(verb)])) })
    return { ...stage, state: () => tasks.map(({ id }) => now.get(id)) }
  }

  it.each([
    ['archive', 'Undid “Archived”: moved 7 tasks back to ready', (verbs, all) => verbs.run('archive', all)],
    [
      'assign',
      'Undid “Assigned to another”: assigned 7 tasks back',
      (verbs, all) => verbs.assign(all, 'another'),
    ],
    ['hold', 'Undid “Held”: released 7 tasks again', (verbs, all) => verbs.run('hold', all)],
    [
      'schedule',
      'Undid “Start time set”: put the start time of 7 tasks back',
      (verbs, all) => verbs.schedule(all, 5),
    ],
  ] as [string, string, (verbs: VerbRunner, all: readonly Card[]) => Promise<boolean>][])(
    'of %s is said once, of all, and restores what was',
    async (_, text, act) => {
      const all = ids.map((id, number) =>
        task(id, { status: 'ready', held: false, held_reason: null, assignee: number < 3 ? 'coder' : null }),
      )
      const { verbs, state } = working(all)
      await act(verbs, all)
      expect(state()).not.toEqual(all)

      await toasts.act(toasts.undoable!)

      expect(state()).toEqual(all)
      expect(toasts.list.map((toast) => toast.text)).toEqual([text])
    },
  )

  it('of tasks from several columns names no column, and skips tasks that did not change', async () => {
    const all = ids.map((id, number) =>
      task(id, { status: number < 3 ? 'ready' : 'todo', held: number === 0 }),
    )
    const { verbs, calls, state } = working(all)
    await verbs.run('archive', all)
    await toasts.act(toasts.undoable!)
    expect([toasts.list[0]?.text, state()]).toEqual(['Undid “Archived”: moved 7 tasks back', all])

    toasts.dismiss(toasts.list[0]!.id)
    await verbs.run('hold', all)
    await toasts.act(toasts.undoable!)
    expect(toasts.list[0]?.text).toBe('Undid “Held”: released 6 tasks again')
    expect(calls.at(-1)).toEqual(['bulk', { board: 'work', ids: ids.slice(1), verb: 'release' }])
  })

  it('restores the reason of a hold', async () => {
    const all = ids.map((id) => task(id, { status: 'ready', held: true, held_reason: 'After the fair' }))
    const { verbs, state } = working(all)
    await verbs.run('release', all)
    await toasts.act(toasts.undoable!)
    expect([toasts.list[0]?.text, state()]).toEqual(['Undid “Released”: held 7 tasks again', all])
  })

  it('is offered for the tasks that succeeded when others were refused', async () => {
    const two = ids.slice(0, 2).map((id) => task(id, { status: 'ready' }))
    const { verbs, calls } = setup({
      bulk: () => ({
        results: [
          { id: 't_0', task: { ...two[0], status: 'archived' } },
          { id: 't_1', error: { code: 'CONFLICT', message: 'It is running now.' } },
        ],
      }),
      restore: () => ({ task: two[0] }),
    })
    await verbs.run('archive', two)
    await toasts.act(toasts.undoable!)
    expect(calls.at(-1)).toEqual(['restore', { board: 'work', id: 't_0' }])
  })
})
