import { setImmediate } from 'node:timers/promises'
import { OperationError, type BoardEvent, type CheckedInput, EVENT_KINDS } from '../../contract/index.ts'
import { onChange } from '../board/change-feed.ts'
import type { BoardContext } from './handler.ts'
import { presentEvent } from '../board/present.ts'
import * as taskEvents from '../tables/task-events.ts'
import * as tasks from '../tables/tasks.ts'

const BATCH = 500
/** A batch ends at this size, however few events it has: an event can hold a megabyte. */
const BATCH_CHARACTERS = 1_000_000

/**
 * Follows the event log of a board from a cursor: writes of this process at once, writes of others within a tenth of
 * a second. Nothing is kept in memory between batches, so a slow reader only delays itself. A cursor beyond the
 * newest event belongs to an earlier file of this board: then the stream starts at the newest event.
 *
 * @param signals any of them ends the stream
 * @returns the cursor from which another stream can continue
 */
export async function* watchEvents(
  context: BoardContext,
  input: CheckedInput<'event.watch'>,
  signals: readonly AbortSignal[],
): AsyncGenerator<BoardEvent, number> {
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
  try {
    while (!wake.ended) {
      const { rows, isFull } = readBatch(context, input.task_id, cursor)
      for (const row of rows) {
        cursor = row.id
        if (wake.ended) return cursor
        if (matches(context, row, kinds, input)) yield presentEvent(row)
      }
      // Yields between two batches: reading a log of a million events takes seconds.
      if (isFull) await setImmediate()
      else await wake.next()
    }
    return cursor
  } finally {
    wake.close()
  }
}

function readBatch(context: BoardContext, taskId: string | undefined, since: number) {
  const found =
    taskId === undefined
      ? context.read.iterate(taskEvents.since, { since, limit: BATCH })
      : context.read.iterate(taskEvents.sinceOfTask, { since, task_id: taskId, limit: BATCH })
  const rows: taskEvents.EventRow[] = []
  let characters = 0
  for (const row of found) {
    rows.push(row)
    characters += row.payload?.length ?? 0
    if (rows.length === BATCH || characters > BATCH_CHARACTERS) return { rows, isFull: true }
  }
  return { rows, isFull: false }
}

function matches(
  context: BoardContext,
  row: taskEvents.EventRow,
  kinds: ReadonlySet<string>,
  input: CheckedInput<'event.watch'>,
): boolean {
  if (kinds.size > 0 && !kinds.has(row.kind)) return false
  if (input.assignee === undefined && input.tenant === undefined) return true
  const task = row.task_id === null ? undefined : context.read.get(tasks.byId, { id: row.task_id })
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
      onChange(board, () => {
        if (board.connection.isOpen && board.connection.isCurrent()) this.#wake()
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
