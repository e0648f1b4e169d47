import type {
  CallName,
  OperationInput,
  OperationName,
  OperationOutput,
  RunTrigger,
  StreamName,
} from '../contract/index.ts'
import type { RunStep } from './dispatcher/steps.ts'

/** The run that a caller acts as: a worker, identified by the environment it was started with. */
export interface WorkerIdentity {
  task_id: string
  run_id: number
  /** The secret of its claim, or null when the caller lost it: then every write is refused. */
  claim: string | null
  profile: string | null
  board: string | null
}

/** The caller, and the door it came through. A door creates one per call; the kernel trusts it. */
export interface Caller {
  /** Written on events and comments: a person's name, a profile, or the door. */
  actor: string
  /** What is written on runs that this caller opens. */
  trigger: RunTrigger
  /** The board that the door was given (`--board`, `?board=`). It overrides all other rules of resolution. */
  board?: string | undefined
  /** The caller's working directory, for finding the board whose project folder contains it. Absolute. */
  cwd?: string | undefined
  worker?: WorkerIdentity | undefined
  /** Aborted when the caller has gone: work that only this caller waits for then ends. */
  signal?: AbortSignal | undefined
}

/** What the process dispatches for which a thread reads. */
export interface OtherDispatching {
  /** The board that is read, if that process holds its lease. */
  board: string | null
  /** Workers that it watches, on all boards; null if it does not dispatch the board. */
  running: number | null
}

export interface KernelOptions {
  /** RUNBOARD_HOME; created with mode 0700 if missing. */
  home: string
  /** The environment that workers inherit from, and board resolution reads RUNBOARD_BOARD from. */
  env?: Record<string, string | undefined>
  /**
   * `block`: a write waits for another process's lock inside SQLite (CLI, MCP, serve). `yield`: it waits there for at
   * most 50 ms, then retries from the event loop (a process with a window).
   */
  busy?: 'block' | 'yield'
  /** Milliseconds since the epoch. */
  clock?: () => number
  /** Milliseconds for which the machine has been awake. If only `clock` is given, the machine never sleeps. */
  awake?: () => number
  /** Random numbers in [0, 1) for the jitter of backoffs. */
  random?: () => number
  /** Absolute path of the CLI file that workers call (RUNBOARD_BIN), and the program that runs it. */
  cli?: { path: string; runtime: string; electron: boolean }
  /** Checks each answer against the contract too. On in tests. */
  checkOutputs?: boolean
  /** Called at each step between a claim and the end of its run. Fault tests end the process there. */
  atStep?: (step: RunStep) => void
  /** Called before each statement on a board. Fault tests make it fail there. */
  beforeStatement?: (sql: string) => void
  /** In a thread that reads for another one: what that one dispatches. */
  dispatching?: OtherDispatching
  /** Receives errors that belong to no caller. Standard error by default. */
  report?: (message: string, cause?: unknown) => void
}

/** The board file, its rules and its processes, as every door uses them. */
export interface Kernel {
  readonly home: string
  /**
   * Runs one operation of the contract. The input is checked first.
   * @throws OperationError; nothing has changed then
   */
  call<N extends CallName>(name: N, input: OperationInput<N>, caller: Caller): Promise<OperationOutput<N>>
  /** Like `call`, for doors that loop over the contract. */
  callByName(name: OperationName, input: unknown, caller: Caller): Promise<unknown>
  /** Runs a streaming operation until `signal` is aborted. Never ends by itself. */
  stream<N extends StreamName>(
    name: N,
    input: OperationInput<N>,
    caller: Caller,
    signal: AbortSignal,
  ): AsyncIterable<OperationOutput<N>>
  streamByName(
    name: OperationName,
    input: unknown,
    caller: Caller,
    signal: AbortSignal,
  ): AsyncIterable<unknown>
  /** Like `streamByName`, several items at once. Readers side by side get the same arrays: do not change them. */
  batchesByName(
    name: OperationName,
    input: unknown,
    caller: Caller,
    signal: AbortSignal,
  ): AsyncIterable<readonly unknown[]>
  /**
   * Dispatches every board of the home that is neither archived nor paused, until stopped. A board whose lease
   * another living process holds is left to it, and taken over when that process ends.
   */
  startDispatching(): Dispatching
  /** Stops background work and closes every board. Workers live on. May be called twice. */
  close(): Promise<void>
}

export interface Dispatching {
  /** Stops claiming and watching, and releases the leases. Workers live on; the next dispatcher adopts them. */
  stop(): Promise<void>
}
