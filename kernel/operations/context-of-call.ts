import { OperationError, type OperationName, type OperationSpec } from '../../contract/index.ts'
import type { Caller, WorkerIdentity } from '../api.ts'
import type { Board } from '../board.ts'
import type { WriteTx } from '../db/connection.ts'
import { fenceWorker } from '../lifecycle/fence.ts'
import type { Services } from '../services.ts'
import type { BoardContext } from './handler.ts'

/** The longest late message that is kept, as JSON. */
const LATE_LIMIT = 20_000

/**
 * What the handler of a board operation gets, once it is clear that the caller may call it.
 *
 * @throws OperationError NOT_FOUND for the board, UNAUTHORIZED for a worker that may not do this
 */
export function boardContext(
  services: Services,
  name: OperationName,
  spec: OperationSpec,
  input: Record<string, unknown>,
  caller: Caller,
): BoardContext {
  const board = services.board(services.resolveSlug(caller, input['board'] as string | undefined))
  const worker = workerOn(board, caller)
  refuseWorker(name, spec, caller)
  if (spec.worker === 'own') refuseForeignTask(name, spec, caller.worker, worker, input['id'])
  if (spec.worker === 'planner') refuseWithoutPlanner(services, name, spec, caller)
  return {
    services,
    caller,
    board,
    read: board.connection.read,
    worker,
    by_move: false,
    write: (body) => fencedWrite(board, caller, worker, lateMessage(name, input), body),
  }
}

/** The caller's run, if it belongs to this board. On another board it is a worker without a run. */
function workerOn(board: Board, caller: Caller): WorkerIdentity | undefined {
  const worker = caller.worker
  return worker !== undefined && (worker.board ?? board.slug) === board.slug ? worker : undefined
}

async function fencedWrite<T>(
  board: Board,
  caller: Caller,
  worker: WorkerIdentity | undefined,
  late: Record<string, unknown>,
  body: (tx: WriteTx) => T,
): Promise<T> {
  if (worker === undefined) return board.connection.write(caller.actor, body)
  const done = await board.connection.write(caller.actor, (tx) => {
    const fenced = fenceWorker(tx, worker, late)
    return fenced === null ? { value: body(tx) } : { fenced }
  })
  if ('fenced' in done) throw done.fenced
  return done.value
}

function lateMessage(name: OperationName, input: Record<string, unknown>): Record<string, unknown> {
  const said = Object.fromEntries(
    Object.entries(input).filter(([key, value]) => key !== 'board' && key !== 'id' && value !== null),
  )
  const text = JSON.stringify(said)
  return { verb: name, ...(text.length <= LATE_LIMIT ? said : { cut: text.slice(0, LATE_LIMIT) }) }
}

/** @throws OperationError UNAUTHORIZED for what no worker may do */
export function refuseWorker(name: OperationName, spec: OperationSpec, caller: Caller): void {
  if (caller.worker === undefined || spec.worker !== 'never') return
  throw new OperationError(
    'UNAUTHORIZED',
    `A worker may not do this (${verbOf(name, spec)}): it acts as run ${caller.worker.run_id}, and this is for a person to decide.`,
    { verb: verbOf(name, spec) },
  )
}

function refuseForeignTask(
  name: OperationName,
  spec: OperationSpec,
  caller: WorkerIdentity | undefined,
  here: WorkerIdentity | undefined,
  taskId: unknown,
): void {
  if (caller === undefined || (here !== undefined && here.task_id === taskId)) return
  throw new OperationError(
    'UNAUTHORIZED',
    `A worker may do this (${verbOf(name, spec)}) on its own task ${caller.task_id} only.`,
    { verb: verbOf(name, spec), own_task: caller.task_id },
  )
}

function refuseWithoutPlanner(
  services: Services,
  name: OperationName,
  spec: OperationSpec,
  caller: Caller,
): void {
  if (caller.worker === undefined) return
  const profile = services.config.read().profiles.get(caller.worker.profile ?? '')
  if (profile?.capabilities.includes('planner') === true) return
  throw new OperationError(
    'UNAUTHORIZED',
    `A worker may do this (${verbOf(name, spec)}) only when its profile has the planner capability.`,
    { verb: verbOf(name, spec) },
  )
}

/** The verb as a worker has typed or called it. */
function verbOf(name: OperationName, { cli, mcp }: OperationSpec): string {
  return cli?.verb ?? mcp?.tool ?? name
}
