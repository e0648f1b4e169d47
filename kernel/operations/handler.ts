import type { CallName, CheckedInput, OperationOutput } from '../../contract/index.ts'
import type { Caller, WorkerIdentity } from '../api.ts'
import type { Board } from '../board.ts'
import type { Reader, WriteTx } from '../db/connection.ts'
import type { Services } from '../services.ts'

/** What a handler of an operation works with. */
export interface AppContext {
  services: Services
  caller: Caller
}

export interface BoardContext extends AppContext {
  board: Board
  read: Reader
  /** The run that the caller acts as, on this board. */
  worker: WorkerIdentity | undefined
  /** The fields of this call that a planner may only propose: what they set waits for a person's acceptance. */
  proposed: readonly string[]
  /** Whether the verb was reached by moving the task to a column. */
  by_move: boolean
  /**
   * One write transaction in the caller's name. For a worker it is fenced: when its run is over, nothing of `body`
   * happens, the late message is kept, and STALE_RUN is thrown.
   */
  write: <T>(body: (tx: WriteTx) => T) => Promise<T>
}

type Answer<T> = T | Promise<T>

/** The handler of each operation; a missing one does not compile. */
export type BoardHandlers<N extends CallName> = {
  [K in N]: (context: BoardContext, input: CheckedInput<K>) => Answer<OperationOutput<K>>
}
export type AppHandlers<N extends CallName> = {
  [K in N]: (context: AppContext, input: CheckedInput<K>) => Answer<OperationOutput<K>>
}
