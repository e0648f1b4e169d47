import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { BoardEvent, Client, Run, TaskDetail } from '../../contract/index.ts'
import { aRun, aTask, anEvent } from '../runs/test-runs.ts'
import type { OpenBoard } from '../shared/context.ts'
import { TaskStore } from './task-store.svelte.ts'

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('document', { hidden: false })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** A board whose task is the current result of `answer`. */
function setup(answer: () => Partial<TaskDetail>) {
  let listener: (event: BoardEvent) => void = () => undefined
  const asked = { times: 0 }
  const show = async (): Promise<TaskDetail> => {
    asked.times++
    const none = {
      comments: [],
      questions: [],
      events: [],
      links: { parents: [], children: [] },
      unmerged_parents: [],
      attachments: [],
      runs: [],
      why: null,
    }
    return { task: aTask(), ...none, ...answer() }
  }
  const client = {
    task: { show },
    board: { show: async () => ({ board: { settings: { failure_limit: 7 } } }) },
    message: { list: async () => ({ messages: [] }) },
    worker: { list: async () => ({ workers: [] }) },
  } as unknown as Client
  const board = {
    slug: 'b',
    profiles: [],
    dispatcher: null,
    card: () => undefined,
    feed: {
      subscribe: (heard: typeof listener) => {
        listener = heard
        return () => undefined
      },
      onReconnect: () => () => undefined,
    },
  } as unknown as OpenBoard
  const store = new TaskStore(client, board, 't_00000001')
  return { store, asked, hear: (event: BoardEvent) => listener(event) }
}

const settle = () => vi.advanceTimersByTimeAsync(200)

describe('the open task', () => {
  it('keeps unchanged parts, so that they are not rendered again', async () => {
    let runs: Run[] = [aRun({ id: 1, attempt: 1, outcome: 'crashed' }), aRun({ id: 2, attempt: 2 })]
    const { store, hear } = setup(() => ({ runs: structuredClone(runs) }))
    const stop = store.start()
    await settle()
    const [first, second] = store.runs
    runs = [runs[0]!, { ...runs[1]!, last_heartbeat_note: 'half way' }]
    hear(anEvent('heartbeat'))
    await settle()
    expect(store.runs[0]).toBe(first)
    expect(store.runs[1]).not.toBe(second)
    expect(store.openRun?.last_heartbeat_note).toBe('half way')
    stop()
  })

  it('is read once for events that come together, and not for events of other tasks', async () => {
    const { store, asked, hear } = setup(() => ({
      links: { parents: ['t_parent'], children: [] },
      unmerged_parents: [],
    }))
    const stop = store.start()
    await settle()
    for (let count = 0; count < 20; count++) hear(anEvent('heartbeat'))
    await settle()
    expect(asked.times).toBe(2)
    hear(anEvent('completed', { task_id: 't_stranger' }))
    await settle()
    expect(asked.times).toBe(2)
    hear(anEvent('completed', { task_id: 't_parent' }))
    hear(anEvent('dispatcher_paused', { task_id: null }))
    await settle()
    expect(asked.times).toBe(3)
    stop()
  })

  it('reports that it was deleted, and retries when it cannot be read', async () => {
    let code: string | null = 'BUSY'
    const { store } = setup(() => {
      if (code !== null) throw Object.assign(new Error('no'), { code })
      return {}
    })
    const stop = store.start()
    await settle()
    expect(store.phase).toBe('failed')
    code = null
    await vi.advanceTimersByTimeAsync(2500)
    expect(store.phase).toBe('ready')
    code = 'NOT_FOUND'
    await store.refresh()
    expect(store.phase).toBe('gone')
    stop()
  })

  it('knows after how many failures Runboard gives up', async () => {
    const { store } = setup(() => ({ task: aTask() }))
    const stop = store.start()
    await settle()
    expect(store.failureLimit).toEqual({ limit: 7, source: 'board' })
    store.apply(aTask({ max_retries: 2 }))
    expect(store.failureLimit).toEqual({ limit: 2, source: 'task' })
    stop()
  })
})
