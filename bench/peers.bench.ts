// The same work on Runboard and on the Kanban of Hermes Agent: each through its own library, on boards with the same
// tasks, in turn on the same machine. HERMES_AGENT names a checkout of Hermes, HERMES_PYTHON a Python that has what its
// command line imports (default: python3). Without a checkout nothing is measured.
import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { type Kernel, openKernel } from '../kernel/index.ts'
import { BareBoard } from './shared/bare.ts'
import {
  type Checkout,
  findCheckout,
  hermesCommand,
  HermesPeer,
  type Version,
  versionOf,
  type Written,
} from './shared/hermes.ts'
import { median, ms, publish, table } from './shared/report.ts'

const SIZES = [1_000, 10_000, 50_000]
const ROUNDS = 4
const BATCH = 20
/** How often each command is started. The first start fills caches, and does not count. */
const STARTS = 6
const WRITERS = 4
const WRITERS_TASKS = 1_000
const WRITE_SECONDS = 5

const caller = { actor: 'bench', trigger: 'cli', board: 'bench' } as const
const COMMAND = fileURLToPath(new URL('../bin/runboard.cjs', import.meta.url))
const WRITER = fileURLToPath(new URL('shared/runboard-peer.ts', import.meta.url))

const OPERATIONS = ['create', 'claim', 'complete', 'command: show', 'command: complete'] as const
type Operation = (typeof OPERATIONS)[number]
interface Pair {
  runboard: number
  hermes: number
}

/** A board of each, with the same tasks. */
class Peers {
  readonly home = mkdtempSync(join(tmpdir(), 'runboard-bench-'))
  readonly hermesHome = join(this.home, 'hermes')
  readonly kernel: Kernel
  readonly hermes: HermesPeer
  readonly ready: { runboard: string[]; hermes: string[] } = { runboard: [], hermes: [] }
  readonly #checkout: Checkout

  constructor(checkout: Checkout) {
    this.#checkout = checkout
    this.kernel = openKernel({ home: this.home, env: {} })
    this.hermes = new HermesPeer(checkout, this.hermesHome)
  }

  async fill(size: number): Promise<void> {
    const { board } = await this.kernel.call('board.create', { slug: 'bench', switch: true }, caller)
    const bare = new BareBoard(join(board.path, 'board.db'))
    this.ready.runboard = bare.fill(size)
    bare.close()
    this.ready.hermes = await this.hermes.fill(size)
  }

  /** @returns ready tasks of one of them, each only once */
  take(whose: keyof Pair, count: number): string[] {
    return this.ready[whose].splice(-count)
  }

  command(whose: keyof Pair, words: readonly string[]): void {
    if (whose === 'hermes') hermesCommand(this.#checkout, this.hermesHome, words)
    else
      execFileSync(process.execPath, [COMMAND, ...words], {
        // A cache of its own: what other runs have left there says nothing of this build.
        env: { ...process.env, RUNBOARD_HOME: this.home, XDG_CACHE_HOME: join(this.home, 'cache') },
        stdio: ['ignore', 'pipe', 'inherit'],
        maxBuffer: 1 << 28,
      })
  }

  async close(): Promise<void> {
    await this.hermes.close()
    await this.kernel.close()
    rmSync(this.home, { recursive: true, force: true })
  }
}

/** @returns milliseconds per input */
async function timed<Input>(inputs: readonly Input[], body: (input: Input) => unknown): Promise<number> {
  const before = performance.now()
  for (const input of inputs) await body(input)
  return (performance.now() - before) / inputs.length
}

async function round(peers: Peers, add: (operation: Operation, pair: Pair) => void): Promise<void> {
  const { kernel, hermes } = peers
  const [mine, theirs] = [peers.take('runboard', BATCH), peers.take('hermes', BATCH)]
  const title = { title: 'A task', assignee: 'coder' }
  add('create', {
    runboard: await timed(mine, () => kernel.call('task.create', title, caller)),
    hermes: await hermes.create(BATCH),
  })
  add('claim', {
    runboard: await timed(mine, (id) => kernel.call('task.claim', { id }, caller)),
    hermes: await hermes.claim(theirs),
  })
  add('complete', {
    runboard: await timed(mine, (id) => kernel.call('task.complete', { id, summary: 'Done' }, caller)),
    hermes: await hermes.complete(theirs),
  })
}

/** From the start of a process to its end. */
async function commands(peers: Peers, add: (operation: Operation, pair: Pair) => void): Promise<void> {
  const start = (whose: keyof Pair, words: (id: string) => string[]) =>
    timed(peers.take(whose, 1), (id) => {
      peers.command(whose, words(id))
    })
  const pair = async (words: (id: string) => string[]) => ({
    runboard: await start('runboard', words),
    hermes: await start('hermes', words),
  })
  add('command: show', await pair((id) => ['show', id]))
  add('command: complete', await pair((id) => ['complete', id, '--summary', 'Done']))
}

async function measure(checkout: Checkout, size: number): Promise<Record<Operation, Pair>> {
  console.log(`${size.toLocaleString('en-US')} tasks …`)
  const peers = new Peers(checkout)
  await peers.fill(size)
  const times = Object.fromEntries(OPERATIONS.map((name) => [name, [] as Pair[]])) as Record<
    Operation,
    Pair[]
  >
  const add = (operation: Operation, pair: Pair) => times[operation].push(pair)
  for (let nth = 0; nth <= ROUNDS; nth++) await round(peers, add)
  for (let nth = 0; nth < STARTS; nth++) await commands(peers, add)
  await peers.close()
  // The first of each warms up caches and compilers, and does not count.
  const middle = (pairs: Pair[], whose: keyof Pair) => median(pairs.slice(1).map((pair) => pair[whose]))
  return Object.fromEntries(
    OPERATIONS.map((name) => [
      name,
      { runboard: middle(times[name], 'runboard'), hermes: middle(times[name], 'hermes') },
    ]),
  ) as Record<Operation, Pair>
}

/** @returns `ok`, or the first thing that SQLite finds wrong with a board */
function integrity(file: string): string {
  const db = new Database(file)
  try {
    return String(db.pragma('integrity_check(1)', { simple: true }))
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  } finally {
    db.close()
  }
}

interface Wrote {
  name: string
  each: Written[]
  /** By SQLite's check of the board afterwards. */
  found: string
}

async function runboardWriters(): Promise<Wrote> {
  const home = mkdtempSync(join(tmpdir(), 'runboard-bench-'))
  const kernel = openKernel({ home, env: {} })
  const { board } = await kernel.call('board.create', { slug: 'bench' }, caller)
  await kernel.close()
  const file = join(board.path, 'board.db')
  const bare = new BareBoard(file)
  bare.fill(WRITERS_TASKS)
  bare.close()
  const each = await Promise.all(
    Array.from({ length: WRITERS }, async () => {
      const { stdout } = await promisify(execFile)(process.execPath, [WRITER, home, String(WRITE_SECONDS)])
      return JSON.parse(stdout) as Written
    }),
  )
  const found = integrity(file)
  rmSync(home, { recursive: true, force: true })
  return { name: 'Runboard', each, found }
}

async function hermesWriters(checkout: Checkout, checksLength: boolean): Promise<Wrote> {
  const home = mkdtempSync(join(tmpdir(), 'runboard-bench-'))
  const filler = new HermesPeer(checkout, home, checksLength)
  await filler.fill(WRITERS_TASKS)
  await filler.close()
  const peers = Array.from({ length: WRITERS }, () => new HermesPeer(checkout, home, checksLength))
  // Its first answer says that it has opened the board. All have before the first writes.
  for (const peer of peers) await peer.version()
  const each = await Promise.all(peers.map((peer) => peer.write(WRITE_SECONDS)))
  for (const peer of peers) await peer.close()
  const found = integrity(join(home, 'kanban.db'))
  rmSync(home, { recursive: true, force: true })
  return { name: checksLength ? 'Hermes' : 'Hermes without its check of the file’s length', each, found }
}

function writersRow({ name, each, found }: Wrote): string[] {
  const sum = (of: (one: Written) => number) => each.reduce((total, one) => total + of(one), 0)
  const [error] = each.flatMap((one) => one.error ?? [])
  return [
    name,
    (sum(({ cycles }) => cycles) / WRITE_SECONDS).toFixed(0),
    ms(Math.max(...each.map(({ longest_ms }) => longest_ms))),
    String(sum(({ errors }) => errors)),
    found === 'ok' ? 'whole' : 'damaged',
    error?.split(/[:|]/, 1)[0] ?? '',
  ]
}

async function versionsOf(checkout: Checkout): Promise<Version> {
  const home = mkdtempSync(join(tmpdir(), 'runboard-bench-'))
  const peer = new HermesPeer(checkout, home)
  const version = await peer.version()
  await peer.close()
  rmSync(home, { recursive: true, force: true })
  return version
}

async function main(checkout: Checkout): Promise<void> {
  if (!existsSync(new URL('../out/main/cli.cjs', import.meta.url)))
    throw new Error('Run `npm run build` first.')
  const results: [number, Record<Operation, Pair>][] = []
  for (const size of SIZES) results.push([size, await measure(checkout, size)])
  const rows = OPERATIONS.flatMap((name) =>
    results.map(([size, result]) => {
      const { runboard, hermes } = result[name]
      return [name, size.toLocaleString('en-US'), ms(runboard), ms(hermes), (hermes / runboard).toFixed(1)]
    }),
  )
  console.log(`${WRITERS} writers …`)
  const { python, sqlite, checks_length } = await versionsOf(checkout)
  const wrote = [await runboardWriters(), await hermesWriters(checkout, true)]
  if (checks_length) wrote.push(await hermesWriters(checkout, false))
  publish(
    'peers',
    [
      '## Beside Hermes Kanban',
      '',
      `The same work on Runboard and on the Kanban of Hermes Agent ${versionOf(checkout)} (Python ${python}, SQLite ${sqlite}), in turn on one machine. Each works`,
      'through its own library, as its own dispatcher does, and keeps its own records; both boards have the same tasks, four of ten',
      'ready and six of ten waiting for one of them, and both write with `synchronous=FULL`. A command is measured from the start of',
      'its process to its end.',
      '',
      table([['operation', 'tasks', 'Runboard ms', 'Hermes ms', 'Hermes / Runboard'], ...rows]),
      '',
      `${WRITERS} processes at once, each creating, claiming and completing one task after the other for ${WRITE_SECONDS} s, on a board of ${WRITERS_TASKS.toLocaleString('en-US')} tasks:`,
      '',
      table([
        ['four writers', 'tasks /s', 'longest ms', 'errors', 'the board afterwards', 'the first error'],
        ...wrote.map(writersRow),
      ]),
      ...(checks_length
        ? [
            '',
            'This version of Hermes opens and closes the file of its board after each commit to compare its length, and so loses its locks. Newer',
            'versions of Hermes do not; the last row is this version without that check.',
          ]
        : []),
    ].join('\n'),
  )
}

const checkout = findCheckout()
if (checkout === null)
  console.log(
    'Nothing is compared: HERMES_AGENT does not name a checkout of Hermes Agent with hermes_cli/kanban_db.py.',
  )
else await main(checkout)
