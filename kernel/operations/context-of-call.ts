import {
  type CallName,
  OperationError,
  type OperationName,
  type OperationSpec,
  specOf,
} from '../../contract/index.ts'
import type { Caller, WorkerIdentity } from '../api.ts'
import type { Board } from '../board/board.ts'
import type { WriteTx } from '../db/connection.ts'
import { fenceWorker } from '../lifecycle/fence.ts'
import type { Services } from '../services.ts'
import { withWholeIds } from './task-ids.ts'
import type { BoardContext } from './handler.ts'
import { proposedBy, refuseForeignTask, refuseWorker } from './worker-rights.ts'

/** Finds the handler of an operation that another one calls. */
type HandlerOf = (name: CallName) => (context: unknown, input: unknown) => unknown

/** The longest late message that is stored, as JSON. */
const LATE_LIMIT = 20_000

/**
 * Builds what the handler of a board operation gets, after checking that the caller may call it.
 *
 * @param handlerOf finds the operations that this one may call
 * @throws OperationError UNAUTHORIZED for a worker without the right
 */
function boardContext(
  handlerOf: HandlerOf,
  services: Services,
  board: Board,
  name: OperationName,
  spec: OperationSpec,
  input: Record<string, unknown>,
  caller: Caller,
): BoardContext {
  const worker = workerOn(board, caller)
  const call = { services, name, spec, caller }
  refuseWorker(call)
  refuseForeignTask(call, board.connection.read, worker, input['id'])
  const proposed = proposedBy(call, input)
  const context: BoardContext = {
    services,
    caller,
    board,
    read: board.connection.read,
    worker,
    proposed,
    by_move: false,
    callByName: (other, given, within) => callWithin(handlerOf, context, other, given, within),
    write: (body) => fencedWrite(board, caller, worker, () => lateMessage(name, input), body),
  }
  return context
}

async function callWithin(
  handlerOf: HandlerOf,
  { services, board, caller }: BoardContext,
  name: CallName,
  input: Record<string, unknown>,
  within: (context: BoardContext) => BoardContext = (context) => context,
): Promise<unknown> {
  const spec = specOf(name)
  const checked = spec.input.safeParse(input)
  if (!checked.success) {
    const issues = checked.error.issues.map((issue) => issue.message).join('; ')
    throw new OperationError('INVALID_INPUT', `${issues}.`)
  }
  const call = boardCall(handlerOf, services, name, spec, { ...checked.data, board: board.slug }, caller)
  const handler = handlerOf(name)
  const { board: _board, ...whole } = call.input
  return handler(within(call.context), { ...checked.data, ...whole })
}

/**
 * Like `boardContext`, but first completes the ids of the input: the caller's rights depend on the task that is
 * meant.
 *
 * @throws OperationError as `boardContext`, and NOT_FOUND for the board and for the start of an id that several tasks share
 */
export function boardCall(
  handlerOf: HandlerOf,
  services: Services,
  name: OperationName,
  spec: OperationSpec,
  input: Record<string, unknown>,
  caller: Caller,
): { context: BoardContext; input: Record<string, unknown> } {
  const board = services.boardFor(caller, input['board'] as string | undefined, spec.kind)
  const whole = withWholeIds(board.connection.read, spec, input)
  return { context: boardContext(handlerOf, services, board, name, spec, whole, caller), input: whole }
}

/** The caller's run, if it belongs to this board. On another board the caller is a worker without a run. */
function workerOn(board: Board, caller: Caller): WorkerIdentity | undefined {
  const worker = caller.worker
  return worker !== undefined && (worker.board ?? board.slug) === board.slug ? worker : undefined
}

async function fencedWrite<T>(
  board: Board,
  caller: Caller,
  worker: WorkerIdentity | undefined,
  late: () => Record<string, unknown>,
  body: (tx: WriteTx) => T,
): Promise<T> {
  if (worker === undefined) return board.connection.write(caller.actor, body)
  const done = await board.connection.write(caller.actor, (tx) => {
    const fenced = fenceWorker(tx, worker, late())
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
