import { resolve } from 'node:path'
import { slug } from '../../contract/index.ts'
import type { Caller, Kernel } from '../../kernel/index.ts'
import { type Io, write } from './io.ts'
import { sourceStack } from './source-stack.ts'
import { usageError } from './usage.ts'
import { jsonText, visible } from './views/text.ts'

export interface Globals {
  board: string | undefined
  home: string | undefined
  json: boolean
}

/**
 * One call of the command line: its settings, and what it opens. The kernel is loaded by the first verb that needs it,
 * because loading it takes longer than most of what help and completion do.
 */
export class Session {
  readonly io: Io
  readonly json: boolean
  readonly board: string | undefined
  /** Aborted when the reader of the output has gone, or the process is asked to end. */
  readonly signal: AbortSignal
  private readonly homeFlag: string | undefined
  private opened: Promise<Kernel> | undefined

  constructor(io: Io, globals: Globals, signal: AbortSignal) {
    this.io = io
    this.json = globals.json
    this.board = globals.board === undefined ? undefined : checkedSlug(globals.board)
    if (globals.home !== undefined && globals.home.trim() === '')
      throw usageError('--home: the path is blank.')
    this.homeFlag = globals.home
    this.signal = signal
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return (this.io.now ?? Date.now)()
  }

  /** Opens the home, once. */
  kernel(): Promise<Kernel> {
    this.opened ??= this.io.kernel === undefined ? this.open() : Promise.resolve(this.io.kernel)
    return this.opened
  }

  private async open(): Promise<Kernel> {
    const { io } = this
    const { defaultHome, openKernel, refuseForeignHome } = await import('../../kernel/index.ts')
    const home = this.homeFlag === undefined ? defaultHome(io.env) : resolve(io.cwd, this.homeFlag)
    refuseForeignHome(io.env, home)
    return openKernel({
      home,
      env: io.env,
      busy: 'block',
      report: (message, cause) => {
        this.report(message, cause)
      },
      ...(io.cli === undefined ? {} : { cli: io.cli }),
      ...(io.now === undefined ? {} : { clock: io.now }),
    })
  }

  /** Reports background errors. With `--json`, standard error has the error object and nothing else. */
  private report(message: string, cause: unknown): void {
    const debug = (this.io.env['RUNBOARD_DEBUG'] ?? '') !== ''
    if (this.json && !debug) return
    const stack =
      debug && cause instanceof Error && cause.stack !== undefined ? sourceStack(cause.stack) : null
    const text = cause instanceof Error ? (stack ?? cause.message) : ''
    void this.note(text === '' ? message : `${message}: ${text}`)
  }

  /** The caller: a worker if the environment says so, else the user, on the given board. */
  async caller(): Promise<Caller> {
    const { callerFromEnvironment, refuseHalfWorker } = await import('../../kernel/index.ts')
    refuseHalfWorker(this.io.env)
    const caller = { ...callerFromEnvironment(this.io.env, 'cli', this.io.cwd), signal: this.signal }
    return this.board === undefined ? caller : { ...caller, board: this.board }
  }

  async close(): Promise<void> {
    if (this.opened === undefined || this.io.kernel !== undefined) return
    const kernel = await this.opened.catch(() => null)
    await kernel?.close()
  }

  /** Writes text for people, or bytes unchanged. */
  out(chunk: string | Uint8Array): Promise<void> {
    return write(this.io.stdout, chunk)
  }

  /** Writes one JSON document: the answer, or one item of a stream. */
  outJson(document: unknown): Promise<void> {
    return this.out(`${jsonText(document)}\n`)
  }

  /** Prints a note on standard error. */
  note(text: string): Promise<void> {
    return write(this.io.stderr, `runboard: ${visible(text)}\n`)
  }
}

function checkedSlug(text: string): string {
  const checked = slug().safeParse(text)
  if (checked.success) return checked.data
  throw usageError(`--board: ${checked.error.issues[0]?.message ?? 'not a slug'}.`)
}
