import type { Client, ListedRun, OperationOutput } from '../../contract/index.ts'
import { Coalescer } from '../shared/coalescer.ts'
import type { OpenBoard } from '../shared/context.ts'
import { asFailure, type Failure } from '../shared/errors.ts'
import { toasts } from '../shared/toasts.svelte.ts'
import { renewOnRuns } from './renew-on-runs.ts'
import { listInput, NO_FILTER, type RunsFilter } from './runs-filter.ts'

const GATHER = 250
const EVERY = 2000
/** How many runs of an opened error are listed. */
const LISTED = 20

export type ErrorGroup = OperationOutput<'run.errors'>['errors'][number]

/** The failed runs that match a filter, grouped by error; read again when runs change. */
export class ErrorGroups {
  phase = $state<'loading' | 'ready' | 'failed'>('loading')
  failure = $state.raw<Failure | null>(null)
  errors = $state.raw<readonly ErrorGroup[]>([])
  total = $state(0)
  /** The opened error, with its newest runs; null if none is open. */
  opened = $state.raw<{ fingerprint: string; runs: readonly ListedRun[] } | null>(null)

  readonly #client: Client
  readonly #board: OpenBoard
  #filter: RunsFilter | null = null
  #asked = 0
  readonly #renewing = new Coalescer(() => this.load(), { wait: GATHER, every: EVERY })

  constructor(client: Client, board: OpenBoard) {
    this.#client = client
    this.#board = board
  }

  /** Starts to follow changes. @returns a function that stops it */
  start(): () => void {
    const end = renewOnRuns(this.#board.feed, this.#renewing)
    return () => {
      this.#asked++
      end()
    }
  }

  /** @param filter null while the errors are not shown; nothing is then read */
  show(filter: RunsFilter | null): Promise<void> {
    this.#filter = filter
    return this.load()
  }

  async load(): Promise<void> {
    const filter = this.#filter
    if (filter === null) return
    const asked = ++this.#asked
    try {
      const input = { board: this.#board.slug, ...listInput(filter, Date.now()) }
      const { errors, total } = await this.#client.run.errors(input)
      if (asked !== this.#asked) return
      this.errors = errors
      this.total = total
      this.failure = null
      this.phase = 'ready'
      const { opened } = this
      if (opened !== null) await this.#read(opened.fingerprint)
    } catch (error) {
      if (asked !== this.#asked) return
      this.failure = asFailure(error)
      this.phase = 'failed'
    }
  }

  /** Opens an error, or closes it. */
  async toggle(fingerprint: string): Promise<void> {
    if (this.opened?.fingerprint === fingerprint) {
      this.opened = null
      return
    }
    this.opened = { fingerprint, runs: [] }
    try {
      await this.#read(fingerprint)
    } catch (error) {
      toasts.fail(error, 'The runs could not be read')
    }
  }

  async #read(fingerprint: string): Promise<void> {
    const filter = { ...(this.#filter ?? NO_FILTER), error: fingerprint }
    const { runs } = await this.#client.run.list({
      board: this.#board.slug,
      ...listInput(filter, Date.now()),
      limit: LISTED,
    })
    if (this.opened?.fingerprint === fingerprint) this.opened = { fingerprint, runs }
  }
}
