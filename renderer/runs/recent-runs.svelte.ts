import { DAY } from '../../formats/time.ts'
import type { Client } from '../../contract/index.ts'
import { Coalescer } from '../shared/coalescer.ts'
import type { OpenBoard } from '../shared/context.ts'
import { type BoardRun, RunLedger } from './run-ledger.ts'
import { isNarrow, listInput, NO_FILTER, type RunsFilter, timesOf } from './runs-filter.ts'

/** More bars than this could not be told apart. */
const MOST = 1000
const GATHER = 250
/**
 * The least time between two reads with a filter, in milliseconds. Each change needs a read, because an event does not say
 * whether its run matches.
 */
const EVERY = 3000

/** The runs of the last 24 hours, read once and then updated by events; or the runs that match a filter, read again. */
export class RecentRuns {
  runs = $state.raw<readonly BoardRun[]>([])
  /** The filter that `runs` matches. */
  filter = $state.raw<RunsFilter>(NO_FILTER)

  readonly #client: Client
  readonly #board: OpenBoard
  #ledger = new RunLedger()
  #wanted: RunsFilter = NO_FILTER
  #asked = 0
  readonly #showing = new Coalescer(
    () => {
      this.runs = this.#ledger.list()
    },
    { wait: GATHER },
  )
  readonly #rereading = new Coalescer(() => this.#read(), { wait: GATHER, every: EVERY })

  constructor(client: Client, board: OpenBoard) {
    this.#client = client
    this.#board = board
  }

  /** Starts to follow changes; `show` makes the first read. @returns a function that stops it */
  start(): () => void {
    const ends = [
      this.#board.feed.subscribe((event) => {
        if (event.kind === 'board_restored') {
          this.#ledger = new RunLedger()
          void this.#read()
        }
        if (event.run_id === null) return
        if (isNarrow(this.#wanted)) {
          this.#rereading.soon()
          return
        }
        this.#ledger.take(event)
        this.#showing.soon()
      }),
      this.#board.feed.onReconnect(() => void this.#read()),
    ]
    return () => {
      this.#asked++
      ends.forEach((end) => end())
      this.#showing.stop()
      this.#rereading.stop()
    }
  }

  show(filter: RunsFilter): Promise<void> {
    this.#wanted = filter
    return this.#read()
  }

  /** Ignores a failed read, because the list beside the timeline reports it. The timeline then stays unchanged. */
  async #read(): Promise<void> {
    const asked = ++this.#asked
    const filter = this.#wanted
    const now = Date.now()
    const since = isNarrow(filter) ? timesOf(filter, now).since : now - DAY
    const input = {
      board: this.#board.slug,
      ...listInput(filter, now),
      ...(since === null ? {} : { since }),
      limit: MOST,
    }
    const answer = await this.#client.run.list(input).catch(() => null)
    if (answer === null || asked !== this.#asked) return
    // With a filter, drops runs that no longer match. Without one, keeps the ledger: its events may be newer than the
    // answer.
    if (isNarrow(filter) || isNarrow(this.filter)) this.#ledger = new RunLedger()
    for (const run of answer.runs) this.#ledger.know(run)
    this.runs = this.#ledger.list()
    this.filter = filter
  }
}
