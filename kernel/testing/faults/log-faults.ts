import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { expect } from 'vitest'
import { noteResult, noteStart } from '../aftermath.ts'
import { until } from '../setup.ts'
import { LOG_MAX_BYTES } from '../../workers/log/cap-log.ts'
import { lastLine } from '../../workers/log/log-file.ts'
import { logIndexPath } from '../../workers/log/log-index.ts'
import type { Fault } from './scale.ts'

const MIB = 1024 * 1024

const flood: Fault = {
  async happen(bundle, { flood_bytes }) {
    const { create, drain, profile, runs, task } = bundle
    // Cut to a number of whole lines, so that the last one is the summary.
    const lines = Math.ceil(flood_bytes / 80)
    const line = `echo begin; yes '${'flood '.repeat(13)}.' | head -n ${lines}; ${noteResult(bundle)}; echo finished`
    await profile('loud', `${noteStart(bundle)}; ${line}`, { completion: 'exit-code' })
    const { id } = await create({ assignee: 'loud' })
    let highest = 0
    const look = setInterval(() => {
      highest = Math.max(highest, process.memoryUsage().rss)
    }, 100)

    await drain()
    clearInterval(look)

    const [run] = await runs(id)
    expect(run).toMatchObject({ outcome: 'completed', summary: 'finished' })
    expect(await task(id)).toMatchObject({ status: 'done' })
    expect(statSync(run!.log_path!).size).toBeLessThanOrEqual(LOG_MAX_BYTES)
    const content = readFileSync(run!.log_path!, 'utf8')
    expect(content.startsWith('begin\nflood ')).toBe(true)
    const cut = Number(/^\[Runboard cut (\d+) bytes here.*\]$/m.exec(content)?.[1])
    expect(content.endsWith('\nfinished\n')).toBe(true)
    // The kept and the cut bytes add up to the output, except for some that coincided with a cut on a busy machine.
    const written = 'begin\n'.length + 80 * lines + 'finished\n'.length
    expect(cut + Buffer.byteLength(content)).toBeGreaterThan(0.5 * written)
    expect(highest).toBeLessThan(700 * MIB)
  },
}

const blast: Fault = {
  async happen(bundle, { flood_bytes }) {
    const { create, gate, open, profile, runs } = bundle
    const blocks = Math.ceil((flood_bytes * 4) / MIB)
    const line = `dd if=/dev/zero bs=1M count=${blocks} 2>/dev/null; echo; echo finished; ${gate('seen')}`
    await profile('loud', `${noteStart(bundle)}; ${line}; ${noteResult(bundle)}`, { completion: 'exit-code' })
    const { id } = await create({ assignee: 'loud' })
    const log = bundle.board.runFiles(id, 1).log_path
    let largest = 0
    const look = setInterval(() => {
      largest = Math.max(largest, statSync(log, { throwIfNoEntry: false })?.size ?? 0)
    }, 5)

    const drained = bundle.drain()
    await until(async () => (await lastLine(log)) === 'finished', 'the flood to end')
    clearInterval(look)
    open('seen')
    await drained

    const [run] = await runs(id)
    expect(run).toMatchObject({ outcome: 'completed', summary: 'finished' })
    expect(statSync(log).size).toBeLessThanOrEqual(LOG_MAX_BYTES)
    expect(readFileSync(log, 'latin1')).toMatch(/\[Runboard cut \d+ bytes here: a log holds \d+ bytes/)
    // How far it gets before the cut depends on the machine; without a cut it would write everything.
    expect(largest).toBeLessThan(Math.max(20 * LOG_MAX_BYTES, (blocks * MIB) / 2))
  },
}

const quota: Fault = {
  async happen(bundle) {
    const { create, drain, profile, runs, task } = bundle
    // A limit on file size stands for a full disk: the write that exceeds it ends the writer.
    const line = `echo begin; ulimit -f 64; exec yes 'no room for this'`
    await profile('loud', `${noteStart(bundle)}; ${line}`, { completion: 'exit-code' })
    const { id } = await create({ assignee: 'loud', max_retries: 1 })

    await drain()

    const [run] = await runs(id)
    expect(run).toMatchObject({ outcome: 'crashed', signal: 'SIGXFSZ', exit_code: null })
    expect(run!.error).toMatch(
      /^It was killed by SIGXFSZ\. .*larger than the system lets it.*\n[^]*no room for this/,
    )
    expect(statSync(run!.log_path!).size).toBeLessThanOrEqual(64 * 1024)
    expect(await task(id)).toMatchObject({ status: 'blocked', block_kind: 'gave_up' })
  },
}

const indexInTheWay: Fault = {
  async happen(bundle) {
    const { board, create, drain, profile, runs } = bundle
    await profile('plain', `${noteStart(bundle)}; echo one; ${noteResult(bundle)}; echo finished`, {
      completion: 'exit-code',
    })
    const { id } = await create({ assignee: 'plain' })
    const index = logIndexPath(board.runFiles(id, 1).log_path)
    mkdirSync(index, { recursive: true })

    await drain()

    expect(await runs(id)).toMatchObject([{ outcome: 'completed', summary: 'finished' }])
    expect(statSync(`${index}.old-1`).isDirectory()).toBe(true)
  },
}

export const logFaults = {
  'a worker that floods its log': flood,
  'X6: a worker that writes as fast as the disk takes it': blast,
  'a disk with no room for the log': quota,
  'a folder in place of the index of a log': indexInTheWay,
} satisfies Record<string, Fault>
