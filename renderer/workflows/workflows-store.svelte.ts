import type { Client, OperationOutput } from '../../contract/index.ts'
import { Coalescer } from '../shared/coalescer.ts'
import type { OpenBoard } from '../shared/context.ts'
import { asFailure, type Failure } from '../shared/errors.ts'

export type Listed = OperationOutput<'workflow.list'>['workflows'][number]

/** Events that change how many cards are in a workflow, or at which step. */
const MOVES: readonly string[] = [
  'workflow_started',
  'step_entered',
  'workflow_ended',
  'task_deleted',
  'board_restored',
]

/** How long to wait for further events, in milliseconds. */
const GATHER = 300

/** The workflows of a board. */
export class WorkflowsStore {
  list = $state.raw<readonly Listed[] | null>(null)
  failure = $state.raw<Failure | null>(null)
  /** Increases when cards have moved, so that lists of cards read again. */
  moves = $state(0)
  readonly #client: Client
  readonly #board: OpenBoard
  readonly #renewing = new Coalescer(
    async () => {
      this.moves++
      await this.read()
    },
    { wait: GATHER },
  )

  constructor(client: Client, board: OpenBoard) {
    this.#client = client
    this.#board = board
  }

  /** Reads the list, and again when cards have moved. @returns a function that stops it */
  start(): () => void {
    void this.read()
    const ends = [
      this.#board.feed.subscribe(({ kind }) => {
        if (MOVES.includes(kind)) this.#renewing.soon()
      }),
      this.#board.feed.onReconnect(() => this.#renewing.soon()),
    ]
    return () => {
      ends.forEach((end) => end())
      this.#renewing.stop()
    }
  }

  async read(): Promise<void> {
    try {
      this.list = (await this.#client.workflow.list({ board: this.#board.slug })).workflows
      this.failure = null
    } catch (error) {
      this.failure = asFailure(error)
    }
  }
}
