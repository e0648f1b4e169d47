import { isMainThread } from 'node:worker_threads'
import { OperationError, type OperationName } from '../contract/index.ts'
import type { Caller, OtherDispatching } from './api.ts'
import type { Board } from './board/board.ts'
import { readInThread } from './jobs/reading-thread.ts'
import type { Services } from './services.ts'
import * as taskEvents from './tables/task-events.ts'
import * as tasks from './tables/tasks.ts'

/**
 * Reads whose time grows with the board. On a large board they run in a thread of their own, so that a window continues
 * painting, workers are watched and other calls are answered meanwhile.
 */
const LONG_READS: Readonly<Partial<Record<OperationName, (input: Record<string, unknown>) => boolean>>> = {
  'board.view': (input) => isLong(input['limit']) || input['archived'] === true,
  'task.list': (input) => input['search'] !== undefined || isLong(input['limit']),
  'run.list': (input) => input['search'] !== undefined,
  'run.errors': () => true,
  'stats.show': () => true,
  'usage.show': () => true,
  'diagnostics.list': () => true,
  // With `seen` it writes.
  'inbox.show': (input) => input['seen'] !== true,
}

/** More rows than a screen shows at first. */
const isLong = (limit: unknown) => typeof limit !== 'number' || limit > 500

/** From here on the slowest of these reads takes more than a tenth of a second. */
const LARGE = { tasks: 20_000, events: 200_000 }

/** What the thread needs to give the same answer. */
export interface ReadRequest {
  home: string
  env: Record<string, string | undefined>
  now: number
  dispatching: OtherDispatching
  name: OperationName
  input: Record<string, unknown>
  caller: Caller
}

function isLarge({ connection: { read } }: Board): boolean {
  const count = read.all(tasks.countByStatus, {}).reduce((sum, row) => sum + row.count, 0)
  return count >= LARGE.tasks || (read.get(taskEvents.cursor, {})?.id ?? 0) >= LARGE.events
}

/**
 * Answers a long read of a large board in a thread, if this process has other work meanwhile.
 *
 * @param input as the contract has checked it
 * @returns null for a read that the caller of this function answers itself
 */
export async function longRead(
  services: Services,
  board: Board,
  { name, input, caller }: Pick<ReadRequest, 'name' | 'input' | 'caller'>,
): Promise<{ answer: unknown } | null> {
  const isCandidate = services.isBusyElsewhere && !board.isPlaceholder && isMainThread
  if (!isCandidate || LONG_READS[name]?.(input) !== true || !isLarge(board)) return null
  const request: ReadRequest = {
    home: services.home,
    env: { ...services.env },
    now: services.clock(),
    dispatching: services.dispatchingOf(board),
    name,
    input: { ...input, board: board.slug },
    // A signal cannot be handed to a thread.
    caller: { ...caller, signal: undefined },
  }
  try {
    const answer = readInThread(request)
    return answer === null ? null : { answer: await answer }
  } catch (error) {
    // This process must close a damaged board itself.
    if (error instanceof OperationError && error.code === 'BOARD_DAMAGED') return null
    throw error
  }
}
