import { Readable, Writable } from 'node:stream'
import { operationList } from '../../contract/index.ts'
import type { Kernel } from '../../kernel/index.ts'
import type { Io, Output } from './io.ts'
import { run } from './run.ts'

/** An output that keeps what was written to it. */
export class Memory extends Writable {
  isTTY = false
  columns = 100
  private readonly chunks: Buffer[] = []
  private readonly waiting: { what: string; resolve: () => void }[] = []

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.chunks.push(chunk)
    for (const { what, resolve } of this.waiting) if (this.text.includes(what)) resolve()
    done()
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks)
  }

  get text(): string {
    return this.bytes.toString('utf8')
  }

  /** Resolves when `what` has been written. */
  until(what: string): Promise<void> {
    if (this.text.includes(what)) return Promise.resolve()
    return new Promise((resolve) => this.waiting.push({ what, resolve }))
  }
}

export interface Ran {
  code: number
  stdout: string
  stderr: string
  bytes: Buffer
  /** Parses standard output, which must be one JSON document. */
  json: () => any // eslint-disable-line @typescript-eslint/no-explicit-any -- tests know what they look for
  /** The error object on standard error. */
  error: () => { code: string; message: string; data?: Record<string, unknown> }
}

export interface Surroundings extends Partial<Omit<Io, 'stdin' | 'stdout' | 'stderr'>> {
  stdin?: string
  terminal?: boolean
  columns?: number
  stdout?: Output
}

/** Runs the command line in this process, in the given surroundings. */
export async function runCli(argv: readonly string[], surroundings: Surroundings = {}): Promise<Ran> {
  const { stdin, terminal, columns, stdout: given, ...io } = surroundings
  const stdout = new Memory()
  const stderr = new Memory()
  stdout.isTTY = terminal === true
  if (columns !== undefined) stdout.columns = columns
  const code = await run(argv, {
    env: {},
    cwd: '/',
    ...io,
    stdin: Readable.from([Buffer.from(stdin ?? '')]),
    stdout: given ?? stdout,
    stderr,
  })
  return {
    code,
    stdout: stdout.text,
    stderr: stderr.text,
    bytes: stdout.bytes,
    json: () => JSON.parse(stdout.text) as unknown,
    error: () => (JSON.parse(stderr.text) as { error: { code: string; message: string } }).error,
  }
}

export interface FakeCall {
  /** The words of the called operation's verb; for an operation without a verb, the path of its HTTP door. */
  verb: string
  input: Record<string, unknown>
  board: string | undefined
}

/** A kernel that records its calls and returns what the test supplies. */
export function fakeKernel(answer: (call: FakeCall) => unknown = () => ({})): Kernel & { calls: FakeCall[] } {
  const calls: FakeCall[] = []
  const note = (name: string, input: unknown, board: string | undefined) => {
    const spec = operationList.find(([known]) => known === name)?.[1]
    const verb = spec?.cli?.verb ?? spec?.http?.path ?? name
    const call = { verb, input: input as Record<string, unknown>, board }
    calls.push(call)
    return answer(call)
  }
  return {
    calls,
    home: '/nowhere',
    call: () => Promise.reject(new Error('doors loop over the contract')),
    callByName: async (name, input, caller) => note(name, input, caller.board),
    stream: () => {
      throw new Error('doors loop over the contract')
    },
    batchesByName: () => {
      throw new Error('the command line follows streams item by item')
    },
    streamByName: (name, input, caller) => note(name, input, caller.board) as AsyncIterable<unknown>,
    startDispatching: () => ({ stop: () => Promise.resolve() }),
    close: () => Promise.resolve(),
  }
}
