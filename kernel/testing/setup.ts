import { existsSync, mkdtempSync, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect } from 'vitest'
import {
  type BoardEvent,
  type CallName,
  type ErrorCode,
  OperationError,
  type OperationInput,
  type OperationOutput,
  type Run,
  type Task,
  type TaskDetail,
} from '../../contract/index.ts'
import type { Caller, Kernel, KernelOptions } from '../api.ts'
import { Board } from '../board/board.ts'
import type { WriteTx } from '../db/connection.ts'
import { BoardFolders } from '../home/board-folders.ts'
import { openKernel } from '../kernel.ts'
import { Inspector } from './invariants.ts'
import { removeFolder } from './remove-folder.ts'

export { until } from './until.ts'

/** A clock that stands still until a test moves it. */
export class TestClock {
  now = Date.UTC(2026, 10, 22, 12)

  advance(ms: number): number {
    return (this.now += ms)
  }
}

export interface SetupOptions extends Partial<Omit<KernelOptions, 'home' | 'clock'>> {
  /** `real` when workers run for real and timers must fire. */
  clock?: 'fake' | 'real'
  /** A home in memory, if there is such a file system: for tests of very many steps, on slow disks. */
  inMemory?: boolean
  /** An existing empty folder: a disk of its own. */
  home?: string
}

/** A claimed task, with the worker that it is claimed for. */
export interface ClaimedTask {
  task: Task
  run: Run
  claim: string
  /** Acts as this run. */
  worker: Caller
}

type Fields = Partial<OperationInput<'task.create'>>

/** One home, one board, one person, and everything that a test of the kernel calls. */
export interface Setup {
  home: string
  slug: string
  kernel: Kernel
  clock: TestClock
  person: Caller
  inspector: Inspector
  /**
   * Errors that the kernel reported because they had no caller. Must be empty when the test is over, unless it says
   * otherwise.
   */
  reports: { message: string; cause: unknown }[]
  /** The same bundle on another, existing board of the home. */
  on: (slug: string) => Setup
  /** Calls an operation as the person, or as `caller`, and then checks the invariants. */
  call: <N extends CallName>(
    name: N,
    input: OperationInput<N>,
    caller?: Caller,
  ) => Promise<OperationOutput<N>>
  /** Makes a call that must be refused with this code, and checks that nothing has changed. @returns the error */
  refused: <N extends CallName>(
    code: ErrorCode,
    name: N,
    input: OperationInput<N>,
    caller?: Caller,
  ) => Promise<OperationError>
  create: (given?: string | Fields) => Promise<Task>
  claim: (id: string, profile?: string) => Promise<ClaimedTask>
  show: (id: string) => Promise<TaskDetail>
  task: (id: string) => Promise<Task>
  runs: (id: string) => Promise<Run[]>
  /** The events of a task, or of the board. */
  events: (id?: string) => Promise<BoardEvent[]>
  kinds: (id: string) => Promise<string[]>
  /** Runs what only the dispatcher calls, in its own transaction, then checks the invariants. */
  write: <T>(body: (tx: WriteTx) => T, actor?: string) => T
  board: Board
  invariants: () => void
}

const cleanUps: (() => Promise<void> | void)[] = []

/** Ends what the test has started so far: for tests that start many times. */
export async function cleanUpNow(): Promise<void> {
  for (const body of cleanUps.splice(0).reverse()) await body()
}

afterEach(cleanUpNow)

/** Runs after the test, last registered first. */
export function cleanUp(body: () => Promise<void> | void): void {
  cleanUps.push(body)
}

/** @returns a folder that is removed with the test */
export function temporaryFolder(name = 'runboard-kernel-', inMemory = false): string {
  const parent = inMemory && existsSync('/dev/shm') ? '/dev/shm' : tmpdir()
  const folder = realpathSync(mkdtempSync(join(parent, name)))
  cleanUp(() => removeFolder(folder))
  return folder
}

/** A kernel on a fresh home with one board, `test`. */
export async function setup(options: SetupOptions = {}): Promise<Setup> {
  const { clock: kind = 'fake', inMemory = false, home: own, ...given } = options
  const home = own ?? temporaryFolder('runboard-kernel-', inMemory)
  const clock = new TestClock()
  const time = kind === 'fake' ? () => clock.now : Date.now
  const reports: Setup['reports'] = []
  const kernel = openKernel({
    home,
    env: { PATH: process.env['PATH'] },
    clock: time,
    random: () => 0.5,
    checkOutputs: true,
    report: (message, cause) => reports.push({ message, cause }),
    ...given,
  })
  await kernel.call('board.create', { slug: 'test' }, { actor: 'ada', trigger: 'human' })
  cleanUp(async () => {
    await kernel.close()
    expect(reports).toEqual([])
  })
  return bundleOn({ home, kernel, clock, time, reports }, 'test')
}

type Common = Pick<Setup, 'home' | 'kernel' | 'clock' | 'reports'> & { time: () => number }

function bundleOn(common: Common, slug: string): Setup {
  const { home, kernel, clock, time, reports } = common
  const person: Caller = { actor: 'ada', trigger: 'human', board: slug }
  const board = new Board(slug, new BoardFolders(home), { clock: time, busy: 'block' })
  const inspector = new Inspector(join(board.folder, 'board.db'))
  cleanUp(() => {
    inspector.close()
    board.close()
  })
  const base = { home, slug, kernel, clock, person, inspector, reports, board }
  return { ...base, ...helpersOf(base), on: (other) => bundleOn(common, other) }
}

type Base = Pick<Setup, 'home' | 'slug' | 'kernel' | 'clock' | 'person' | 'inspector' | 'reports' | 'board'>

function helpersOf(base: Base): Omit<Setup, keyof Base | 'on'> {
  const { kernel, person, inspector, board } = base
  const invariants = () => inspector.check()

  const call: Setup['call'] = async (name, input, caller = person) => {
    try {
      return await kernel.call(name, input, caller)
    } finally {
      invariants()
    }
  }

  const refused: Setup['refused'] = async (code, name, input, caller = person) => {
    const before = inspector.dump()
    const error = await call(name, input, caller).then(
      () => {
        throw new Error(`${name} was not refused: ${JSON.stringify(input)}`)
      },
      (cause: unknown) => cause,
    )
    if (!(error instanceof OperationError)) throw error
    expect({ code: error.code, message: error.message }).toEqual({ code, message: error.message })
    expect(inspector.dump()).toEqual(before)
    return error
  }

  const show = (id: string) => call('task.show', { id })
  const events: Setup['events'] = async (id) =>
    (await call('event.list', { limit: 10_000, ...(id === undefined ? {} : { task_id: id }) })).events

  return {
    call,
    refused,
    invariants,
    show,
    events,
    create: async (given = {}) => {
      const fields = typeof given === 'string' ? { title: given } : given
      return (await call('task.create', { title: 'A task', ...fields })).task
    },
    claim: async (id, profile) => {
      const claimed = await call('task.claim', { id, ...(profile === undefined ? {} : { profile }) })
      return { ...claimed, worker: workerOf(claimed, base.slug) }
    },
    task: async (id) => (await show(id)).task,
    runs: async (id) => (await call('task.runs', { id })).runs,
    kinds: async (id) => (await events(id)).map((event) => event.kind),
    write: (body, actor = 'dispatcher') => {
      try {
        return board.connection.writeNow(actor, body)
      } finally {
        invariants()
      }
    },
  }
}

/** @returns the caller for a worker with this claim */
export function workerOf({ run, claim }: { run: Run; claim: string | null }, board: string): Caller {
  return {
    actor: run.profile ?? 'worker',
    trigger: 'cli',
    worker: { task_id: run.task_id, run_id: run.id, claim, profile: run.profile, board },
  }
}
