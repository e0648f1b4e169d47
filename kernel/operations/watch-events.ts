import { setImmediate } from 'node:timers/promises'
import { OperationError, type BoardEvent, type CheckedInput, EVENT_KINDS } from '../../contract/index.ts'
import type { Board } from '../board/board.ts'
import { changesOf } from '../board/gathered-changes.ts'
import type { BoardContext } from './handler.ts'
import { presentEvent } from '../board/present.ts'
import * as taskEvents from '../tables/task-events.ts'
import * as tasks from '../tables/tasks.ts'

const BATCH = 500
/** A batch ends at this size, however few events it has: an event can hold a megabyte. */
const BATCH_CHARACTERS = 1_000_000

/**
 * Follows the event log of a board from a cursor: soon after each write, of this process or of others. Only the batch
 * that was read last is kept, for readers that follow the board side by side; a slow reader only delays itself. A
 * cursor beyond the newest event belongs to an earlier file of this board: then the stream starts at the newest event.
 *
 * @param signals any of them ends the stream
 * @returns the cursor from which another stream can continue
 */
export async function* watchEvents(
  context: BoardContext,
  input: CheckedInput<'event.watch'>,
  signals: readonly AbortSignal[],
): AsyncGenerator<readonly BoardEvent[], number> {
  const kinds = new Set(input.kinds.flatMap((value) => value.split(',')))
  const unknown = [...kinds].filter((kind) => !(EVENT_KINDS as readonly string[]).includes(kind))
  if (unknown.length > 0) {
    throw new OperationError(
      'INVALID_INPUT',
      `Unknown event kind ${unknown.join(', ')}. Kinds: ${EVENT_KINDS.join(', ')}.`,
    )
  }
  const newest = context.read.get(taskEvents.cursor, {})?.id ?? 0
  let cursor = Math.min(input.since ?? newest, newest)
  const wake = new Wake(context, signals)
  const isAll = kinds.size === 0 && input.assignee === undefined && input.tenant === undefined
  try {
    while (!wake.ended) {
      const { events, isFull } = readBatch(context, input.task_id, cursor)
      cursor = events.at(-1)?.id ?? cursor
      const wanted = isAll ? events : events.filter((event) => matches(context, event, kinds, input))
      if (wanted.length > 0) yield wanted
      // Yields between two batches: reading a log of a million events takes seconds.
      if (isFull) await setImmediate()
      else await wake.next()
    }
    return cursor
  } finally {
    wake.close()
  }
}

interface Batch {
  events: readonly BoardEvent[]
  /** There may be more events. */
  isFull: boolean
}

/** The last batch of each board, and what it was read for. */
const newestBatches = new WeakMap<Board, { since: number; version: number; batch: Batch }>()

function readBatch({ board, read }: BoardContext, taskId: string | undefined, since: number): Batch {
  if (taskId !== undefined)
    return batchOf(read.iterate(taskEvents.sinceOfTask, { since, task_id: taskId, limit: BATCH }))
  const { version } = changesOf(board)
  const known = newestBatches.get(board)
  // What was written since wakes this reader again.
  if (known?.since === since && known.version === version) return known.batch
  const batch = batchOf(read.iterate(taskEvents.since, { since, limit: BATCH }))
  newestBatches.set(board, { since, version, batch })
  return batch
}

function batchOf(found: Iterable<taskEvents.EventRow>): Batch {
  const events: BoardEvent[] = []
  let characters = 0
  for (const row of found) {
    events.push(presentEvent(row))
    characters += row.payload?.length ?? 0
    if (events.length === BATCH || characters > BATCH_CHARACTERS) return { events, isFull: true }
  }
  return { events, isFull: false }
}

function matches(
  context: BoardContext,
  event: BoardEvent,
  kinds: ReadonlySet<string>,
  input: CheckedInput<'event.watch'>,
): boolean {
  if (kinds.size > 0 && !kinds.has(event.kind)) return false
  if (input.assignee === undefined && input.tenant === undefined) return true
  const task = event.task_id === null ? undefined : context.read.get(tasks.byId, { id: event.task_id })
  if (task === undefined) return false
  return (
    (input.assignee === undefined || task.assignee === input.assignee) &&
    (input.tenant === undefined || task.tenant === input.tenant)
  )
}

/** Wakes a stream when its board may have changed. */
class Wake {
  ended = false
  #pending = false
  #resolve: (() => void) | undefined
  readonly #stops: (() => void)[] = []

  constructor({ board }: BoardContext, signals: readonly AbortSignal[]) {
    this.#stops.push(
      changesOf(board).subscribe((isThere) => {
        if (isThere) this.#wake()
        else this.#end()
      }),
    )
    for (const signal of signals) {
      const end = () => this.#end()
      if (signal.aborted) this.ended = true
      signal.addEventListener('abort', end, { once: true })
      this.#stops.push(() => signal.removeEventListener('abort', end))
    }
  }

  async next(): Promise<void> {
    if (!this.#pending && !this.ended) {
      await new Promise<void>((resolve) => {
        this.#resolve = resolve
      })
    }
    this.#pending = false
  }

  close(): void {
    for (const stop of this.#stops.splice(0)) stop()
  }

  /** At once, and not at the reader's next call: a reader that left never makes one. */
  #end(): void {
    this.ended = true
    this.close()
    this.#wake()
  }

  #wake(): void {
    this.#pending = true
    this.#resolve?.()
    this.#resolve = undefined
  }
}
