import type {
  CallName,
  OperationInput,
  OperationName,
  OperationOutput,
  RunTrigger,
  StreamName,
} from '../contract/index.ts'
import type { RunStep } from './dispatcher/steps.ts'

/** The run that a caller acts as: a worker, known by the environment it was started with. */
export interface WorkerIdentity {
  task_id: string
  run_id: number
  /** The secret of its claim, or null when the caller lost it: then every write is refused. */
  claim: string | null
  profile: string | null
  board: string | null
}

/** Who calls, through which door. Doors make one a call; the kernel trusts it. */
export interface Caller {
  /** Written on events and comments: a person's name, a profile, or the door. */
  actor: string
  /** What is written on runs that this caller opens. */
  trigger: RunTrigger
  /** The board that the door was told to use (`--board`, `?board=`), before any other rule of resolution. */
  board?: string | undefined
  /** Where the caller stands, for the board whose project folder holds it. Absolute. */
  cwd?: string | undefined
  worker?: WorkerIdentity | undefined
  /** Aborted when the caller has gone: what only it waits for ends then. */
  signal?: AbortSignal | undefined
}

export interface KernelOptions {
  /** RUNBOARD_HOME; made with mode 0700 when it is not there. */
  home: string
  /** The environment that workers inherit from, and board resolution reads RUNBOARD_BOARD from. */
  env?: Record<string, string | undefined>
  /**
   * `block`: a write waits for another process's lock inside SQLite (CLI, MCP, serve).
   * `yield`: it waits 50 ms at most there, then tries again from the event loop (a process with a window).
   */
  busy?: 'block' | 'yield'
  /** Milliseconds since the epoch. */
  clock?: () => number
  /** Milliseconds that have passed while the machine was awake. Where only `clock` is given, the machine never sleeps. */
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
  /** Where what has no caller to go to is reported. Standard error by default. */
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
  /** As `call`, for doors that loop over the contract. */
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
  /**
   * Dispatches every board of the home that is neither archived nor paused, until stopped. Where another living process
   * holds a board's lease, that board is left to it and taken over when it goes.
   */
  startDispatching(): Dispatching
  /** Stops what runs in the background and closes every board. Workers live on. May be called twice. */
  close(): Promise<void>
}

export interface Dispatching {
  /** Stops claiming and watching, gives the leases back. Workers live on; the next dispatcher adopts them. */
  stop(): Promise<void>
}
