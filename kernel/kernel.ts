import { mkdirSync, statSync } from 'node:fs'
import { delimiter, resolve } from 'node:path'
import {
  asOperationError,
  type CallName,
  isNestedTooDeep,
  MAX_NESTING,
  OperationError,
  type OperationInput,
  type OperationName,
  type OperationOutput,
  type OperationSpec,
  specOf,
  type StreamName,
} from '../contract/index.ts'
import type { Caller, Dispatching, Kernel, KernelOptions } from './api.ts'
import { startDispatching } from './dispatcher/dispatching.ts'
import { issueSentence } from './issue-sentence.ts'
import { watchEvents } from './operations/watch-events.ts'
import { boardCall } from './operations/context-of-call.ts'
import type { AppContext } from './operations/handler.ts'
import { proposedBy, refuseWorker } from './operations/worker-rights.ts'
import { handlerOf } from './operations/index.ts'
import { longRead } from './long-reads.ts'
import { Services } from './services.ts'
import { DailyBackups } from './upkeep/backups.ts'

/**
 * Opens the kernel on a home folder. Boards are opened when they are first used.
 *
 * @throws OperationError CONFLICT for a home that is not there yet and cannot be made, readable by its user alone
 */
export function openKernel(options: KernelOptions): Kernel {
  const home = resolve(options.home)
  refuseUnusable(home)
  makeHome(home)
  const services = new Services({ ...options, home })
  return new OpenKernel(services, options.checkOutputs ?? false)
}

/**
 * The home's `bin` is on the PATH of every worker, and a PATH cannot escape its own separator.
 *
 * @throws OperationError CONFLICT
 */
function refuseUnusable(home: string): void {
  const problem = home.includes(delimiter)
    ? `“${delimiter}” separates the folders of a PATH, so workers could not find the runboard command in it`
    : /[\n\r]/.test(home)
      ? 'a line break is part of its name'
      : null
  if (problem === null) return
  throw new OperationError(
    'CONFLICT',
    `The home ${JSON.stringify(home)} cannot be used: ${problem}. Name another folder, by --home or RUNBOARD_HOME.`,
    { path: home },
  )
}

function makeHome(home: string): void {
  try {
    mkdirSync(home, { recursive: true, mode: 0o700 })
  } catch (error) {
    const isFile = statSync(home, { throwIfNoEntry: false })?.isFile() === true
    const why = isFile ? 'a file is there' : error instanceof Error ? error.message : String(error)
    throw new OperationError(
      'CONFLICT',
      `The home ${home} cannot be made: ${why}. Name another folder, by --home or RUNBOARD_HOME.`,
      { path: home },
      { cause: error },
    )
  }
}

class OpenKernel implements Kernel {
  readonly home: string
  readonly #services: Services
  readonly #checkOutputs: boolean
  readonly #backups: DailyBackups
  #dispatching: Dispatching | undefined

  constructor(services: Services, checkOutputs: boolean) {
    this.home = services.home
    this.#services = services
    this.#backups = new DailyBackups(services)
    this.#checkOutputs = checkOutputs
  }

  async call<N extends CallName>(
    name: N,
    input: OperationInput<N>,
    caller: Caller,
  ): Promise<OperationOutput<N>> {
    return (await this.callByName(name, input, caller)) as OperationOutput<N>
  }

  async callByName(name: OperationName, input: unknown, caller: Caller): Promise<unknown> {
    try {
      return await this.#run(name, input, caller)
    } catch (error) {
      const known = asOperationError(error)
      if (known.code === 'INTERNAL') this.#services.report(`${name} failed`, known.cause ?? known)
      throw known
    }
  }

  async #run(name: OperationName, input: unknown, caller: Caller): Promise<unknown> {
    const spec = specOf(name)
    const checked = checkInput(spec, input)
    const output = await (spec.scope === 'board'
      ? this.#runOnBoard(name, spec, checked, caller)
      : this.#runOnHome(name, spec, checked, caller))
    return this.#checkOutputs ? spec.output.parse(output) : output
  }

  async #runOnBoard(
    name: OperationName,
    spec: OperationSpec,
    checked: Record<string, unknown>,
    caller: Caller,
  ): Promise<unknown> {
    const { context, input } = boardCall(handlerOf, this.#services, name, spec, checked, caller)
    const handler = handlerOf(name as CallName)
    try {
      const long = await longRead(this.#services, context.board, { name, input, caller })
      return long === null ? await handler(context, input) : long.answer
    } catch (error) {
      throw await this.#services.explain(context.board, error)
    }
  }

  async #runOnHome(
    name: OperationName,
    spec: OperationSpec,
    checked: Record<string, unknown>,
    caller: Caller,
  ): Promise<unknown> {
    const call = { services: this.#services, name, spec, caller }
    refuseWorker(call)
    proposedBy(call, checked)
    const handler = handlerOf(name as CallName)
    const context: AppContext = {
      services: this.#services,
      caller,
      call: (other, input) => this.call(other, input, caller),
    }
    return handler(context, checked)
  }

  stream<N extends StreamName>(
    name: N,
    input: OperationInput<N>,
    caller: Caller,
    signal: AbortSignal,
  ): AsyncIterable<OperationOutput<N>> {
    return this.streamByName(name, input, caller, signal) as AsyncIterable<OperationOutput<N>>
  }

  streamByName(
    name: OperationName,
    input: unknown,
    caller: Caller,
    signal: AbortSignal,
  ): AsyncIterable<unknown> {
    return oneByOne(this.batchesByName(name, input, caller, signal), signal)
  }

  batchesByName(
    name: OperationName,
    input: unknown,
    caller: Caller,
    signal: AbortSignal,
  ): AsyncIterable<readonly unknown[]> {
    const spec = specOf(name)
    if (spec.kind !== 'stream') throw new Error(`${name} is not a stream`)
    const checked = checkInput(spec, input)
    const open = (since?: number) =>
      boardCall(
        handlerOf,
        this.#services,
        name,
        spec,
        since === undefined ? checked : { ...checked, since },
        caller,
      )
    return watchFile(open(), open, [signal, this.#services.closing.signal])
  }

  startDispatching(): Dispatching {
    this.#dispatching ??= startDispatching(this.#services)
    this.#backups.start()
    return this.#dispatching
  }

  async close(): Promise<void> {
    this.#services.closing.abort()
    await Promise.allSettled([...this.#services.pendingCalls])
    await this.#backups.stop()
    await this.#dispatching?.stop()
    // A call that dispatches once, or until everything is done, has its own dispatcher.
    await Promise.all([...this.#services.dispatchers.values()].map((dispatcher) => dispatcher.stop()))
    this.#services.closeAll()
  }
}

async function* oneByOne(
  batches: AsyncIterable<readonly unknown[]>,
  signal: AbortSignal,
): AsyncGenerator<unknown> {
  for await (const batch of batches) {
    for (const item of batch) {
      if (signal.aborted) return
      yield item
    }
  }
}

type BoardCall = ReturnType<typeof boardCall>

/**
 * Follows a board whose file may be replaced by another, or taken away: the stream continues with the new file.
 *
 * @param reopen opens the board again; throws BOARD_DAMAGED where its file is gone
 */
async function* watchFile(
  first: BoardCall,
  reopen: (since: number) => BoardCall,
  signals: readonly AbortSignal[],
): AsyncGenerator<readonly unknown[]> {
  for (let call = first; ;) {
    const cursor = yield* watchEvents(call.context, call.input as never, signals)
    const { connection } = call.context.board
    // A board that this process has closed is archived, or being restored: its reader asks again.
    const isLost = connection.isOpen && !connection.isCurrent()
    if (!isLost || signals.some(({ aborted }) => aborted)) return
    call = reopen(cursor)
  }
}

/**
 * @returns the input as the contract wants it: trimmed, with defaults
 * @throws OperationError INVALID_INPUT with a sentence for each thing that is wrong
 */
function checkInput(spec: OperationSpec, input: unknown): Record<string, unknown> {
  if (isNestedTooDeep(input)) {
    throw new OperationError('INVALID_INPUT', `The input is nested more than ${MAX_NESTING} levels deep.`)
  }
  const parsed = spec.input.safeParse(input ?? {})
  if (parsed.success) return parsed.data
  const sentences = parsed.error.issues.map(issueSentence)
  throw new OperationError('INVALID_INPUT', `${sentences.join('; ')}.`, {
    fields: [...new Set(parsed.error.issues.map((issue) => issue.path.join('.')))],
  })
}
