import { afterEach, expect, it, vi } from 'vitest'
import type { BoardEvent, Client } from '../../contract/index.ts'
import { LiveFeed } from './live.svelte.ts'

let feed: LiveFeed | undefined
afterEach(() => {
  feed?.stop()
  vi.useRealTimers()
})

const event = (id: number): BoardEvent => ({
  id,
  task_id: 't_1',
  run_id: null,
  kind: 'edited',
  payload: null,
  actor: 'human',
  created_at: 0,
})

/** Consecutive streams: the events of each, and the error that ends it. */
function client(streams: readonly { events: readonly number[]; then: Error | 'wait' }[]) {
  const asked: (number | undefined)[] = []
  const next = [...streams]
  const watch = async ({ since }: { since?: number }) => {
    asked.push(since)
    const stream = next.shift()
    if (stream === undefined) throw new TypeError('nobody there')
    return (async function* () {
      for (const id of stream.events) yield event(id)
      if (stream.then !== 'wait') throw stream.then
      await new Promise(() => undefined)
    })()
  }
  return { asked, client: { event: { watch } } as unknown as Client }
}

it('after a lost connection it continues after the last seen event, and reports the reconnection', async () => {
  vi.useFakeTimers()
  const { asked, client: streams } = client([
    { events: [5, 6], then: new TypeError('gone') },
    { events: [7], then: 'wait' },
  ])
  feed = new LiveFeed(streams, 'work')
  const heard: number[] = []
  let back = 0
  feed.subscribe(({ id }) => heard.push(id))
  feed.onReconnect(() => back++)
  feed.start(4)
  await vi.advanceTimersByTimeAsync(0)
  expect([feed.state, heard]).toEqual(['broken', [5, 6]])
  await vi.advanceTimersByTimeAsync(1000)
  expect([feed.state, heard, asked, back]).toEqual(['live', [5, 6, 7], [4, 6], 1])
})

it('waits longer after each failed attempt, and not at all when the user retries', async () => {
  vi.useFakeTimers()
  const { asked, client: streams } = client([])
  feed = new LiveFeed(streams, 'work')
  feed.start(0)
  await vi.advanceTimersByTimeAsync(60_000)
  expect(asked.length).toBeLessThan(15)
  const before = asked.length
  feed.retryNow()
  await vi.advanceTimersByTimeAsync(0)
  expect(asked).toHaveLength(before + 1)
})

it('a refused token does not count as a lost connection', async () => {
  vi.useFakeTimers()
  const refused = Object.assign(new Error('no'), { code: 'UNAUTHORIZED' })
  const { client: streams } = client([{ events: [], then: refused }])
  feed = new LiveFeed(streams, 'work')
  feed.start(0)
  await vi.advanceTimersByTimeAsync(0)
  expect(feed.state).toBe('refused')
})
