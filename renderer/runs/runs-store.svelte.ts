import type { BoardEvent, Client } from '../../contract/index.ts'
import type { OpenBoard } from '../shared/context.ts'
import { asFailure, type Failure } from '../shared/errors.ts'
import { type BoardRun, RunLedger } from './run-ledger.ts'

/** How many events are read at once, from the newest back. */
const PAGE = 10_000
const GATHER = 60
/** Past every event: asked what has changed since then, the board answers with where it stands. */
const FAR = Number.MAX_SAFE_INTEGER

/** The runs of the whole board, newest first: read from its events, and kept up to date by them. */
export class RunsStore {
  phase = $state<'loading' | 'ready' | 'failed'>('loading')
  failure = $state.raw<Failure | null>(null)
  runs = $state.raw<readonly BoardRun[]>([])
  /** Events before the ones that were read. */
  hasEarlier = $state(false)
  reading = $state(false)

  readonly #client: Client
  readonly #board: OpenBoard
  readonly #ledger = new RunLedger()
  #oldest = 0
  #gathering: ReturnType<typeof setTimeout> | null = null

  constructor(client: Client, board: OpenBoard) {
    this.#client = client
    this.#board = board
  }

  /** @returns a function that ends it */
  start(): () => void {
    const unsubscribe = this.#board.feed.subscribe((event) => this.#hear(event))
    void this.load()
    return () => {
      unsubscribe()
      if (this.#gathering !== null) clearTimeout(this.#gathering)
    }
  }

  async load(): Promise<void> {
    try {
      const { cursor } = await this.#client.board.changes({ board: this.#board.slug, since: FAR })
      this.#oldest = cursor
      await this.#readBack()
      this.failure = null
      this.phase = 'ready'
    } catch (cause) {
      this.failure = asFailure(cause)
      if (this.phase === 'loading') this.phase = 'failed'
    }
  }

  async loadEarlier(): Promise<void> {
    if (!this.hasEarlier || this.reading) return
    try {
      await this.#readBack()
    } catch (cause) {
      this.failure = asFailure(cause)
    }
  }

  async #readBack(): Promise<void> {
    this.reading = true
    try {
      const since = Math.max(0, this.#oldest - PAGE)
      const { events } = await this.#client.event.list({ board: this.#board.slug, since, limit: PAGE })
      for (const event of events) this.#ledger.take(event)
      this.#oldest = since
      this.hasEarlier = since > 0
      this.runs = this.#ledger.list()
    } finally {
      this.reading = false
    }
  }

  #hear(event: BoardEvent): void {
    if (event.run_id === null) return
    this.#ledger.take(event)
    this.#gathering ??= setTimeout(() => {
      this.#gathering = null
      this.runs = this.#ledger.list()
    }, GATHER)
  }
}
