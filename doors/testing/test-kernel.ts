import { type BoardEvent, OperationError, type OperationName, operations } from '../../contract/index.ts'
import type { Caller, Dispatching, Kernel } from '../../kernel/index.ts'

/** A call as it reached the kernel. */
export interface Recorded {
  name: OperationName
  input: unknown
  caller: Caller
}

type Answer = (input: Record<string, unknown>) => unknown

/** @returns an event of a board, as its log has it */
export function makeEvent(id: number): BoardEvent {
  const payload = { text: 'x'.repeat(200) }
  return {
    id,
    task_id: 't_0000000a',
    run_id: null,
    kind: 'commented',
    payload,
    actor: 'test',
    created_at: id,
  }
}

/**
 * A kernel without a board: it checks inputs as the real one does, records its calls, and returns what the test
 * supplies. Its event log is a list that the test appends to.
 */
export class TestKernel implements Kernel {
  readonly home: string
  readonly calls: Recorded[] = []
  readonly answers = new Map<OperationName, Answer>()
  readonly events: BoardEvent[] = []
  /** How many events were taken by streams, and how many streams are open. */
  taken = 0
  openStreams = 0
  dispatchers = 0
  #wakes = new Set<() => void>()

  constructor(home = '/nowhere') {
    this.home = home
  }

  append(...ids: number[]): void {
    this.events.push(...ids.map(makeEvent))
    for (const wake of this.#wakes) wake()
  }

  async call(name: OperationName, input: unknown, caller: Caller): Promise<never> {
    return (await this.callByName(name, input, caller)) as never
  }

  async callByName(name: OperationName, input: unknown, caller: Caller): Promise<unknown> {
    const checked = this.#check(name, input, caller)
    return (this.answers.get(name) ?? (() => ({})))(checked)
  }

  stream(name: OperationName, input: unknown, caller: Caller, signal: AbortSignal): AsyncIterable<never> {
    return this.streamByName(name, input, caller, signal) as AsyncIterable<never>
  }

  streamByName(
    name: OperationName,
    input: unknown,
    caller: Caller,
    signal: AbortSignal,
  ): AsyncIterable<unknown> {
    const { since, board } = this.#check(name, input, caller) as { since?: number; board?: string }
    if (board === 'missing') throw new OperationError('NOT_FOUND', 'Board “missing” not found.')
    return this.#follow(since ?? this.events.at(-1)?.id ?? 0, signal)
  }

  batchesByName(
    name: OperationName,
    input: unknown,
    caller: Caller,
    signal: AbortSignal,
  ): AsyncIterable<readonly unknown[]> {
    return inBatchesOfOne(this.streamByName(name, input, caller, signal))
  }

  startDispatching(): Dispatching {
    this.dispatchers++
    return {
      stop: async () => {
        this.dispatchers--
      },
    }
  }

  async close(): Promise<void> {
    this.#wakes.clear()
  }

  #check(name: OperationName, input: unknown, caller: Caller): Record<string, unknown> {
    const checked = operations[name].input.safeParse(input)
    if (!checked.success)
      throw new OperationError('INVALID_INPUT', checked.error.issues[0]?.message ?? 'invalid')
    // Each call has its own signal, which is not recorded.
    const { signal: _, ...who } = caller
    this.calls.push({ name, input: checked.data, caller: who })
    return checked.data
  }

  async *#follow(since: number, signal: AbortSignal): AsyncGenerator<BoardEvent> {
    let cursor = since
    this.openStreams++
    try {
      while (!signal.aborted) {
        const found = this.events.find((event) => event.id > cursor)
        if (found === undefined) {
          await this.#wake(signal)
          continue
        }
        cursor = found.id
        this.taken++
        yield found
      }
    } finally {
      this.openStreams--
    }
  }

  #wake(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const wake = () => {
        this.#wakes.delete(wake)
        resolve()
      }
      this.#wakes.add(wake)
      signal.addEventListener('abort', wake, { once: true })
    })
  }
}

async function* inBatchesOfOne(items: AsyncIterable<unknown>): AsyncGenerator<readonly unknown[]> {
  for await (const item of items) yield [item]
}
