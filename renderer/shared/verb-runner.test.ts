import { afterEach, beforeEach, expect, test, vi } from 'vitest'
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

test('a verb on one task is its own operation; what comes back is shown, and undo leads back', async () => {
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

test('of several, those that were refused are named one by one', async () => {
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

test('to done asks for a summary, which goes along; giving it up calls nothing', async () => {
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

test('a worker that was stopped is not brought back by undo', async () => {
  const running = task('t_1', { status: 'running' })
  const { verbs } = setup({ stop: () => ({ task: { ...running, status: 'ready', held: true } }) })
  const stopping = verbs.run('stop', [running])
  asker.settle('')
  expect(await stopping).toBe(true)
  expect(toasts.list[0]?.action).toBeNull()
})

test('while a call is on its way its task is busy', async () => {
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
