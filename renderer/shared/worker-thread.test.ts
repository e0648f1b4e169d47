import { expect, it, vi } from 'vitest'
import { WorkerThread } from './worker-thread.ts'

/** A thread that answers at once, but never for `hang`. */
function fakeThread() {
  const ended = vi.fn()
  const start = () => {
    const worker = {
      onmessage: null as ((message: { data: string }) => void) | null,
      onerror: null,
      postMessage: (text: string) => {
        if (text === 'hang') return
        queueMicrotask(() => worker.onmessage?.({ data: `<p>${text}</p>` }))
      },
      terminate: ended,
    }
    return worker as unknown as Worker
  }
  return { start, ended }
}

it('X11: ends a thread that takes too long, gives its question no answer, and continues with the next', async () => {
  vi.useFakeTimers()
  const { start, ended } = fakeThread()
  const thread = new WorkerThread<string, string>(start, 100)
  const answers = Promise.all(['a', 'hang', 'b'].map((text) => thread.ask(text)))
  await vi.advanceTimersByTimeAsync(150)
  expect(await answers).toEqual(['<p>a</p>', null, '<p>b</p>'])
  expect(ended).toHaveBeenCalledOnce()
  vi.useRealTimers()
})

it('X11: gives no answer when no thread can be started', async () => {
  const thread = new WorkerThread<string, string>(() => {
    throw new Error('no threads here')
  }, 100)
  expect(await thread.ask('a')).toBeNull()
})
