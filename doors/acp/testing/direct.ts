import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach } from 'vitest'
import type { AcpLine } from '../../../formats/acp-lines.ts'
import { until } from '../../../kernel/testing/until.ts'
import type { BoardLink, FormAnswer, Message, Verdict, Wanted } from '../board-link.ts'
import { type BridgeOptions, runBridge } from '../bridge.ts'
import type { Scenario } from './scenario.ts'

export const FAKE_AGENT = fileURLToPath(new URL('fake-agent.ts', import.meta.url))

/** A message that the fake agent got, or something that it did. */
export type Recorded = Record<string, any> // eslint-disable-line @typescript-eslint/no-explicit-any -- tests know what they look for

const cleanUps: (() => void)[] = []
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp()
})

/** A board that records the calls of the bridge, and gives the answers that a test sets. */
export class FakeBoard implements BoardLink {
  readonly wanted: Wanted[] = []
  readonly delivered_to: { id: number; how: string }[] = []
  beats = 0
  /** The run ends when the agent has taken this many turns. */
  reports_after = 1
  /** Calls of `isOpen` so far. The bridge makes one after each turn. */
  #looks = 0
  #queue: Message[] = []
  #wake: () => void = () => undefined
  decide: (wanted: Wanted, signal: AbortSignal) => Promise<Verdict> = () =>
    Promise.resolve({ kind: 'allowed', why: 'a rule' })
  form: (title: string, signal: AbortSignal) => Promise<FormAnswer> = () =>
    Promise.resolve({ kind: 'withdrawn', why: 'nobody answered' })

  isOpen(): Promise<boolean> {
    return Promise.resolve(++this.#looks < this.reports_after)
  }

  heartbeat(): Promise<void> {
    this.beats++
    return Promise.resolve()
  }

  mayUse(wanted: Wanted, signal: AbortSignal): Promise<Verdict> {
    this.wanted.push(wanted)
    return this.decide(wanted, signal)
  }

  fillIn(title: string, _schema: unknown, signal: AbortSignal): Promise<FormAnswer> {
    return this.form(title, signal)
  }

  tell(text: string, now = false): void {
    this.#queue.push({ id: this.#queue.length + 1 + this.delivered_to.length, text, now })
    this.#wake()
  }

  /** Resolves when the bridge has taken every message. */
  async taken(): Promise<void> {
    await until(() => this.#queue.length === 0)
  }

  async *messages(signal: AbortSignal): AsyncGenerator<Message> {
    signal.addEventListener('abort', () => this.#wake())
    while (!signal.aborted) {
      const next = this.#queue.shift()
      if (next !== undefined) yield next
      else await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  delivered({ id }: Message, how: string): Promise<void> {
    this.delivered_to.push({ id, how })
    return Promise.resolve()
  }
}

export interface DirectRun {
  board: FakeBoard
  /** Absolute path of a file that the test and the agent share. */
  path: (name: string) => string
  /** Makes a file that the agent waits for. */
  open: (name: string) => void
  lines: AcpLine[]
  printed: string[]
  record: () => Recorded[]
  /** The messages that the agent got. */
  got: (method?: string) => Recorded[]
  /** Resolves when a line is written that `isIt` accepts. */
  until: (isIt: (line: AcpLine) => boolean) => Promise<void>
  /** Asks the bridge to stop. */
  abort: () => void
  /** The exit code. */
  ended: Promise<number>
}

/** Runs the bridge in this process, with the fake agent as its real child. */
export function startDirect(
  scenario: Scenario,
  options: Partial<BridgeOptions> = {},
  board = new FakeBoard(),
): DirectRun {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'runboard-acp-')))
  const leaving = new AbortController()
  cleanUps.push(() => {
    leaving.abort()
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 })
  })
  const path = (name: string) => join(dir, name)
  const text = JSON.stringify(scenario).replaceAll('$DIR', dir)
  writeFileSync(path('scenario.json'), text)
  const lines: AcpLine[] = []
  const printed: string[] = []
  const waiting: { isIt: (line: AcpLine) => boolean; resolve: () => void }[] = []
  const ended = runBridge({
    command: [process.execPath, FAKE_AGENT, path('scenario.json'), path('record')],
    cwd: dir,
    env: process.env,
    prompt: 'Polish the brass',
    mcpServers: [],
    mode: null,
    model: null,
    resume: null,
    version: '1.2.3',
    board,
    write: (line) => {
      lines.push(line)
      for (const { isIt, resolve } of waiting) if (isIt(line)) resolve()
    },
    print: (line) => printed.push(line),
    signal: leaving.signal,
    ...options,
  })
  const record = () =>
    (existsSync(path('record')) ? readFileSync(path('record'), 'utf8') : '')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as Recorded)
  return {
    board,
    path,
    open: (name) => writeFileSync(path(name), ''),
    lines,
    printed,
    record,
    got: (method) =>
      record().filter(({ got }) => (method === undefined ? got !== undefined : got === method)),
    until: (isIt) =>
      lines.some(isIt) ? Promise.resolve() : new Promise((resolve) => waiting.push({ isIt, resolve })),
    abort: () => leaving.abort(),
    ended,
  }
}

/** Like `startDirect`, until the bridge has ended. */
export async function runDirect(
  ...given: Parameters<typeof startDirect>
): Promise<DirectRun & { code: number }> {
  const run = startDirect(...given)
  return { ...run, code: await run.ended }
}
