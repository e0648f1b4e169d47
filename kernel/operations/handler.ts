import type {
  CallName,
  CheckedInput,
  OperationInput,
  OperationOutput,
  operations,
} from '../../contract/index.ts'
import type { Caller, WorkerIdentity } from '../api.ts'
import type { Board } from '../board/board.ts'
import type { Reader, WriteTx } from '../db/connection.ts'
import type { Services } from '../services.ts'

interface CallContext {
  services: Services
  caller: Caller
}

/** What a handler of an operation on the home works with. */
export interface AppContext extends CallContext {
  /** Calls another operation in the caller's name. */
  call: <N extends CallName>(name: N, input: OperationInput<N>) => Promise<OperationOutput<N>>
}

/** What a handler of an operation on a board works with. */
export interface BoardContext extends CallContext {
  board: Board
  read: Reader
  /** The run that the caller acts for on this board. */
  worker: WorkerIdentity | undefined
  /** The fields of this call that a planner may only propose: their values wait until a person accepts them. */
  proposed: readonly string[]
  /**
   * Runs another operation on this board within this call, as if the caller had called it.
   *
   * @param within changes the context that its handler gets
   * @throws OperationError as the operation does, and INVALID_INPUT
   */
  callByName: (
    name: CallName,
    input: Record<string, unknown>,
    within?: (context: BoardContext) => BoardContext,
  ) => Promise<unknown>
  /** Whether the verb was called because the task was moved to a column. */
  by_move: boolean
  /**
   * Runs one write transaction in the caller's name. For a worker it is fenced: when its run is over, `body` does not
   * run, the late message is stored, and STALE_RUN is thrown.
   */
  write: <T>(body: (tx: WriteTx) => T) => Promise<T>
}

type Answer<T> = T | Promise<T>

type NamesOf<Scope> = {
  [N in CallName]: (typeof operations)[N]['scope'] extends Scope ? N : never
}[CallName]

/**
 * The handlers of operations on a board. Each file handles the operations of the file with the same name in
 * contract/operations.
 */
export type BoardHandlers = {
  [N in NamesOf<'board'>]: (context: BoardContext, input: CheckedInput<N>) => Answer<OperationOutput<N>>
}
/** The handlers of operations on the home. */
export type AppHandlers = {
  [N in NamesOf<'app'>]: (context: AppContext, input: CheckedInput<N>) => Answer<OperationOutput<N>>
}
