import { mkdirSync, readFileSync, statSync } from 'node:fs'
import { expect } from 'vitest'
import { noteResult, noteStart } from '../aftermath.ts'
import { LOG_MAX_BYTES } from '../../workers/cap-log.ts'
import { logIndexPath } from '../../workers/log-index.ts'
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
    // What is kept and what was cut are what was written, but for what met the cut itself: on a busy machine, some of it.
    const written = 'begin\n'.length + 80 * lines + 'finished\n'.length
    expect(cut + Buffer.byteLength(content)).toBeGreaterThan(0.5 * written)
    expect(highest).toBeLessThan(700 * MIB)
  },
}

const quota: Fault = {
  async happen(bundle) {
    const { create, drain, profile, runs, task } = bundle
    // The limit of the size of files stands for a full disk: the write that goes past it ends the writer.
    const line = `echo begin; ulimit -f 64; exec yes 'no room for this'`
    await profile('loud', `${noteStart(bundle)}; ${line}`, { completion: 'exit-code' })
    const { id } = await create({ assignee: 'loud', max_retries: 1 })

    await drain()

    const [run] = await runs(id)
    expect(run).toMatchObject({ outcome: 'crashed', signal: 'SIGXFSZ', exit_code: null })
    expect(run!.error).toMatch(/^It was killed by SIGXFSZ\.\n[^]*no room for this/)
    expect(statSync(run!.log_path!).size).toBeLessThanOrEqual(64 * 1024)
    expect(await task(id)).toMatchObject({ status: 'blocked', block_kind: 'gave_up' })
  },
}

const brokenIndex: Fault = {
  reports: ['the log of run 1 cannot be watched'],
  async happen(bundle) {
    const { board, create, drain, profile, runs } = bundle
    await profile('plain', `${noteStart(bundle)}; echo one; ${noteResult(bundle)}; echo finished`, {
      completion: 'exit-code',
    })
    const { id } = await create({ assignee: 'plain' })
    mkdirSync(logIndexPath(board.runFiles(id, 1).log_path), { recursive: true })

    await drain()

    expect(await runs(id)).toMatchObject([{ outcome: 'completed', summary: 'finished' }])
  },
}

export const logFaults = {
  'a worker that floods its log': flood,
  'a disk with no room for the log': quota,
  'an index of a log that cannot be written': brokenIndex,
} satisfies Record<string, Fault>
