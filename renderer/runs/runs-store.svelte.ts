import type { Client, ListedRun } from '../../contract/index.ts'
import { Coalescer } from '../shared/coalescer.ts'
import type { OpenBoard } from '../shared/context.ts'
import { asFailure, type Failure } from '../shared/errors.ts'
import { renewOnRuns } from './renew-on-runs.ts'
import { listInput, NO_FILTER, type RunsFilter } from './runs-filter.ts'

const PAGE = 100
/** Changes within this time are read together. */
const GATHER = 250
/** How many of the newest runs are read again after a change. */
const MOST_RENEWED = 500

/** The runs of the whole board that match a filter, newest first, page by page; live. */
export class RunsStore {
  phase = $state<'loading' | 'ready' | 'failed'>('loading')
  failure = $state.raw<Failure | null>(null)
  runs = $state.raw<readonly ListedRun[]>([])
  /** The filter that `runs` matches; while runs for a new filter are being read, still the old one. */
  shown = $state.raw<RunsFilter>(NO_FILTER)
  /** The cursor of the next page; null when all are loaded. */
  next = $state.raw<number | null>(null)
  reading = $state(false)

  readonly #client: Client
  readonly #board: OpenBoard
  #filter: RunsFilter = NO_FILTER
  /** Counts requests: an answer to an older one is not shown. */
  #asked = 0
  readonly #renewing = new Coalescer(() => this.#renew(), { wait: GATHER })

  constructor(client: Client, board: OpenBoard) {
    this.#client = client
    this.#board = board
  }

  /** @returns a function that stops it */
  start(): () => void {
    const end = renewOnRuns(this.#board.feed, this.#renewing)
    return () => {
      this.#asked++
      end()
    }
  }

  /** Shows the matching runs; the old ones stay until these are loaded. */
  show(filter: RunsFilter): Promise<void> {
    this.#filter = filter
    return this.load()
  }

  load(): Promise<void> {
    return this.#read(null, PAGE)
  }

  async loadEarlier(): Promise<void> {
    if (this.next !== null && !this.reading) await this.#read(this.next, PAGE)
  }

  /** @param cursor null reads the newest page and replaces the list */
  async #read(cursor: number | null, limit: number): Promise<void> {
    const asked = ++this.#asked
    const filter = this.#filter
    this.reading = true
    try {
      const answer = await this.#client.run.list({
        board: this.#board.slug,
        ...listInput(filter, Date.now()),
        ...(cursor === null ? {} : { cursor }),
        limit,
      })
      if (asked !== this.#asked) return
      this.runs = cursor === null ? answer.runs : [...this.runs, ...answer.runs]
      this.next = answer.next
      this.shown = filter
      this.failure = null
      this.phase = 'ready'
    } catch (error) {
      if (asked !== this.#asked) return
      this.failure = asFailure(error)
      this.phase = 'failed'
    } finally {
      if (asked === this.#asked) this.reading = false
    }
  }

  async #renew(): Promise<void> {
    if (this.phase === 'loading') return
    await this.#read(null, Math.min(Math.max(PAGE, this.runs.length), MOST_RENEWED))
  }
}
