import { appendFileSync, linkSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { describe, expect, it, vi } from 'vitest'
import { capLog } from './cap-log.ts'
import { lastLine, lastLines, logSize, readLog, statLog, tailLog } from './log-file.ts'
import { logIndexPath, LogIndexWriter, offsetAfterCut, readIndex, timeAt } from './log-index.ts'
import { LogWatcher } from './log-watcher.ts'
import { setup, until, waitFor } from '../../testing/worker-setup.ts'

/** Runs right before each write at a position in a file; only `capLog` makes such writes. */
const writing = vi.hoisted(() => ({ before: (): void => undefined }))
/** When set, the system reports changes of this file instead of the watched one. */
const reported = vi.hoisted(() => ({ instead: null as string | null }))
vi.mock(import('node:fs'), async (original) => {
  const fs = await original()
  const writeSync = (...given: Parameters<typeof fs.writeSync>) => {
    writing.before()
    return fs.writeSync(...given)
  }
  const watch = (path: string, ...given: [{ persistent: boolean }, () => void]) =>
    fs.watch(reported.instead ?? path, ...given)
  return { ...fs, writeSync: writeSync as typeof fs.writeSync, watch: watch as typeof fs.watch }
})

function logWith(content: string | Buffer): { path: string; index: string } {
  const path = setup().path('1.log')
  writeFileSync(path, content)
  return { path, index: logIndexPath(path) }
}

const text = (part: { bytes: Buffer }): string => part.bytes.toString('utf8')

describe('reading a log', () => {
  it('continues where the last read ended, and gives the bytes unchanged', async () => {
    const { path } = logWith('one\n\x1b[31mtwo\x1b[0m\n')
    const first = await readLog(path, { from: 0, max_bytes: 4 })
    expect(first).toMatchObject({ from: 0, next: 4, size: 17 })
    const rest = await readLog(path, { from: first.next, max_bytes: 1_000 })
    expect(text(first) + text(rest)).toBe(readFileSync(path, 'utf8'))
    expect(await readLog(path, { from: rest.next, max_bytes: 10 })).toMatchObject({ from: 17, next: 17 })
    expect(await readLog(path, { from: 99, max_bytes: 10 })).toMatchObject({ from: 17, next: 17 })
    expect(await readLog(path, { from: -5, max_bytes: 2 })).toMatchObject({ from: 0, next: 2 })
  })

  it('of a missing log gives nothing', async () => {
    const path = setup().path('none.log')
    expect(await readLog(path, { from: 5, max_bytes: 5 })).toMatchObject({ from: 0, next: 0, size: 0 })
    expect(await tailLog(path, 5)).toMatchObject({ from: 0, next: 0, size: 0 })
    expect(await lastLine(path)).toBeNull()
    expect(await lastLines(path, 5)).toEqual([])
    expect(logSize(path)).toBe(0)
    expect(statLog(path)).toBeNull()
  })

  it.each([
    [100, 'one\ntwo\nthree\n'],
    [14, 'one\ntwo\nthree\n'],
    [13, 'two\nthree\n'],
    [10, 'two\nthree\n'],
    [9, 'three\n'],
    [3, 'ee\n'],
  ])('its last %i bytes begin at the start of a line', async (bytes, expected) => {
    const { path } = logWith('one\ntwo\nthree\n')
    const part = await tailLog(path, bytes)
    expect(text(part)).toBe(expected)
    expect(part).toMatchObject({ from: 14 - expected.length, next: 14, size: 14 })
  })

  it('its end never begins inside a character', async () => {
    const { path } = logWith('€'.repeat(10))
    for (let bytes = 1; bytes <= 30; bytes++) {
      expect(text(await tailLog(path, bytes))).toBe('€'.repeat(Math.floor(bytes / 3)))
    }
  })
})

describe('the last line', () => {
  it.each([
    ['one\ntwo\n', 'two'],
    ['one\ntwo', 'two'],
    ['one\n\n  \n\n', 'one'],
    ['\x1b[1;32mdone\x1b[0m \x1b]0;title\x07\n', 'done'],
    ['10%\r50%\r100%\r\n', '100%'],
    ['\x1b[2K\r\x1b[0m\n', null],
    ['', null],
    ['\n\n', null],
    ['with\ttab\x00\x08\n', 'with\ttab'],
  ])('of %j is %j', async (content, expected) => {
    expect(await lastLine(logWith(content).path)).toBe(expected)
  })

  it('is shortened, and is found before many blank lines or in a very long line', async () => {
    expect(await lastLine(logWith('x'.repeat(10_000)).path)).toBe(`${'x'.repeat(499)}…`)
    expect(await lastLine(logWith(`found\n${'\n'.repeat(100_000)}`).path)).toBe('found')
    expect(await lastLine(logWith(`first\n{${'y'.repeat(300_000)}\n`).path)).toBe(`{${'y'.repeat(498)}…`)
    expect(await lastLine(logWith('z'.repeat(3_000_000)).path)).toMatch(/^…z+…$/)
  })

  it('of a huge log is found by reading its end only', async () => {
    const { path } = logWith(Buffer.alloc(50 * 1024 * 1024, 'line\n'))
    appendFileSync(path, 'the end\n')
    const before = process.memoryUsage().arrayBuffers
    expect(await lastLine(path)).toBe('the end')
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(5 * 1024 * 1024)
  })

  it('and earlier ones come without colours and trailing blank lines', async () => {
    const { path } = logWith('1\n2\n\n\x1b[31m4\x1b[0m\n\n\n')
    expect(await lastLines(path, 3)).toEqual(['2', '', '4'])
    expect(await lastLines(path, 30)).toEqual(['1', '2', '', '4'])
    const numbers = Array.from({ length: 50_000 }, (_, n) => String(n))
    expect(await lastLines(logWith(numbers.join('\n')).path, 30)).toEqual(numbers.slice(-30))
  })
})

describe('the index', () => {
  it('gives each byte the time at which it was first seen', () => {
    const { path } = logWith('')
    const writer = new LogIndexWriter(path)
    for (const [time, size] of [
      [1_000, 10],
      [2_000, 20],
      [3_000, 30],
    ] as const) {
      expect(writer.note(size, time)).toBe(0)
    }
    writer.close()
    const index = readIndex(path)
    const times = [0, 9, 10, 19, 20, 29, 30].map((offset) => timeAt(index, offset))
    expect(times).toEqual([1_000, 1_000, 2_000, 2_000, 3_000, 3_000, null])
    expect(statSync(logIndexPath(path)).mode & 0o777).toBe(0o600)
  })

  it('has at most one entry every 50 ms, and says how long to wait', () => {
    const { path } = logWith('')
    const writer = new LogIndexWriter(path)
    expect(writer.note(1, 1_000)).toBe(0)
    expect(writer.note(2, 1_010)).toBe(40)
    expect(writer.note(2, 1_050)).toBe(0)
    expect(writer.note(2, 1_200)).toBe(0)
    expect(writer.note(3, 1_060)).toBe(40)
    expect(writer.note(3, 500)).toBe(0)
    expect(writer.note(4, 501, { at_once: true })).toBe(0)
    expect(readIndex(path).entries.map(({ offset }) => offset)).toEqual([1, 2, 3, 4])
    writer.close()
    writer.close()
  })

  it('is continued by another process, and survives a half-written last line', () => {
    const { path, index } = logWith('')
    new LogIndexWriter(path).note(5, 1_000)
    appendFileSync(index, '20')
    expect(readIndex(path).entries).toEqual([{ time_ms: 1_000, offset: 5 }])
    const next = new LogIndexWriter(path)
    expect(next.note(5, 9_000)).toBe(0)
    expect(next.note(6, 9_000)).toBe(0)
    next.close()
    expect(readIndex(path).entries).toEqual([
      { time_ms: 1_000, offset: 5 },
      { time_ms: 9_000, offset: 6 },
    ])
  })

  it('grows ever more slowly', () => {
    const { path, index } = logWith('')
    writeFileSync(index, Array.from({ length: 20_000 }, (_, n) => `${n} ${n + 1}\n`).join(''))
    const writer = new LogIndexWriter(path)
    expect(writer.note(50_000, 19_999 + 60)).toBe(40)
  })
})

/** Ten bytes. */
const line = (n: number): string => `line ${String(n).padStart(4, '0')}\n`
const lines = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, n) => line(from + n)).join('')

describe('the cap of a log', () => {
  const options = { max_bytes: 10_000, keep_head: 1_000, keep_tail: 3_000 }

  it('leaves a small log alone', async () => {
    const { path } = logWith('x'.repeat(10_000))
    expect(await capLog(path, options)).toBeNull()
    expect(logSize(path)).toBe(10_000)
  })

  it('cuts the middle at line ends and says how many bytes were removed', async () => {
    const { path } = logWith(lines(0, 2_000))
    const cut = await capLog(path, options)
    const [head, notice, tail] = readFileSync(path, 'utf8').split(/(?<=\n)(\[Runboard.*\]\n)/)
    expect(head).toBe(lines(0, 100))
    expect(tail).toBe(lines(1_701, 2_000))
    expect(notice).toBe('[Runboard cut 16010 bytes here: a log holds 10000 bytes at most]\n')
    expect(cut).toEqual({ head: 1_000, shift: 16_010 - (notice?.length ?? 0) })
  })

  it('adds the bytes of earlier cuts', async () => {
    const { path } = logWith(lines(0, 2_000))
    await capLog(path, options)
    appendFileSync(path, lines(2_000, 3_000))
    await capLog(path, options)
    const content = readFileSync(path, 'utf8')
    const kept = content.replace(/\[Runboard.*\]\n/, '')
    expect(content.match(/\[Runboard/g)).toHaveLength(1)
    expect(Number(/cut (\d+) bytes/.exec(content)?.[1])).toBe(30_000 - kept.length)
    expect(kept).toBe(lines(0, 100) + lines(2_701, 3_000))
  })

  it('cuts a log without line ends between characters, with the notice on a line of its own', async () => {
    const { path } = logWith('€'.repeat(10_000))
    await capLog(path, options)
    const content = readFileSync(path, 'utf8')
    expect(content).toMatch(/^€+.?\n\[Runboard cut \d+ bytes here: .*\]\n€+$/)
  })

  it('neither tears, repeats nor reorders the lines of a worker that keeps writing', async () => {
    const { start, path } = setup()
    const count = 20_000
    const worker = await start(`i=0; while [ $i -lt ${count} ]; do echo "line $i"; i=$((i+1)); done`)
    let cuts = 0
    let running = true
    void worker.exited.then(() => (running = false))
    while (running) {
      if (await capLog(path('1.log'), { max_bytes: 40_000, keep_head: 1_000, keep_tail: 8_000 })) cuts++
      await new Promise(setImmediate)
    }
    expect(cuts).toBeGreaterThan(0)
    const content = readFileSync(path('1.log'), 'utf8')
    const [head = '', cut, tail = ''] = content.split(/\[Runboard cut (\d+) bytes.*\]\n/)
    expect(head + tail).toMatch(/^(line \d+\n)+$/)
    const numbers = [...(head + tail).matchAll(/\d+/g)].map(Number)
    expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b))
    // A writer this fast may lose lines between the last look at the size and the truncation (see capLog), more of
    // them if we are scheduled late.
    const all = Array.from({ length: count }, (_, n) => `line ${n}\n`).join('').length
    expect(head.length + Number(cut) + tail.length).toBeLessThanOrEqual(all)
  })

  it('loses nothing that a worker writes while the tail is copied', async () => {
    const { path } = logWith(lines(0, 2_000))
    let next = 2_000
    // After the notice, and after each piece of the tail.
    writing.before = () => {
      if (next < 2_005) appendFileSync(path, line(next++))
    }
    const cut = await capLog(path, options)
    writing.before = () => undefined
    expect(cut).not.toBeNull()
    expect(next).toBe(2_005)
    expect(readFileSync(path, 'utf8').endsWith(`]\n${lines(1_701, 2_005)}`)).toBe(true)
  })

  it('adjusts the index and its readers', async () => {
    const { path } = logWith(lines(0, 2_000))
    const writer = new LogIndexWriter(path)
    for (let n = 100; n <= 2_000; n += 100) writer.note(n * 10, n * 1_000)
    const before = readIndex(path)
    const cut = await capLog(path, options)
    if (cut === null) throw new Error('nothing was cut')
    writer.noteCut(cut)
    const index = readIndex(path)
    const content = readFileSync(path, 'latin1')
    for (const n of [0, 99, 1_750, 1_999]) {
      expect(timeAt(index, content.indexOf(line(n)))).toBe(timeAt(before, n * 10))
    }
    const size = content.length
    expect(content.slice(offsetAfterCut(index, 18_000, size)).startsWith(line(1_800))).toBe(true)
    expect(content.slice(offsetAfterCut(index, 12_000, size)).startsWith('[Runboard')).toBe(true)
    expect(offsetAfterCut(index, 500, size)).toBe(500)
    writer.note(size + 10, 9_000_000)
    writer.close()
    expect(timeAt(readIndex(path), size)).toBe(9_000_000)
  })

  it('refuses to keep more than the maximum', async () => {
    const { path } = logWith('')
    await expect(capLog(path, { max_bytes: 10, keep_head: 5, keep_tail: 5 })).rejects.toThrow(RangeError)
  })
})

describe('watching a log', () => {
  it('reports each growth with its time, and keeps the index', async () => {
    const { start, path } = setup()
    const sizes: number[] = []
    const worker = await start(`${waitFor(path('a'))}; echo one; ${waitFor(path('b'))}; echo two`)
    const watcher = new LogWatcher({ log_path: path('1.log'), on_output: ({ size }) => sizes.push(size) })
    watcher.start()
    writeFileSync(path('a'), '')
    await until(() => sizes.length === 1)
    writeFileSync(path('b'), '')
    await worker.exited
    await watcher.stop()
    await watcher.stop()
    expect(sizes).toEqual([4, 8])
    const { entries } = readIndex(path('1.log'))
    expect(entries.map(({ offset }) => offset)).toEqual([4, 8])
  })

  it('finds growth that the system does not report at the next seldom look, and looks often from then on', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
    const { path } = logWith('up\n')
    reported.instead = logWith('').path
    const sizes: number[] = []
    const watcher = new LogWatcher({
      log_path: path,
      interval_ms: 0,
      on_output: ({ size }) => sizes.push(size),
    })
    try {
      watcher.start()
      await until(() => sizes.length === 1)
      appendFileSync(path, 'lost\n')
      vi.advanceTimersByTime(29_900)
      expect(sizes).toEqual([3])
      vi.advanceTimersByTime(100)
      expect(sizes).toEqual([3, 8])

      appendFileSync(path, 'next\n')
      vi.advanceTimersByTime(1_000)
      expect(sizes).toEqual([3, 8, 13])
    } finally {
      await watcher.stop()
      reported.instead = null
      vi.useRealTimers()
    }
  })

  it('cuts a log over the cap and keeps watching', async () => {
    const { path } = logWith('')
    let now = 1_000
    const sizes: number[] = []
    const watcher = new LogWatcher({
      log_path: path,
      max_bytes: 1_000,
      keep_head: 100,
      keep_tail: 300,
      now: () => now,
      on_output: ({ size }) => sizes.push(size),
    })
    appendFileSync(path, 'x'.repeat(99).concat('\n').repeat(15))
    await watcher.run_once()
    const size = logSize(path)
    expect(size).toBeLessThan(500)
    now += 100
    await watcher.run_once()
    appendFileSync(path, 'more\n')
    now += 100
    await watcher.run_once()
    expect(sizes).toEqual([1_500, size + 5])
    expect(timeAt(readIndex(path), size)).toBe(1_200)
  })

  it('delays a cut until the worker pauses, but not for long, nor past its end', async () => {
    const { path } = logWith(lines(0, 105))
    const options = { log_path: path, max_bytes: 1_000, keep_head: 100, keep_tail: 300, interval_ms: 1 }
    const watcher = new LogWatcher(options)
    await watcher.run_once()
    expect(logSize(path)).toBe(1_050)
    await watcher.run_once()
    expect(logSize(path)).toBeLessThan(500)

    appendFileSync(path, lines(0, 75))
    expect(logSize(path)).toBeGreaterThan(1_100)
    await watcher.run_once()
    expect(logSize(path)).toBeLessThan(500)

    const last = new LogWatcher(options)
    writeFileSync(path, lines(0, 105))
    await last.run_once({ at_once: true })
    expect(logSize(path)).toBeLessThan(500)
  })

  it('survives the removal of a log, and reports it', async () => {
    const { path } = logWith('x\n')
    const errors: unknown[] = []
    const watcher = new LogWatcher({
      log_path: path,
      interval_ms: 1,
      on_output: () => {
        throw new Error('no')
      },
      on_error: (error) => errors.push(error),
    })
    watcher.start()
    await until(() => errors.length > 0)
    rmSync(path)
    await watcher.run_once()
    await watcher.stop()
  })

  it('stops in order while a cut fails: the log became a second name of another file', async () => {
    const { path } = logWith('x'.repeat(1_200))
    linkSync(path, `${path}.diary`)
    const watcher = new LogWatcher({ log_path: path, max_bytes: 1_000 })
    watcher.start()
    const cut = watcher.run_once({ at_once: true })

    await Promise.all([expect(cut).rejects.toThrow('second name'), watcher.stop()])

    expect(logSize(path)).toBe(1_200)
  })
})
