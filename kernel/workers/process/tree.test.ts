import { spawn } from 'node:child_process'
import { existsSync, writeFileSync } from 'node:fs'
import { describe, expect, it, vi } from 'vitest'
import { isAlive, startKeyOf } from './identity.ts'
import { KEEPER_COMMAND, readExitFile } from './keeper.ts'
import { type ProcessEntry, ProcessScan, readProcessTable } from './process-table.ts'
import { stopTree } from './stop-tree.ts'
import { parsePsLine, readPsEntries } from './systems/ps.ts'
import { readText, setup, until, type WorkerSetup } from '../../testing/worker-setup.ts'
import {
  findTree,
  findLeftovers,
  processStats,
  processTree,
  treeMemory,
  type RunMarkers,
  type WorkerTarget,
} from './tree.ts'

const linux = process.platform === 'linux'

/** Ignores SIGTERM, as do its child and grandchild; prints `up` when all are running. */
const STUBBORN = `trap '' TERM; sh -c 'sh -c "echo up; while :; do sleep 60; done"; :' ; :`

function markersOf({ dir }: WorkerSetup): { run: string; claim: string } {
  return { run: '1', claim: dir }
}

/** Waits for the pid that a process of the test wrote into a file. */
async function pidIn(path: string): Promise<{ pid: number; started_key: string }> {
  const pid = Number(await until(() => /^(\d+)\n$/.exec(readText(path))?.[1], path))
  return { pid, started_key: await until(() => startKeyOf(pid)) }
}

describe('stopTree', () => {
  it('ends an obedient worker with SIGTERM and leaves the exit file', async () => {
    const { start, path, log } = setup()
    const worker = await start('echo up; exec sleep 60')
    await until(log)
    expect(await stopTree(worker)).toEqual({ stopped: true, killed: false, survivors: [] })
    expect(isAlive(worker)).toBe(false)
    expect(startKeyOf(worker.keeper_pid)).toBeNull()
    expect(readExitFile(path('1.exit'))).toEqual({ exit_code: null, signal: 'SIGTERM' })
    expect(await worker.exited).toEqual({ exit_code: null, signal: 'SIGTERM' })
  })

  it('gives the worker, and the processes of its cleanup, time to clean up', async () => {
    const { start, path, log } = setup()
    const worker = await start(
      `trap 'sleep 0.1; echo tidy; exit 0' TERM; echo up; while :; do sleep 0.01; done`,
    )
    await until(log)
    expect(await stopTree(worker)).toMatchObject({ stopped: true, killed: false })
    expect(log()).toContain('tidy')
    expect(readExitFile(path('1.exit'))).toEqual({ exit_code: 0, signal: null })
  })

  it('kills a worker that ignores SIGTERM, with its grandchildren, after the grace period', async () => {
    const { start, path, log } = setup()
    const worker = await start(STUBBORN)
    await until(log)
    const tree = await processTree(worker)
    expect(tree.length).toBeGreaterThanOrEqual(3)
    expect(tree[0]?.pid).toBe(worker.pid)
    expect(await stopTree(worker, { grace_ms: 100 })).toEqual({ stopped: true, killed: true, survivors: [] })
    expect(tree.filter(isAlive)).toEqual([])
    expect(readExitFile(path('1.exit'))).toEqual({ exit_code: null, signal: 'SIGKILL' })
  })

  it('lets a worker that stops its own processes do so, before they get a signal', async () => {
    const { start, path, log } = setup()
    const child = `trap 'echo child got TERM' TERM; echo up; until [ -e '${path('gate')}' ]; do sleep 0.01; done`
    const worker = await start(
      `sh -c "${child}" & trap ': >${path('gate')}; wait; echo tidy; exit 0' TERM; wait`,
    )
    await until(log)
    expect(await stopTree(worker, { alone_ms: 60_000 })).toMatchObject({ stopped: true, killed: false })
    expect(log()).toBe('up\ntidy\n')
  })

  it('stops the processes of a worker that does not stop them in its time', async () => {
    const { start, log } = setup()
    const worker = await start(STUBBORN)
    await until(log)
    const stopped = await stopTree(worker, { alone_ms: 50, grace_ms: 50 })
    expect(stopped).toEqual({ stopped: true, killed: true, survivors: [] })
  })

  it('does not wait for the grace period when aborted', async () => {
    const { start, log } = setup()
    const worker = await start(STUBBORN)
    await until(log)
    const abort = new AbortController()
    const stopping = stopTree(worker, { grace_ms: 3_600_000, signal: abort.signal })
    abort.abort()
    expect(await stopping).toMatchObject({ stopped: true, killed: true })
  })

  it('stops ten stuck workers in parallel', async () => {
    const { start, path } = setup()
    const files = (n: number) => ({ log_path: path(`${n}.log`), exit_path: path(`${n}.exit`) })
    const workers = await Promise.all(Array.from({ length: 10 }, (_, n) => start(STUBBORN, files(n))))
    for (const n of workers.keys()) await until(() => readText(path(`${n}.log`)))
    const signals = vi.spyOn(process, 'kill')
    const graceIsOver = new AbortController()
    const stopping = workers.map((worker) =>
      stopTree(worker, { grace_ms: 3_600_000, signal: graceIsOver.signal }),
    )
    const isTold = ({ pid }: { pid: number }) => signals.mock.calls.some(([of]) => of === pid)
    // If they were stopped one after the other, the second would not be signalled before the first grace period is
    // over.
    await until(() => workers.every(isTold), 'all ten to be told')
    graceIsOver.abort()
    signals.mockRestore()
    for (const result of await Promise.all(stopping))
      expect(result).toEqual({ stopped: true, killed: true, survivors: [] })
  })

  it.runIf(linux)('finds a daemon that forked twice into its own session', async () => {
    const fixture = setup()
    const { start, path } = fixture
    const worker = await start(`setsid sh -c 'sleep 60 & echo $! >${path('daemon')}' & sleep 60`)
    const daemon = await pidIn(path('daemon'))
    // Once the shell that forked it has ended, only its environment leads to it.
    await until(async () => !(await processTree(worker)).some(({ pid }) => pid === daemon.pid))
    const result = await stopTree({ ...worker, markers: markersOf(fixture) }, { grace_ms: 2_000 })
    expect(result).toMatchObject({ stopped: true, survivors: [] })
    expect(isAlive(daemon)).toBe(false)
  })

  it('finds children in the keeper’s session whose parents have gone', async () => {
    const { start, path } = setup()
    const worker = await start(`sh -c 'sleep 60 & echo $! >${path('orphan')}'; sleep 60`)
    const orphan = await pidIn(path('orphan'))
    await stopTree(worker)
    expect(isAlive(orphan)).toBe(false)
  })

  it('finds them even if the keeper was killed before', async () => {
    const { start, path } = setup()
    const worker = await start(`sh -c 'sleep 60 & echo $! >${path('orphan')}'; sleep 60`)
    const orphan = await pidIn(path('orphan'))
    process.kill(worker.keeper_pid, 'SIGKILL')
    await until(() => startKeyOf(worker.keeper_pid) === null)
    expect(await stopTree(worker)).toMatchObject({ stopped: true, survivors: [] })
    expect([worker, orphan].filter(isAlive)).toEqual([])
  })

  it('works from pid and start key alone, all that a later dispatcher knows', async () => {
    const { start, path } = setup()
    const { pid, started_key, keeper_pid } = await start(`sleep 60 & echo $! >${path('child')}; sleep 60`)
    const child = await pidIn(path('child'))
    expect(await stopTree({ pid, started_key })).toMatchObject({ stopped: true })
    expect(isAlive(child)).toBe(false)
    await until(() => startKeyOf(keeper_pid) === null)
    expect(readExitFile(path('1.exit'))).toEqual({ exit_code: null, signal: 'SIGTERM' })
  })

  it('never signals a process whose start key does not match or is unknown', async () => {
    const { start, log } = setup()
    const worker = await start(`trap 'echo signalled' TERM; echo up; while :; do sleep 0.01; done`)
    await until(log)
    const reused: WorkerTarget = { pid: worker.pid, started_key: `${worker.started_key}0` }
    expect(await stopTree(reused, { grace_ms: 0 })).toMatchObject({ stopped: true, killed: false })
    expect(await stopTree({ pid: worker.pid, started_key: null })).toMatchObject({ stopped: false })
    expect(isAlive(worker)).toBe(true)
    expect(log()).toBe('up\n')
  })

  it('of a worker that is gone returns at once', async () => {
    const { start } = setup()
    const worker = await start('exit 0')
    await worker.exited
    expect(await stopTree(worker)).toEqual({ stopped: true, killed: false, survivors: [] })
  })

  it('before go ends the waiting shell, and no worker runs', async () => {
    const { shell, path, log } = setup()
    const { startWorker } = await import('../spawn/spawn.ts')
    const worker = await startWorker(shell('echo ran'))
    expect(await stopTree(worker)).toMatchObject({ stopped: true })
    expect(await worker.exited).toEqual({ exit_code: null, signal: 'SIGTERM' })
    expect(existsSync(path('1.exit'))).toBe(true)
    expect(log()).toBe('')
  })

  it('leaves alone the workers of other runs that this one started', async () => {
    const { start, path, shell } = setup()
    const inner = JSON.stringify(
      shell('echo up; exec sleep 60', {
        env: { PATH: process.env['PATH'] ?? '', RUNBOARD_RUN: '2', RUNBOARD_CLAIM: 'other' },
        log_path: path('2.log'),
        exit_path: path('2.exit'),
      }),
    )
    writeFileSync(
      path('dispatch.mjs'),
      `import { startWorker } from ${JSON.stringify(new URL('../spawn/spawn.ts', import.meta.url).href)}
      const worker = await startWorker(${inner})
      worker.go()
      console.log(JSON.stringify(worker))
      setInterval(() => {}, 1e6)`,
    )
    const outer = await start(`exec '${process.execPath}' '${path('dispatch.mjs')}'`)
    const other = JSON.parse(
      await until(() => /^.*\}(?=\n)/.exec(readText(path('1.log')))?.[0]),
    ) as WorkerTarget
    await until(() => readText(path('2.log')))
    expect((await processTree(outer)).map(({ pid }) => pid)).toEqual([outer.pid])
    expect(await stopTree(outer)).toMatchObject({ stopped: true })
    expect(isAlive(other)).toBe(true)
    expect(await stopTree(other)).toMatchObject({ stopped: true })
  })

  it('called from inside the tree does not end the caller', async () => {
    const { start, path } = setup()
    writeFileSync(
      path('inside.mjs'),
      `import { startKeyOf } from ${JSON.stringify(new URL('identity.ts', import.meta.url).href)}
      import { stopTree } from ${JSON.stringify(new URL('stop-tree.ts', import.meta.url).href)}
      import { writeFileSync } from 'node:fs'
      const pid = Number(process.argv[2])
      const result = await stopTree({ pid, started_key: startKeyOf(pid) })
      writeFileSync(${JSON.stringify(path('result'))}, JSON.stringify(result) + '\\n')`,
    )
    const worker = await start(`'${process.execPath}' '${path('inside.mjs')}' $$; sleep 60`)
    expect(await worker.exited).toEqual({ exit_code: null, signal: 'SIGTERM' })
    const result = await until(() => /.*\n/.exec(readText(path('result')))?.[0])
    expect(JSON.parse(result)).toEqual({ stopped: true, killed: false, survivors: [] })
  })
})

describe('reading a tree', () => {
  it.runIf(linux)('finds processes left by a worker through the run’s environment', async () => {
    const fixture = setup()
    const { start, path } = fixture
    const worker = await start(`sleep 60 & echo $! >${path('left')}`)
    await worker.exited
    const left = await pidIn(path('left'))
    // Between fork and exec it still shows the shell's command line.
    const lookBy = async (markers: RunMarkers) => (await findLeftovers({ ...worker, markers })).left
    const look = () => lookBy(markersOf(fixture))
    await until(async () => (await look())[0]?.command === 'sleep 60')
    expect(await look()).toEqual([{ ...left, command: 'sleep 60' }])
    expect(await lookBy({ run: '1', claim: 'another' })).toEqual([])
    expect(await lookBy({ run: '2', claim: fixture.dir })).toEqual([])
  })

  it('gives memory and command of the worker’s whole tree', async () => {
    const { start, log } = setup()
    const program = `setInterval(() => {}, 1e6); console.log('up')`
    const worker = await start(`'${process.execPath}' -e "${program}"; :`)
    await until(log)
    const stats = await processStats(worker, await readProcessTable())
    expect(stats.processes).toBe(2)
    expect(stats.rss_bytes).toBeGreaterThan(20 * 1024 * 1024)
    if (linux) expect(stats.peak_rss_bytes).toBeGreaterThanOrEqual(stats.rss_bytes)
    expect(stats.command).toMatch(/^\/bin\/sh -c /)
  })

  it.runIf(linux)(
    'repeatedly reads only processes that may belong to it, and all when another worker joins',
    async () => {
      const { start, log, path } = setup()
      const worker = await start(
        `echo up; until [ -e '${path('go')}' ]; do sleep 0.01; done; sleep 60 & wait`,
      )
      await until(log)
      const scan = new ProcessScan()
      const look = async () => {
        const table = (await scan.look())!
        const { pids, processes } = treeMemory(table, worker)
        scan.note(table, new Set(pids))
        return { table, pids, processes }
      }

      const whole = await look()
      expect(whole.table.has(1)).toBe(true)
      expect(whole.pids).toEqual(expect.arrayContaining([worker.pid, worker.keeper_pid]))
      const next = await look()
      expect(next.table.has(1)).toBe(false)
      expect(next.pids).toEqual(expect.arrayContaining([worker.pid, worker.keeper_pid]))

      // A process that it starts later is found among the new ones.
      writeFileSync(path('go'), '')
      await until(async () => {
        const { table, pids } = await look()
        return pids.some((pid) => pid !== worker.keeper_pid && table.get(pid)?.ppid === worker.pid)
      })
      scan.forget()
      expect((await look()).table.has(1)).toBe(true)
    },
  )

  it('of a worker that is gone gives nothing', async () => {
    const gone = { pid: process.pid, started_key: 'other' }
    expect(await processStats(gone)).toEqual({ rss_bytes: 0, peak_rss_bytes: 0, processes: 0, command: null })
  })

  it('works with the output of ps, too', async () => {
    const { start, path } = setup()
    const worker = await start(`sh -c 'sleep 60 & echo $! >${path('orphan')}'; sleep 60`)
    const orphan = await pidIn(path('orphan'))
    const table = new Map((await readPsEntries()).map((entry) => [entry.pid, entry]))
    const entry = table.get(worker.pid)
    const tree = findTree(table, { pid: worker.pid, started_key: entry?.started_key ?? null })
    expect(tree.keeper?.pid).toBe(worker.keeper_pid)
    // On Linux ps prints the process group; the shells here create none, so it equals the session.
    expect(tree.members.map(({ pid }) => pid)).toEqual(expect.arrayContaining([worker.pid, orphan.pid]))
  })

  it('excludes the process with which a keeper records the end of its worker', () => {
    const started = 'Sun Nov  2 09:28:00 2025'
    const line = (pid: number, ppid: number, command: string) =>
      parsePsLine(`${pid} ${ppid} 501 S 1234 ${started} ${command}`)
    const keeper = line(501, 1, KEEPER_COMMAND.join(' '))
    const worker = line(502, 501, 'agent')
    const [child, orphan] = [line(503, 502, 'child of the agent'), line(504, 1, 'orphan of the agent')]
    const [copy, mv] = [
      line(505, 501, `${KEEPER_COMMAND.join(' ')}`),
      line(506, 501, 'mv -f 1.exit.tmp 1.exit'),
    ]
    const tableOf = (...entries: (ProcessEntry | null)[]) =>
      new Map(entries.flatMap((entry) => (entry === null ? [] : [[entry.pid, entry] as const])))
    const target = { pid: 502, started_key: worker?.started_key ?? null, keeper_pid: 501 }

    const before = findTree(tableOf(keeper, worker, child, orphan), target)
    const after = findTree(tableOf(keeper, orphan, copy, mv), target, before)

    expect(before.members).toEqual([worker, child, orphan])
    expect(after.members).toEqual([orphan])
  })

  it('parses a line of ps with its date and its command', () => {
    const line =
      '  501     1   501 Ss     1234 Sun Nov  2 09:28:00 2025 /bin/sh -c : runboard-keeper\\012trap : TERM'
    expect(parsePsLine(line)).toEqual({
      pid: 501,
      ppid: 1,
      group: 501,
      started_key: 'Sun Nov 2 09:28:00 2025',
      started_order: Date.UTC(2025, 10, 2, 9, 28),
      rss_bytes: 1234 * 1024,
      command: '/bin/sh -c : runboard-keeper\\012trap : TERM',
    })
    expect(parsePsLine('  501     1   501 Z        0 Sun Nov  2 09:28:00 2025 (sh)')).toBeNull()
    expect(parsePsLine('')).toBeNull()
  })
})

it('never takes a foreign session for a run’s own', async () => {
  // A process that no keeper started, in the session of this test: its tree is only itself and its children.
  const child = spawn('/bin/sh', ['-c', 'sleep 60; :'], { stdio: 'ignore' })
  try {
    const pid = child.pid ?? 0
    const target = { pid, started_key: startKeyOf(pid) }
    const commands = async () => (await processTree(target)).map(({ command }) => command)
    await until(async () => (await commands())[1] === 'sleep 60')
    expect(await commands()).toEqual(['/bin/sh -c sleep 60; :', 'sleep 60'])
    expect(await stopTree(target)).toMatchObject({ stopped: true })
  } finally {
    child.kill('SIGKILL')
  }
})
