// What a call costs through each door, the longest wait while fifty readers follow the events, and what a change of one
// card costs a screen that shows ten thousand. The figures depend on the machine and the day: compare only those of one
// run.
import { execFileSync, fork } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { MessageChannel } from 'node:worker_threads'
import { Client as McpClient } from '@modelcontextprotocol/client'
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio'
import { createORPCClient } from '@orpc/client'
import { RPCLink } from '@orpc/client/message-port'
import type { Client } from '../contract/index.ts'
import { type RunningServer, startServer } from '../doors/http/server.ts'
import { localClient, serveKernelOverPort } from '../doors/ipc/index.ts'
import { type Caller, type Kernel, openKernel } from '../kernel/index.ts'
import { median, ms, publish, table } from './shared/report.ts'

const STREAMS = 50
const MEASURE_MS = 1_500
const WARM_UP_CALLS = 100
const CLI = fileURLToPath(new URL('../doors/cli/main.ts', import.meta.url))

interface Figures {
  calls: number
  mean: number
  p50: number
  p99: number
}

/** @returns microseconds per call, one after the other */
async function measure(call: (turn: number) => Promise<unknown>): Promise<Figures> {
  for (let turn = 0; turn < WARM_UP_CALLS; turn++) await call(turn)
  const times: number[] = []
  const end = performance.now() + MEASURE_MS
  for (let turn = 0; performance.now() < end; turn++) {
    const started = performance.now()
    await call(turn)
    times.push((performance.now() - started) * 1000)
  }
  times.sort((a, b) => a - b)
  const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0
  return {
    calls: times.length,
    mean: times.reduce((sum, time) => sum + time, 0) / times.length,
    p50: at(0.5),
    p99: at(0.99),
  }
}

const rounded = (figure: number) => Math.round(figure).toLocaleString('en-US')

/** The tables so far, each with its title and the notes below it. */
const sections: { title: string; rows: string[][]; notes: string[] }[] = []

function print(what: string, { mean, p50, p99 }: Figures): void {
  sections.at(-1)?.rows.push([what, rounded(mean), rounded(p50), rounded(p99)])
}

function header(title: string): void {
  console.log(`${title} …`)
  sections.push({ title, rows: [['µs', 'mean', 'p50', 'p99']], notes: [] })
}

function note(sentence: string): void {
  sections.at(-1)?.notes.push(sentence)
}

/** A board of its own in a home of its own. */
class Bench {
  readonly home = mkdtempSync(join(tmpdir(), 'runboard-bench-'))
  readonly kernel: Kernel
  readonly caller: Caller = { actor: 'bench', trigger: 'human', board: 'bench' }

  constructor() {
    this.kernel = openKernel({ home: this.home, env: { PATH: process.env['PATH'] } })
  }

  async fill(slug: string, count: number): Promise<string[]> {
    await this.kernel.call('board.create', { slug, switch: true }, this.caller)
    const ids: string[] = []
    for (let number = 0; number < count; number++) {
      const input = { board: slug, title: `Task ${number}`, body: 'What is to be done here', tenant: 'bench' }
      ids.push((await this.kernel.call('task.create', input, this.caller)).task.id)
    }
    return ids
  }

  async close(): Promise<void> {
    await this.kernel.close()
    rmSync(this.home, { recursive: true, force: true })
  }
}

/** One keep-alive connection, as a browser has it. */
class HttpCaller {
  readonly #server: RunningServer
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 })

  constructor(server: RunningServer) {
    this.#server = server
  }

  send(method: string, path: string, body?: object): Promise<unknown> {
    const { port, token } = this.#server
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    return new Promise((resolve, reject) => {
      const options = { host: '127.0.0.1', port, method, path: `/api${path}`, headers, agent: this.#agent }
      const sent = request(options, (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.once('end', () => {
          const text = Buffer.concat(chunks).toString()
          if (answer.statusCode === 200) resolve(JSON.parse(text))
          else reject(new Error(text))
        })
      })
      sent.once('error', reject)
      sent.end(body === undefined ? undefined : JSON.stringify(body))
    })
  }

  close(): void {
    this.#agent.destroy()
  }
}

/** A read and a write through one door. */
interface Calls {
  read: (id: string) => Promise<unknown>
  write: (id: string, priority: number) => Promise<unknown>
}

async function compare(name: string, { read, write }: Calls, ids: readonly string[]): Promise<void> {
  const idOf = (turn: number) => ids[turn % ids.length] ?? ''
  print(`${name}, read`, await measure((turn) => read(idOf(turn))))
  print(`${name}, write`, await measure((turn) => write(idOf(turn), turn % 100)))
}

function callsOf(client: Client): Calls {
  return {
    read: (id) => client.task.show({ id }),
    write: (id, priority) => client.comment.add({ id, body: `Priority ${priority}` }),
  }
}

async function overPort({ kernel, caller }: Bench, ids: readonly string[]): Promise<void> {
  const { port1, port2 } = new MessageChannel()
  const here = {
    on: (event: string, listener: (payload: never) => void) =>
      port1.on(event as 'message', (data: unknown) => {
        listener({ data } as never)
      }),
    start: () => {
      port1.start()
    },
    postMessage: (data: unknown) => {
      port1.postMessage(data)
    },
    close: () => {
      port1.close()
    },
  }
  const served = serveKernelOverPort(kernel, here, caller)
  const client = createORPCClient<Client & object>(new RPCLink({ port: port2 }))
  port2.start()
  await compare('IPC (a MessagePort)', callsOf(client), ids)
  served.close()
}

function httpCalls(http: HttpCaller): Calls {
  return {
    read: (id) => http.send('GET', `/tasks/${id}`),
    write: (id, priority) => http.send('POST', `/tasks/${id}/comments`, { body: `Priority ${priority}` }),
  }
}

async function overHttp({ kernel }: Bench, ids: readonly string[]): Promise<void> {
  const server = await startServer(kernel, { pageFolder: null })
  const http = new HttpCaller(server)
  await compare('HTTP (both ends in one process)', httpCalls(http), ids)
  http.close()
  await server.close()
}

async function overMcp({ home }: Bench, ids: readonly string[]): Promise<void> {
  const transport = new StdioClientTransport({
    command: process.execPath,
    args: [CLI, 'mcp', '--board', 'bench'],
    env: { PATH: process.env['PATH'] ?? '', RUNBOARD_HOME: home },
  })
  const client = new McpClient({ name: 'bench', version: '1' })
  await client.connect(transport)
  const call = (name: string, given: Record<string, unknown>) => client.callTool({ name, arguments: given })
  const calls: Calls = {
    read: (id) => call('show', { id }),
    write: (id, priority) => call('comment', { id, body: `Priority ${priority}` }),
  }
  await compare('MCP (stdio, two processes)', calls, ids)
  await client.close()
}

/** Reads streams of events in a separate process, until the parent ends. */
async function readStreams(url: string, token: string): Promise<void> {
  let events = 0
  const open = Array.from({ length: STREAMS }, async () => {
    const answer = await fetch(`${url}/api/events`, { headers: { authorization: `Bearer ${token}` } })
    return async () => {
      for await (const chunk of answer.body ?? []) {
        events +=
          Buffer.from(chunk as Uint8Array)
            .toString()
            .split('\nid: ').length - 1
      }
    }
  })
  const readers = await Promise.all(open)
  process.on('message', () => process.send?.({ events }))
  process.send?.('open')
  await Promise.all(readers.map((read) => read().catch(() => undefined)))
}

async function withStreams({ kernel }: Bench, ids: readonly string[]): Promise<void> {
  const server = await startServer(kernel, { pageFolder: null })
  const http = new HttpCaller(server)
  const { write } = httpCalls(http)
  const idOf = (turn: number) => ids[turn % ids.length] ?? ''
  header(`HTTP writes while ${STREAMS} readers follow the events`)
  print('no reader', await measure((turn) => write(idOf(turn), turn)))
  const child = fork(fileURLToPath(import.meta.url), ['streams', server.url, server.token])
  await new Promise((resolve) => child.once('message', resolve))
  const figures = await measure((turn) => write(idOf(turn), turn))
  const told = new Promise<{ events: number }>((resolve) => child.once('message', resolve))
  setTimeout(() => child.send('count'), 500)
  const { events } = await told
  print(`${STREAMS} readers`, figures)
  note(`The readers received ${events.toLocaleString('en-US')} events meanwhile, each reader every event.`)
  child.kill()
  http.close()
  await server.close()
}

async function deltas(bench: Bench): Promise<void> {
  header('What one changed card costs a screen')
  const means: number[] = []
  for (const cards of [1_000, 10_000]) {
    const board = `cards-${cards}`
    const ids = await bench.fill(board, cards)
    const client = localClient(bench.kernel, { ...bench.caller, board })
    let { cursor } = await client.board.view({})
    let bytes = 0
    const delta = async (turn: number) => {
      await client.task.edit({ id: ids[(turn * 37) % cards] ?? '', priority: turn % 1000 })
      const started = performance.now()
      const changes = await client.board.changes({ since: cursor })
      times.push((performance.now() - started) * 1000)
      cursor = changes.cursor
      bytes = JSON.stringify(changes).length
    }
    const times: number[] = []
    const whole = await measure(delta)
    const mean = times.slice(WARM_UP_CALLS).reduce((sum, time) => sum + time, 0) / whole.calls
    means.push(mean)
    const size = cards.toLocaleString('en-US')
    print(`edit and delta, ${size} cards`, whole)
    print(`whole board, ${size} cards`, await measureFew(() => client.board.view({})))
    note(
      `At ${size} cards the delta alone takes ${rounded(mean)} µs and ${bytes.toLocaleString('en-US')} bytes.`,
    )
  }
  const [small = 1, large = 1] = means
  note(`The delta at 10,000 cards, of that at 1,000: ${(large / small).toFixed(2)} (at most 1.50).`)
}

async function measureFew(call: () => Promise<unknown>): Promise<Figures> {
  const times: number[] = []
  for (let turn = 0; turn < 5; turn++) {
    const started = performance.now()
    await call()
    times.push((performance.now() - started) * 1000)
  }
  times.sort((a, b) => a - b)
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length
  return { calls: times.length, mean, p50: times[2] ?? 0, p99: times[4] ?? 0 }
}

/** Milliseconds from the start of a process to its exit. */
function startOf(argv: readonly string[], home: string): number {
  const started = performance.now()
  execFileSync(process.execPath, argv, {
    // A cache of its own: what other runs have left there says nothing of this build.
    env: {
      ...process.env,
      RUNBOARD_HOME: home,
      RUNBOARD_BOARD: 'bench',
      XDG_CACHE_HOME: join(home, 'cache'),
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return performance.now() - started
}

/** How often each command is run. The first run fills the compile cache, and does not count. */
const STARTS = 16
/** The most that a command may take, as a multiple of a bare Node. */
const MOST_OF_BARE = 2

/** The most modules that each of these commands may run. A new one that every command loads shows here. */
const MOST_MODULES = 140

/** @returns how many modules a command has run, as its kept code says (scripts/build/run-common.cjs) */
function modulesOf(home: string, verb: string): number {
  const folder = join(home, 'cache', 'runboard', 'compile')
  const build = readdirSync(folder).find((name) => /^[0-9a-f]{12}-/.test(name)) ?? ''
  return readFileSync(join(folder, build, verb)).readUInt32LE()
}

/** The built command line, in turn with a bare Node; without a build there is nothing to measure. */
async function commandLine({ home, kernel, caller }: Bench, ids: readonly string[]): Promise<void> {
  header('Starting the command line')
  const built = fileURLToPath(new URL('../bin/runboard.cjs', import.meta.url))
  if (!existsSync(new URL('../out/main/cli.cjs', import.meta.url)))
    throw new Error('Run `npm run build` first.')
  const claimed = ids.slice(0, STARTS)
  for (const id of claimed) await kernel.call('task.claim', { id }, caller)
  const idle = ids.at(-1) ?? ''
  await kernel.call('task.claim', { id: idle }, caller)
  const commands: Record<string, (turn: number) => string[]> = {
    'node -e 0': () => ['-e', '0'],
    'runboard show --help': () => [built, 'show', '--help'],
    'runboard list --limit 50': () => [built, 'list', '--limit', '50'],
    'runboard show': () => [built, 'show', idle],
    'runboard heartbeat': () => [built, 'heartbeat', idle],
    'runboard complete': (turn) => [built, 'complete', claimed[turn] ?? '', '--summary', 'Done'],
  }
  const times = new Map(Object.keys(commands).map((name) => [name, [] as number[]]))
  for (let turn = 0; turn < STARTS; turn++) {
    for (const [name, argv] of Object.entries(commands)) {
      const time = startOf(argv(turn), home)
      if (turn > 0) times.get(name)?.push(time)
    }
  }
  const bare = median(times.get('node -e 0') ?? [])
  const rows = [...times].map(([name, all]) => [name, ms(median(all)), (median(all) / bare).toFixed(1)])
  const above = [...times]
    .filter(([, all]) => median(all) > MOST_OF_BARE * bare)
    .map(([name]) => `\`${name}\``)
  sections.at(-1)?.rows.splice(0, 1, ['ms from start to end', 'median', 'of bare Node'], ...rows)
  const modules = ['list', 'show', 'heartbeat', 'complete'].map(
    (verb) => [verb, modulesOf(home, verb)] as const,
  )
  const met = above.length === 0 ? 'all meet it' : `above it: ${above.join(', ')}`
  note(`The budget is ${MOST_OF_BARE} times a bare Node; ${met}.`)
  note(
    `Modules that they run (at most ${MOST_MODULES}): ${modules.map(([verb, count]) => `${verb} ${count}`).join(', ')}.`,
  )
  if (modules.some(([, count]) => count > MOST_MODULES)) process.exitCode = 1
}

async function main(): Promise<void> {
  const bench = new Bench()
  const ids = await bench.fill('bench', 1_000)
  header('A call on a board of 1,000 tasks (read: show; write: a comment)')
  await compare('in-process', callsOf(localClient(bench.kernel, bench.caller)), ids)
  await overPort(bench, ids)
  await overHttp(bench, ids)
  await overMcp(bench, ids)
  await withStreams(bench, ids)
  await deltas(bench)
  await commandLine(bench, ids)
  await bench.close()
  publish(
    'doors',
    [
      '## The doors',
      ...sections.map(({ title, rows, notes }) => [`### ${title}`, table(rows), ...notes].join('\n\n')),
    ].join('\n\n'),
  )
}

const [mode, url, token] = process.argv.slice(2)
if (mode === 'streams') await readStreams(url ?? '', token ?? '')
else await main()
