import type { Client } from '../../../contract/index.ts'
import { type DiffPart, diffLines, foldSame, type GivenDifference } from '../compare.ts'
import { asFailure, type Failure } from '../../shared/errors.ts'

/** The context that a worker was given, read on demand. */
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
    this.failure = null
    try {
      const { context } = await this.#client.run.show({ board: this.#board, id: this.#runId })
      this.context = context
      this.phase = 'ready'
    } catch (error) {
      this.failure = asFailure(error)
      this.phase = 'failed'
    }
  }
}

/** The contexts of two runs: the summary and the lines below it show the same comparison. */
export class GivenPair {
  readonly before: RunGiven
  readonly after: RunGiven
  readonly parts: readonly DiffPart[] = $derived.by(() =>
    this.#isReady ? foldSame(diffLines(this.before.context ?? '', this.after.context ?? '')) : [],
  )
  readonly difference: GivenDifference = $derived.by(() => {
    if (this.failure !== null) return 'unknown'
    if (!this.#isReady) return 'reading'
    return this.parts.some(({ kind }) => kind === 'added' || kind === 'removed') ? 'differs' : 'same'
  })

  constructor(client: Client, board: string, before: number, after: number) {
    this.before = new RunGiven(client, board, before)
    this.after = new RunGiven(client, board, after)
  }

  get failure(): Failure | null {
    return this.before.failure ?? this.after.failure
  }

  get #isReady(): boolean {
    return this.before.phase === 'ready' && this.after.phase === 'ready'
  }

  async read(): Promise<void> {
    await Promise.all([this.before.read(), this.after.read()])
  }
}
