import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import type { Readable, Writable } from 'node:stream'
import { StringDecoder } from 'node:string_decoder'

/** How the agent's process ended. `problem`: why it could not be started, else null. */
export interface AgentEnd {
  code: number | null
  signal: string | null
  problem: string | null
}

export interface AgentOptions {
  /** The agent's program, as an absolute path, and its arguments. */
  command: readonly string[]
  cwd: string
  env: Readonly<Record<string, string | undefined>>
  /** Called with each line that the agent writes to standard error. */
  onErrorLine: (line: string) => void
}

/** How long an agent may take to exit after its standard input is closed, and after SIGTERM, in milliseconds. */
const CLOSE_MS = 1_000
const TERM_MS = 1_000
const LONGEST_LINE = 8_000
const KEPT_LINES = 20

/** The agent: a child of the bridge that reads and writes messages. */
export class AgentProcess {
  readonly exited: Promise<AgentEnd>
  readonly #child: ChildProcessWithoutNullStreams
  /** The last lines of its standard error: they often say why it ended. */
  readonly #errorLines: string[] = []

  constructor({ command, cwd, env, onErrorLine }: AgentOptions) {
    const [program = '', ...args] = command
    // Our own process has it when Electron runs it as Node. An agent that is an Electron app must not inherit it.
    const { ELECTRON_RUN_AS_NODE: _ours, ...own } = env
    this.#child = spawn(program, args, { cwd, env: own, stdio: 'pipe' })
    // A write to an agent that has exited fails. `exited` reports its end.
    this.#child.stdin.on('error', () => undefined)
    eachLine(this.#child.stderr, (line) => {
      this.#errorLines.push(line)
      if (this.#errorLines.length > KEPT_LINES) this.#errorLines.shift()
      onErrorLine(line)
    })
    this.exited = new Promise((resolve) => {
      this.#child.on('error', (error) => resolve({ code: null, signal: null, problem: error.message }))
      this.#child.on('close', (code, signal) => resolve({ code, signal, problem: null }))
    })
  }

  get output(): Readable {
    return this.#child.stdout
  }

  get input(): Writable {
    return this.#child.stdin
  }

  /** The last line of its standard error, or null. */
  get lastErrorLine(): string | null {
    return (
      this.#errorLines
        .filter((line) => line.trim() !== '')
        .at(-1)
        ?.trim() ?? null
    )
  }

  /** Gives the agent time to exit, then signals it. The dispatcher stops the processes that the agent started. */
  async stop(): Promise<AgentEnd> {
    this.#child.stdin.end()
    if (await this.#endsWithin(CLOSE_MS)) return this.exited
    this.#child.kill('SIGTERM')
    if (await this.#endsWithin(TERM_MS)) return this.exited
    this.#child.kill('SIGKILL')
    // A process that the agent started may hold its output open; `close` would then never come.
    this.#child.stdout.destroy()
    this.#child.stderr.destroy()
    return this.exited
  }

  async #endsWithin(ms: number): Promise<boolean> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<false>((resolve) => (timer = setTimeout(() => resolve(false), ms)))
    const ended = this.exited.then(() => true)
    try {
      return await Promise.race([ended, late])
    } finally {
      clearTimeout(timer)
    }
  }
}

function eachLine(stream: Readable, onLine: (line: string) => void): void {
  const decoder = new StringDecoder('utf8')
  let rest = ''
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split(/\r?\n/)
    rest = (lines.pop() ?? '').slice(0, LONGEST_LINE)
    for (const line of lines) onLine(line.slice(0, LONGEST_LINE))
  })
  stream.on('end', () => {
    if (rest !== '') onLine(rest)
  })
  stream.on('error', () => undefined)
}
