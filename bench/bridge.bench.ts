// What the bridge to an agent that speaks ACP costs while the agent is silent, and how soon a message reaches the agent
// during its turn. Needs a build: the bridge is the built command line. The agent is the fake one of its tests. Limit: the
// median from `tell` to delivery is at most 300 ms.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Scenario } from '../doors/acp/testing/scenario.ts'
import { type Kernel, openKernel } from '../kernel/index.ts'
import { usedBy } from './shared/app-processes.ts'
import { ms, percentile, publish, table } from './shared/report.ts'

const caller = { actor: 'bench', trigger: 'cli', board: 'bench' } as const
const file = (path: string) => fileURLToPath(new URL(path, import.meta.url))
const FAKE_AGENT = file('../doors/acp/testing/fake-agent.ts')
const CLI = { path: file('../bin/runboard.cjs'), runtime: process.execPath, electron: false }

const SAMPLES = 100
const PAUSE_MS = 100
/** How long after a start all of its work is done. */
const SETTLE_MS = 5_000
const LOOK_MS = 30_000
/** From `tell` to delivery, at most, in milliseconds. */
const BUDGET_MS = 300

interface Live {
  kernel: Kernel
  id: string
  /** Of the bridge. */
  pid: number
}

/** Runs a task whose agent has begun its turn, and stays in it. */
async function withAgent<T>(body: (live: Live) => Promise<T>): Promise<T> {
  const home = mkdtempSync(join(tmpdir(), 'runboard-bench-'))
  const [scenarioPath, record] = [join(home, 'scenario.json'), join(home, 'record')]
  const kernel = openKernel({ home, env: { PATH: process.env['PATH'] }, cli: CLI })
  await kernel.call('board.create', { slug: 'bench' }, caller)
  // A name by which the bridge knows that the agent takes messages during a turn.
  const scenario: Scenario = { name: 'codex-acp', turns: [[{ hang: true }]], steering: 'accepts' }
  writeFileSync(scenarioPath, JSON.stringify(scenario))
  const command = [process.execPath, FAKE_AGENT, scenarioPath, record]
  await kernel.call('profile.add', { name: 'agent', command, driver: 'acp' }, caller)
  const { task } = await kernel.call('task.create', { title: 'Listen', assignee: 'agent' }, caller)
  const dispatching = kernel.startDispatching()
  try {
    while (!existsSync(record) || !readFileSync(record, 'utf8').includes('"session/prompt"')) await delay(50)
    const { runs } = await kernel.call('task.runs', { id: task.id }, caller)
    const pid = runs[0]?.worker_pid
    if (pid == null) throw new Error('the bridge has no process')
    return await body({ kernel, id: task.id, pid })
  } finally {
    await kernel.call('task.stop', { id: task.id }, caller)
    await dispatching.stop()
    await kernel.close()
    rmSync(home, { recursive: true, force: true, maxRetries: 5 })
  }
}

const idle = await withAgent(async ({ pid }) => {
  await delay(SETTLE_MS)
  const [before, began] = [usedBy(pid), performance.now()]
  await delay(LOOK_MS)
  const after = usedBy(pid)
  const seconds = (performance.now() - began) / 1000
  return {
    cpu_percent: (100 * (after.cpu_seconds - before.cpu_seconds)) / seconds,
    memory_mb: after.memory_mb,
  }
})

/** Milliseconds from `tell` to the record that the agent has the message. */
const waits = await withAgent(async ({ id, kernel }) => {
  const leaving = new AbortController()
  const delivered = kernel.stream(
    'event.watch',
    { since: 0, kinds: ['message_delivered'] },
    caller,
    leaving.signal,
  )
  const iterator = delivered[Symbol.asyncIterator]()
  for (let n = 0; n < SAMPLES; n++) {
    await kernel.call('message.tell', { id, body: `Message ${n}` }, caller)
    await iterator.next()
    await delay(PAUSE_MS)
  }
  leaving.abort()
  const { messages } = await kernel.call('message.list', { id, limit: SAMPLES }, caller)
  return messages.map(({ delivered_at, told_at }) => (delivered_at ?? Number.NaN) - told_at)
})

const p50 = percentile(waits, 50)

publish(
  'bridge',
  [
    '## The bridge',
    '',
    'The process between Runboard and an agent that speaks ACP, beside that agent. Idle: its agent is in a turn and silent,',
    `over ${LOOK_MS / 1000} s, in per cent of one core; memory with all that it shares with other processes.`,
    '',
    table([
      ['idle', 'CPU', 'memory'],
      ['one bridge', `${idle.cpu_percent.toFixed(2)} %`, `${idle.memory_mb.toFixed(0)} MB`],
    ]),
    '',
    `Milliseconds from \`tell\` to the record that the agent has the message, during its turn; ${SAMPLES} messages.`,
    '',
    table([
      ['from … to', 'median', '95 %', 'held to'],
      ['`tell` → delivered', ms(p50), ms(percentile(waits, 95)), String(BUDGET_MS)],
    ]),
  ].join('\n'),
)

if (!(p50 <= BUDGET_MS)) {
  process.stderr.write(`A message takes ${ms(p50)} ms to its agent; the budget is ${BUDGET_MS} ms.\n`)
  process.exitCode = 1
}
