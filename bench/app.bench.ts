// The desktop app as a whole: how soon its board is usable, and what it costs when idle. Needs a build, and Electron
// with a display, as the end-to-end tests do.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as delay } from 'node:timers/promises'
import { program } from '../e2e/desktop-app.ts'
import { whyNoElectron } from '../e2e/find-electron.ts'
import { environmentOf, Home, root } from '../e2e/home.ts'
import { firstCardAt } from './shared/first-card.ts'
import { takenBy } from './shared/app-processes.ts'
import { median, publish, table } from './shared/report.ts'

const STARTS = 7
const CARDS = 200
const WORKERS = 10
/** How long after a start all of its work is done and no card shows an age in seconds. */
const SETTLE_MS = 65_000
const LOOK_MS = 30_000

async function withBoard(): Promise<Home> {
  const home = await Home.make()
  await home.cli('init', '--name', 'work')
  await home.cli('settings', 'set', `max_running=${WORKERS}`)
  const titles = Array.from({ length: CARDS }, (_, index) => `Task ${index}`)
  for (let at = 0; at < titles.length; at += 4) {
    await Promise.all(titles.slice(at, at + 4).map((title) => home.create(title, '--hold')))
  }
  return home
}

function spawnApp(home: Home, ...words: string[]): ChildProcess {
  return spawn(program, ['--no-sandbox', '--disable-gpu', ...words, root], {
    env: environmentOf(home.path),
    stdio: ['ignore', 'ignore', 'pipe'],
  })
}

async function quit(app: ChildProcess): Promise<void> {
  if (app.exitCode !== null || app.signalCode !== null) throw new Error('The app has ended by itself.')
  const exited = once(app, 'exit')
  app.kill('SIGTERM')
  await exited
}

/** @returns milliseconds from the start of the process until a card has been painted */
async function start(home: Home): Promise<number> {
  const began = Date.now()
  const app = spawnApp(home, '--remote-debugging-port=0')
  const took = (await firstCardAt(app)) - began
  await quit(app)
  return took
}

interface Idle {
  cpu_percent: number
  memory_mb: number
  processes: number
}

/** @returns the app's share of one core when idle, without a driver attached */
async function idle(home: Home): Promise<Idle> {
  const app = spawnApp(home)
  app.stderr?.resume()
  await delay(SETTLE_MS)
  const pid = app.pid ?? 0
  const [before, began] = [takenBy(pid), performance.now()]
  await delay(LOOK_MS)
  const after = takenBy(pid)
  const seconds = (performance.now() - began) / 1000
  await quit(app)
  return {
    cpu_percent: (100 * (after.cpu_seconds - before.cpu_seconds)) / seconds,
    memory_mb: after.memory_mb,
    processes: after.processes,
  }
}

async function withWorkers(line: string): Promise<Idle> {
  const home = await withBoard()
  try {
    await home.addProfile('worker', line, '--completion', 'exit-code')
    for (let index = 0; index < WORKERS; index++) {
      await home.create(`Long ${index}`, '--assignee', 'worker', '--priority', '9')
    }
    const measured = await idle(home)
    const running = (await home.workers()).filter(({ alive }) => alive).length
    if (running !== WORKERS) throw new Error(`${running} workers ran, not ${WORKERS}`)
    return measured
  } finally {
    await home.remove()
  }
}

function row(name: string, { cpu_percent, memory_mb, processes }: Idle): string[] {
  return [name, `${cpu_percent.toFixed(2)} %`, `${memory_mb.toFixed(0)} MB`, String(processes)]
}

async function run(): Promise<void> {
  const home = await withBoard()
  const starts: number[] = []
  for (let index = 0; index < STARTS; index++) starts.push(await start(home))
  const alone = await idle(home)
  await home.remove()
  const silent = await withWorkers('exec sleep 3600')
  const chatty = await withWorkers('while :; do echo "a line of output"; sleep 1; done')
  const [first = Number.NaN, ...others] = starts
  publish(
    'app',
    `## The desktop app

From the start of the process to a board of ${CARDS} cards that can be used: **${median(others).toFixed(0)} ms** in the middle of
${others.length} starts (the first one ${first.toFixed(0)} ms), held to 1,500 ms. Electron ${electronVersion()}, without a GPU.

What all of its processes take while nobody does anything, over ${LOOK_MS / 1000} s, in per cent of one core; without workers it is held
to 1 %.

${table([
  ['window open', 'CPU', 'memory', 'processes'],
  row('no workers', alone),
  row(`${WORKERS} silent workers`, silent),
  row(`${WORKERS} workers, a line a second each`, chatty),
])}`,
  )
}

function electronVersion(): string {
  const env = { ...process.env, ELECTRON_RUN_AS_NODE: '1' }
  return execFileSync(program, ['-p', 'process.versions.electron'], { env, encoding: 'utf8' }).trim()
}

const reason = whyNoElectron()
if (reason !== null) console.log(`The app is not measured: ${reason}.`)
else await run()
