import type { Client } from '../../../contract/index.ts'
import { asFailure, type Failure } from '../../shared/errors.ts'

/** What a worker was given to read, asked for when someone wants to see it. */
export class RunGiven {
  context = $state.raw<string | null>(null)
  phase = $state<'reading' | 'ready' | 'failed'>('reading')
  failure = $state.raw<Failure | null>(null)

  readonly #client: Client
  readonly #board: string
  readonly #runId: number

  constructor(client: Client, board: string, runId: number) {
    this.#client = client
    this.#board = board
    this.#runId = runId
  }

  async read(): Promise<void> {
    this.phase = 'reading'
    try {
      const { context } = await this.#client.run.show({ board: this.#board, id: this.#runId })
      this.context = context
      this.phase = 'ready'
    } catch (cause) {
      this.failure = asFailure(cause)
      this.phase = 'failed'
    }
  }
}
