// How soon work is started, and what starting costs. Limits (design §10), as medians: from ready to started within 20
// ms when the dispatching process made the task ready, 150 ms when another process did; from a worker's exit to the
// next start within 20 ms. Idle below 1 % of a core.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Run } from '../contract/index.ts'
import { type Kernel, openKernel } from '../kernel/index.ts'
import { ms, percentile, publish, table } from './shared/report.ts'

const caller = { actor: 'bench', trigger: 'cli', board: 'bench' } as const
const SAMPLES = 60
const PAUSE_MS = 120

interface Bench {
  home: string
  kernel: Kernel
  /** Resolves when `count` runs have ended since the last call. */
  ended: (count: number) => Promise<void>
  runs: () => Promise<Run[]>
}

/** Runs a dispatching kernel on a fresh home, with a profile whose workers exit at once. */
async function withDispatcher<T>(slots: number, body: (bench: Bench) => Promise<T>): Promise<T> {
  const home = mkdtempSync(join(tmpdir(), 'runboard-bench-'))
  const kernel = openKernel({ home, env: { PATH: process.env['PATH'] } })
  await kernel.call('board.create', { slug: 'bench' }, caller)
  writeFileSync(
    join(home, 'config.json'),
    JSON.stringify({ settings: { max_running: slots, min_free_memory_mb: 0 } }),
  )
  const fields = { completion: 'exit-code', stdin: 'none' } as const
  await kernel.call('profile.add', { name: 'quick', command: ['/bin/true'], ...fields }, caller)
  const leaving = new AbortController()
  const events = kernel.stream('event.watch', { since: 0, kinds: ['completed'] }, caller, leaving.signal)
  const iterator = events[Symbol.asyncIterator]()
  const dispatching = kernel.startDispatching()
  try {
    return await body({
      home,
      kernel,
      ended: async (count) => {
        for (let n = 0; n < count; n++) await iterator.next()
      },
      runs: async () => {
        const { tasks } = await kernel.call('task.list', {}, caller)
        const all = await Promise.all(tasks.map(({ id }) => kernel.call('task.runs', { id }, caller)))
        return all.flatMap((answer) => answer.runs)
      },
    })
  } finally {
    leaving.abort()
    await dispatching.stop()
    await kernel.close()
    rmSync(home, { recursive: true, force: true, maxRetries: 5 })
  }
}

const waits = (runs: readonly Run[]) =>
  runs.map((run) => (run.spawned_at ?? Number.NaN) - (run.ready_at ?? Number.NaN))

/** From ready to started, when this process makes the task ready. */
const here = await withDispatcher(8, async ({ kernel, ended, runs }) => {
  for (let n = 0; n < SAMPLES; n++) {
    await kernel.call('task.create', { title: `Task ${n}`, assignee: 'quick' }, caller)
    await ended(1)
    await delay(5)
  }
  return waits(await runs()).slice(5)
})

/** The same, when another process does. */
const elsewhere = await withDispatcher(8, async ({ home, ended, runs }) => {
  const program = fileURLToPath(new URL('shared/create-tasks.ts', import.meta.url))
  spawn(process.execPath, [program, home, String(SAMPLES), String(PAUSE_MS)], { stdio: 'inherit' })
  await ended(SAMPLES)
  return waits(await runs()).slice(5)
})

/** From the exit of a worker to the start of the next, in one slot: each worker records when it ends. */
const handover = await withDispatcher(1, async ({ home, kernel, ended, runs }) => {
  const times = join(home, 'times')
  const shell = `date +%s%N >>'${times}'`
  await kernel.call('profile.add', { name: 'noting', shell, completion: 'exit-code', stdin: 'none' }, caller)
  for (let n = 0; n < SAMPLES; n++) {
    await kernel.call('task.create', { title: `Task ${n}`, assignee: 'noting' }, caller)
  }
  await ended(SAMPLES)
  const exits = readFileSync(times, 'utf8')
    .trim()
    .split('\n')
    .map((line) => Number(line) / 1e6)
  const started = (await runs()).map((run) => run.spawned_at ?? Number.NaN).sort((a, b) => a - b)
  return started.slice(6).map((at, n) => at - (exits[n + 5] ?? Number.NaN))
})

/** The system's part of a start: the two shells of a keeper and the program, from spawn to exit, without a board. */
const shells: number[] = []
for (let n = 0; n < SAMPLES; n++) {
  const before = performance.now()
  const line = '/bin/sh -c "exec /bin/true"; exit 0'
  await once(spawn('/bin/sh', ['-c', line], { detached: true, stdio: 'ignore' }), 'exit')
  shells.push(performance.now() - before)
  await delay(5)
}

const MANY = 1000
const SLOTS = 8

/** A thousand processes that exit at once, eight at a time, started by plain spawn. */
async function startBare(): Promise<number> {
  const before = performance.now()
  let left = MANY
  const slot = async () => {
    while (left-- > 0) await once(spawn('/bin/true', { detached: true, stdio: 'ignore' }), 'exit')
  }
  await Promise.all(Array.from({ length: SLOTS }, slot))
  return performance.now() - before
}

const bare = await startBare()
const through = await withDispatcher(SLOTS, async ({ kernel, ended }) => {
  await kernel.call('dispatcher.pause', {}, caller)
  for (let n = 0; n < MANY; n++) {
    await kernel.call('task.create', { title: `Task ${n}`, assignee: 'quick' }, caller)
  }
  const before = performance.now()
  await kernel.call('dispatcher.resume', {}, caller)
  await ended(MANY)
  return performance.now() - before
})

const IDLE_MS = 10_000
const idle = await withDispatcher(8, async ({ kernel }) => {
  for (let n = 0; n < 200; n++) await kernel.call('task.create', { title: `Task ${n}` }, caller)
  await delay(1000)
  const before = process.cpuUsage()
  await delay(IDLE_MS)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000 / IDLE_MS
})

const IDLE_BOARDS = 300
/** In per cent of a core. */
const IDLE_BOARDS_BUDGET = 3

/** Many boards of one home with nothing to do on any of them. */
const idleBoards = await withDispatcher(8, async ({ kernel }) => {
  for (let n = 1; n < IDLE_BOARDS; n++) await kernel.call('board.create', { slug: `idle-${n}` }, caller)
  const last = { ...caller, board: `idle-${IDLE_BOARDS - 1}` }
  while ((await kernel.call('dispatcher.show', {}, last)).dispatcher.who !== 'here') await delay(250)
  await delay(2000)
  const before = process.cpuUsage()
  await delay(IDLE_MS)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 10 / IDLE_MS
})

const rateOf = (took: number) => [
  (took / 1000).toFixed(1),
  ((MANY / took) * 1000).toFixed(0),
  (took / bare).toFixed(1),
]

const figures = (name: string, values: readonly number[], target: string) => [
  name,
  ms(percentile(values, 50)),
  ms(percentile(values, 95)),
  target,
]

publish(
  'dispatch',
  [
    '## The dispatcher',
    '',
    'Milliseconds between the moments that a run keeps, for workers that end at once.',
    '',
    table([
      ['from … to', 'median', '95 %', 'held to'],
      figures('ready → started, same process', here, '20'),
      figures('ready → started, another process made it ready', elsewhere, '150'),
      figures('worker’s exit → next one started, one slot', handover, '20'),
      figures('for comparison: two shells and the program, bare, from start to end', shells, ''),
    ]),
    '',
    table([
      ['a thousand short tasks through eight slots', 'seconds', 'a second', 'of bare'],
      ['the same processes, started by spawn alone', ...rateOf(bare)],
      ['through the board: claim, workspace, context, keeper, log, exit file, run', ...rateOf(through)],
    ]),
    '',
    `Idle, with a board of 200 tasks: ${(idle * 100).toFixed(2)} % of a core (held to 1 %).`,
    '',
    `Idle, with ${IDLE_BOARDS} boards: ${idleBoards.toFixed(2)} % of a core (held to ${IDLE_BOARDS_BUDGET} %).`,
  ].join('\n'),
)

if (idleBoards > IDLE_BOARDS_BUDGET) {
  process.stderr.write(
    `${IDLE_BOARDS} idle boards take ${idleBoards.toFixed(2)} % of a core; the budget is ${IDLE_BOARDS_BUDGET} %.\n`,
  )
  process.exitCode = 1
}
