import { existsSync, rmSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import type { Caller, KernelOptions, OtherDispatching } from './api.ts'
import { awakeClock } from './awake-clock.ts'
import { Board } from './board/board.ts'
import { BoardFolders, DEFAULT_SLUG, noSuchBoard } from './home/board-folders.ts'
import type { MadeBoard } from './home/board-file.ts'
import { ConfigFile } from './home/config.ts'
import { OperationError, slug as slugSchema } from '../contract/index.ts'
import type { RunStep } from './dispatcher/steps.ts'
import { diskError } from './db/disk-error.ts'
import { FileReplaced } from './db/connection.ts'
import { openBoardFile } from './db/open.ts'
import { damagedError, isDamage, refuseLostFile } from './db/set-aside.ts'
import { hostIdentity } from './workers/process/identity.ts'

/** The command by which workers reach Runboard. */
export interface CliLocation {
  path: string
  runtime: string
  electron: boolean
}

let processorCount: number | undefined

/** Asked once: for the answer, the system also reads the speed of each. */
function processors(): number {
  return (processorCount ??= Math.max(1, cpus().length))
}

/** The part of a dispatcher in this process that the rest of the kernel uses. */
export interface RunningDispatcher {
  readonly board: Board
  holdsLease(): boolean
  /** How many workers it watches. */
  occupied(): number
  /** As `occupied`, without Runboard’s own checks and merges. */
  workers(): number
  /** Ids of tasks whose workers have reported but not exited. */
  lingering(): string[]
  kick(): void
  /** config.json has changed. @param profiles those that are not as before */
  configChanged(profiles: readonly string[]): void
  stop(): Promise<void>
}

/** What the whole kernel shares: home, configuration, open boards, clock. Created once by `openKernel`. */
export class Services {
  readonly home: string
  readonly env: Record<string, string | undefined>
  readonly clock: () => number
  /** Time that passes only while the machine is awake, in milliseconds (awake-clock.ts). */
  readonly awake: () => number
  readonly random: () => number
  readonly cli: CliLocation | null
  readonly config: ConfigFile
  readonly folders: BoardFolders
  /** Called at each step of a run's start and end. */
  readonly atStep: (step: RunStep) => void
  readonly report: (message: string, cause?: unknown) => void
  /** The dispatchers that run in this process, by board. */
  readonly dispatchers = new Map<string, RunningDispatcher>()
  /** Aborted when the kernel closes: calls that wait for something then end. */
  readonly closing = new AbortController()
  /** Calls that wait for a check or an answer, and write once it is there. */
  readonly pendingCalls = new Set<Promise<unknown>>()
  #host: string | undefined
  readonly #busy: 'block' | 'yield'
  readonly #dispatching: OtherDispatching | undefined
  readonly #beforeStatement: KernelOptions['beforeStatement']
  readonly #boards = new Map<string, Board>()
  /** Stands for the board `default` until a caller creates it. */
  #placeholder: Board | undefined
  /** Boards that must not be opened for now, with the error that their callers get. */
  readonly #refused = new Map<string, OperationError>()
  readonly #released = new Set<() => void>()

  constructor(options: KernelOptions) {
    this.home = options.home
    this.env = options.env ?? process.env
    this.clock = options.clock ?? Date.now
    this.awake = options.awake ?? options.clock ?? awakeClock()
    this.random = options.random ?? Math.random
    this.cli = options.cli ?? null
    this.config = new ConfigFile(options.home)
    this.folders = new BoardFolders(options.home)
    this.atStep = options.atStep ?? (() => undefined)
    this.report = options.report ?? reportOnStderr
    this.#busy = options.busy ?? 'block'
    this.#dispatching = options.dispatching
    this.#beforeStatement = options.beforeStatement
  }

  /** Asked for when it is first needed: few calls record it. */
  get host(): string {
    return (this.#host ??= hostIdentity())
  }

  /** Workers at once in this process, over all boards. */
  appLimit(): number {
    return this.config.readOrDefaults().settings.max_running ?? processors()
  }

  /** What this process dispatches of a board. */
  dispatchingOf({ slug }: Board): OtherDispatching {
    if (this.#dispatching !== undefined) return this.#dispatching
    const dispatcher = this.dispatchers.get(slug)
    return {
      board: dispatcher?.holdsLease() === true ? slug : null,
      running: dispatcher === undefined ? null : this.appRunning(),
    }
  }

  /** Workers that this process watches, over all boards. */
  appRunning(): number {
    let running = 0
    for (const dispatcher of this.dispatchers.values()) running += dispatcher.workers()
    return running
  }

  /** Whether this process has other work while something takes long: a window to paint, workers to watch. */
  get isBusyElsewhere(): boolean {
    return this.#busy === 'yield' || this.dispatchers.size > 0
  }

  /**
   * @returns the open board of that slug
   * @throws OperationError NOT_FOUND
   */
  board(slug: string): Board {
    const known = this.#boards.get(slug)
    const refusal = this.#refused.get(slug)
    if (refusal !== undefined) throw refusal
    if (known?.isThere() === true) return known
    this.closeBoard(slug)
    if (!this.folders.exists(slug)) throw noSuchBoard(slug)
    const board = new Board(slug, this.folders, this.#connectionOptions())
    this.#boards.set(slug, board)
    return board
  }

  #connectionOptions() {
    return { clock: this.clock, busy: this.#busy, beforeStatement: this.#beforeStatement }
  }

  /**
   * Creates a board, completely or not at all. The first board of a home becomes the current one.
   *
   * @throws OperationError CONFLICT if the name is taken
   */
  makeBoard(slug: string, file: MadeBoard): Board {
    this.#refuseWithoutHome()
    const isFirst = this.folders.current() === null && this.folders.list().length === 0
    const folder = this.folders.unfinished()
    try {
      const options = { ...this.#connectionOptions(), folder: this.folders.folder(slug) }
      openBoardFile(join(folder, 'board.db'), options).close()
      this.folders.adopt(folder, slug, file)
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
    if (isFirst && slug !== DEFAULT_SLUG) this.folders.setCurrent(slug)
    this.#placeholder?.close()
    this.#placeholder = undefined
    return this.board(slug)
  }

  closeBoard(slug: string): void {
    this.#boards.get(slug)?.close()
    this.#boards.delete(slug)
  }

  /** Stops dispatching a board here and closes its file. Its workers live on. */
  async releaseBoard(slug: string): Promise<void> {
    const dispatcher = this.dispatchers.get(slug)
    this.dispatchers.delete(slug)
    try {
      await dispatcher?.stop()
    } catch (error) {
      this.report(`the dispatcher of board ${slug} could not be stopped in order`, error)
    }
    this.closeBoard(slug)
    for (const listener of [...this.#released]) listener()
  }

  /** Calls `listener` after each board that was released. @returns a function that stops the calls */
  onReleased(listener: () => void): () => void {
    this.#released.add(listener)
    return () => this.#released.delete(listener)
  }

  /** Refuses calls on the board with this error, until `admit`. */
  refuse(slug: string, error: OperationError): void {
    this.#refused.set(slug, error)
  }

  admit(slug: string): void {
    this.#refused.delete(slug)
  }

  /**
   * Examines an error of an operation on a board. If SQLite says that the file is damaged, nothing more is written to
   * it: the board is closed, a copy is set aside, and calls are refused until a backup is restored.
   *
   * @returns the error for the caller
   */
  async explain(board: Board, error: unknown): Promise<unknown> {
    if (error instanceof FileReplaced) return this.#replaced(board)
    if (!isDamage(error)) return diskError(board.path, error) ?? error
    this.refuse(board.slug, new OperationError('BUSY', `The board “${board.slug}” is being closed.`))
    await this.releaseBoard(board.slug)
    const damaged = damagedError(board.path, `The board’s file ${board.path} is damaged.`, error)
    this.refuse(board.slug, damaged)
    return damaged
  }

  /**
   * The board's file was removed or replaced. The board is closed, so that the next call opens the current file, or
   * says that there is none.
   */
  async #replaced(board: Board): Promise<OperationError> {
    await this.releaseBoard(board.slug)
    try {
      refuseLostFile(board.path)
    } catch (error) {
      if (error instanceof OperationError) return error
      throw error
    }
    return new OperationError(
      'BUSY',
      `The file of the board “${board.slug}” was replaced while this was written, so it is not on the board. Try again.`,
      { path: board.path },
    )
  }

  /**
   * @throws OperationError CONFLICT if the home was moved away while open: creating an empty one in its place would
   *   hide that
   */
  #refuseWithoutHome(): void {
    if (existsSync(this.home)) return
    throw new OperationError(
      'CONFLICT',
      `The home ${this.home} no longer exists. Move it back, or set RUNBOARD_HOME to its new path and start again.`,
      { path: this.home },
    )
  }

  closeAll(): void {
    for (const slug of [...this.#boards.keys()]) this.closeBoard(slug)
    this.#placeholder?.close()
    this.#placeholder = undefined
  }

  /**
   * Which board a call goes to: the one it names, else the door's, else RUNBOARD_BOARD, else the board whose project
   * folder contains the caller's folder, else the current one, else `default`.
   *
   * @throws OperationError NOT_FOUND if the board does not exist
   */
  resolveSlug(caller: Caller, named: string | undefined): string {
    const found = this.#chosenSlug(caller, named)
    if (found !== null) return found
    throw this.#isFresh() ? noSuchBoard(DEFAULT_SLUG) : this.#noneChosen()
  }

  /**
   * The board that a call goes to, by the rules of `resolveSlug`. On a home that never had a board, the first write
   * creates `default`; a read gets an empty placeholder and creates nothing.
   *
   * @throws OperationError NOT_FOUND
   */
  boardFor(caller: Caller, named: string | undefined, kind: 'read' | 'write' | 'stream'): Board {
    const found = this.#chosenSlug(caller, named)
    if (found !== null) return this.board(found)
    if (!this.#isFresh()) throw this.#noneChosen()
    this.#refuseWithoutHome()
    if (kind === 'write') return this.#makeDefault()
    this.#placeholder ??= Board.placeholder(DEFAULT_SLUG, this.folders, this.#connectionOptions())
    return this.#placeholder
  }

  #chosenSlug(caller: Caller, named: string | undefined): string | null {
    const given = named ?? caller.board ?? caller.worker?.board ?? (this.env['RUNBOARD_BOARD'] || undefined)
    if (given !== undefined) return checkedSlug(given)
    const found =
      (caller.cwd === undefined ? null : this.folders.ofProject(caller.cwd)) ?? this.folders.current()
    return found ?? (this.folders.exists(DEFAULT_SLUG) ? DEFAULT_SLUG : null)
  }

  /** Whether no board was ever created here. */
  #isFresh(): boolean {
    return this.folders.list().length === 0 && this.folders.archived().length === 0
  }

  #makeDefault(): Board {
    try {
      return this.makeBoard(DEFAULT_SLUG, { name: 'Default', created_at: this.clock() })
    } catch (error) {
      // Another process was faster.
      if (error instanceof OperationError && this.folders.exists(DEFAULT_SLUG))
        return this.board(DEFAULT_SLUG)
      throw error
    }
  }

  #noneChosen(): OperationError {
    const boards = this.folders.list()
    if (boards.length > 0) {
      return new OperationError(
        'NOT_FOUND',
        `No board is chosen: there is no current one. “runboard boards switch SLUG” chooses one of ${boards.slice(0, 10).join(', ')}; “--board SLUG” names one for a single call.`,
        { boards },
      )
    }
    const archived = this.folders.archived().map(({ slug }) => slug)
    return new OperationError(
      'NOT_FOUND',
      `There is no board: all of them are archived (${[...new Set(archived)].slice(0, 10).join(', ')}). “runboard boards restore SLUG” brings one back; “runboard init” makes a new one.`,
      { boards, archived },
    )
  }
}

/** @throws OperationError INVALID_INPUT */
export function checkedSlug(value: string): string {
  const parsed = slugSchema().safeParse(value)
  if (parsed.success) return parsed.data
  throw new OperationError(
    'INVALID_INPUT',
    `“${value.slice(0, 100)}” is not a board: ${parsed.error.issues[0]?.message ?? 'bad slug'}.`,
  )
}

function reportOnStderr(message: string, cause?: unknown): void {
  const detail = cause instanceof Error ? `\n${cause.stack ?? cause.message}` : ''
  // A name in a message must not start a line that looks like another message.
  const text = `${message}${detail}`.replace(/\r\n|[\n\v\f\r\u0085\u2028\u2029]/g, '\n  ')
  process.stderr.write(`runboard: ${text}\n`)
}
