import type { Client, OperationOutput } from '../../contract/index.ts'
import { asFailure, type Failure } from '../shared/errors.ts'

export type Listed = OperationOutput<'workflow.list'>['workflows'][number]

/** The workflows of a board. */
export class WorkflowsStore {
  list = $state.raw<readonly Listed[] | null>(null)
  failure = $state.raw<Failure | null>(null)
  readonly #client: Client
  readonly #board: string

  constructor(client: Client, board: string) {
    this.#client = client
    this.#board = board
  }

  async read(): Promise<void> {
    try {
      this.list = (await this.#client.workflow.list({ board: this.#board })).workflows
      this.failure = null
    } catch (error) {
      this.failure = asFailure(error)
    }
  }
}
