import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { sharedEvents } from './shared-stream.ts'

const YEAR = 365 * 86_400_000

/** How each request for the lock was made. No request is ever granted: another tab holds it. */
let requests: LockOptions[]
let hear: (message: object) => void
let leave: AbortController

beforeEach(() => {
  vi.useFakeTimers()
  requests = []
  leave = new AbortController()
  const locks = {
    request: (_name: string, how: LockOptions) => {
      requests.push(how)
      return new Promise(() => undefined)
    },
  }
  vi.stubGlobal('navigator', { locks })
  vi.stubGlobal('document', new EventTarget())
  vi.stubGlobal(
    'BroadcastChannel',
    class {
      constructor() {
        hear = (data) => this.onmessage({ data })
      }
      onmessage: (event: { data: object }) => void = () => undefined
      postMessage = () => undefined
      close = () => undefined
    },
  )
})
afterEach(() => {
  leave.abort()
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

async function listen(): Promise<void> {
  const opened = sharedEvents({
    name: 'test',
    cursor: () => 0,
    watch: () => Promise.reject(new Error('not the holder')),
    signal: leave.signal,
  })
  hear({ beat: true })
  await opened
}

const stolen = () => requests.filter(({ steal }) => steal === true).length

describe('a tab that listens to the stream of another', () => {
  it('takes the stream over after two and a half minutes of silence', async () => {
    await listen()
    vi.advanceTimersByTime(140_000)
    expect(stolen()).toBe(0)
    vi.advanceTimersByTime(30_000)
    expect(stolen()).toBe(1)
  })

  it.each([
    ['ahead', YEAR],
    ['back', -YEAR],
  ])('X21: does so neither sooner nor later when the clock is set %s by a year', async (_way, ms) => {
    await listen()
    vi.setSystemTime(Date.now() + ms)
    vi.advanceTimersByTime(140_000)
    expect(stolen()).toBe(0)
    vi.advanceTimersByTime(30_000)
    expect(stolen()).toBe(1)
  })
})
