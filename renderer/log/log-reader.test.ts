import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { LogReader, type ReadLog } from './log-reader.svelte.ts'

beforeEach(() => {
  vi.useFakeTimers()
  vi.stubGlobal('document', { hidden: false })
})
afterEach(() => {
  vi.useRealTimers()
  vi.unstubAllGlobals()
})

/** A log file of one-byte characters, served at most `window` bytes at a time. */
function setup(window = 10) {
  const file = { content: '', ended: false, calls: 0 }
  const log = async ({ from, times }: Parameters<ReadLog>[0]) => {
    file.calls++
    const start = Math.min(from, file.content.length)
    const content = file.content.slice(start, start + window)
    const answer = {
      run_id: 1,
      attempt: 1,
      encoding: 'utf8' as const,
      content,
      from: start,
      next: start + content.length,
    }
    return {
      ...answer,
      size: file.content.length,
      ended: file.ended,
      times: times ? [{ offset: 0, at: 5 }] : null,
    }
  }
  const reader = new LogReader(log)
  const lines = () => Array.from({ length: reader.length }, (_, index) => reader.text.plain(index))
  return { file, reader, lines }
}

const moments = (milliseconds: number) => vi.advanceTimersByTimeAsync(milliseconds)

describe('a log that is read', () => {
  it('arrives completely, window by window, and is then done', async () => {
    const { file, reader, lines } = setup()
    file.content = 'first line\nsecond line\nthird\n'
    file.ended = true
    const stop = reader.start()
    await moments(50)
    expect(lines()).toEqual(['first line', 'second line', 'third'])
    expect(reader.phase).toBe('done')
    stop()
  })

  it('grows during its run, and is read a few more times after the end', async () => {
    const { file, reader, lines } = setup()
    file.content = 'one\nt'
    const stop = reader.start()
    await moments(50)
    expect([lines(), reader.phase]).toEqual([['one', 't'], 'following'])
    file.content += 'wo\n'
    await moments(600)
    expect(lines()).toEqual(['one', 'two'])
    file.ended = true
    file.content += 'late\n'
    await moments(20_000)
    expect(lines()).toEqual(['one', 'two', 'late'])
    const { calls } = file
    await moments(20_000)
    expect(file.calls).toBe(calls)
    stop()
  })

  it('is read again from its start when it was cut meanwhile', async () => {
    const { file, reader, lines } = setup(100)
    file.content = 'a long beginning\nmore of it\n'
    const stop = reader.start()
    await moments(50)
    file.content = '[Runboard cut 20 bytes here: too long]\n'.slice(0, 20)
    await moments(1200)
    expect(reader.restarted).toBe(true)
    expect(lines()).toEqual([file.content])
    stop()
  })

  it('records when new output arrived', async () => {
    const { file, reader } = setup()
    file.content = 'one\n'
    const stop = reader.start()
    await moments(50)
    file.content += 'two\n'
    await moments(600)
    expect(reader.times.map(({ offset }) => offset)).toEqual([0, 4])
    stop()
  })
})
