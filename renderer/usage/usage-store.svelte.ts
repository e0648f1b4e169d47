import type { Client, Usage, UsageKey } from '../../contract/index.ts'
import { Coalescer } from '../shared/coalescer.ts'
import type { OpenBoard } from '../shared/context.ts'
import { asFailure, type Failure } from '../shared/errors.ts'

export const RANGES = [7, 30, 90] as const
export const BREAKDOWNS = ['profile', 'label', 'workflow'] as const satisfies readonly UsageKey[]
export type Breakdown = (typeof BREAKDOWNS)[number]

/** The least time between two reads, in milliseconds, because a read is expensive. */
const EVERY = 15_000
const GATHER = 1000

/** The usage of a board, by day and by one other key; read again when runs end. */
export class UsageStore {
  phase = $state<'loading' | 'ready' | 'failed'>('loading')
  failure = $state.raw<Failure | null>(null)
  /** The usage of a range of days. While another range is being read, still the old one. */
  shown = $state.raw<{ range: number; days: Usage; keyed: Usage } | null>(null)

  readonly #client: Client
  readonly #board: OpenBoard
  #wanted: { days: number; by: Breakdown } = { days: 30, by: 'profile' }
  #asked = 0
  readonly #renewing = new Coalescer(() => this.load(), { wait: GATHER, every: EVERY })

  constructor(client: Client, board: OpenBoard) {
    this.#client = client
    this.#board = board
  }

  /** Starts to follow changes. @returns a function that stops it */
  start(): () => void {
    const ends = [
      this.#board.feed.subscribe(({ run_id, kind }) => {
        if ((run_id !== null && kind !== 'heartbeat') || kind === 'board_restored') this.#renewing.soon()
      }),
      this.#board.feed.onReconnect(() => this.#renewing.soon()),
    ]
    return () => {
      this.#asked++
      ends.forEach((end) => end())
      this.#renewing.stop()
    }
  }

  show(days: number, by: Breakdown): Promise<void> {
    this.#wanted = { days, by }
    return this.load()
  }

  async load(): Promise<void> {
    const asked = ++this.#asked
    const { days, by } = this.#wanted
    // Uses the time zone of the user, because the board may be on another machine.
    const time_zone = new Intl.DateTimeFormat().resolvedOptions().timeZone
    const input = { board: this.#board.slug, days, time_zone }
    try {
      const [ofDays, keyed] = await Promise.all([
        this.#client.usage.show({ ...input, by: 'day' }),
        this.#client.usage.show({ ...input, by }),
      ])
      if (asked !== this.#asked) return
      this.shown = { range: days, days: ofDays, keyed }
      this.failure = null
      this.phase = 'ready'
    } catch (error) {
      if (asked !== this.#asked) return
      this.failure = asFailure(error)
      this.phase = 'failed'
    }
  }
}
