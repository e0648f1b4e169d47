import { DAY } from '../../formats/time.ts'
import type { Client } from '../../contract/index.ts'
import { Coalescer } from '../shared/coalescer.ts'
import type { OpenBoard } from '../shared/context.ts'
import { type BoardRun, RunLedger } from './run-ledger.ts'

/** More bars than this could not be told apart. */
const MOST = 1000
const GATHER = 250

/** The runs of the last 24 hours: read once, then updated by events. */
export class RecentRuns {
  runs = $state.raw<readonly BoardRun[]>([])

  readonly #client: Client
  readonly #board: OpenBoard
  #ledger = new RunLedger()
  readonly #showing = new Coalescer(
    () => {
      this.runs = this.#ledger.list()
    },
    { wait: GATHER },
  )

  constructor(client: Client, board: OpenBoard) {
    this.#client = client
    this.#board = board
  }

  /** @returns a function that stops it */
  start(): () => void {
    const ends = [
      this.#board.feed.subscribe((event) => {
        if (event.kind === 'board_restored') {
          this.#ledger = new RunLedger()
          void this.#read()
        }
        if (event.run_id === null) return
        this.#ledger.take(event)
        this.#showing.soon()
      }),
      this.#board.feed.onReconnect(() => void this.#read()),
    ]
    void this.#read()
    return () => {
      ends.forEach((end) => end())
      this.#showing.stop()
    }
  }

  /** Only a picture beside the list, and the list reports a failed read: without an answer it stays unchanged. */
  async #read(): Promise<void> {
    const input = { board: this.#board.slug, since: Date.now() - DAY, limit: MOST }
    const answer = await this.#client.run.list(input).catch(() => null)
    if (answer === null) return
    for (const run of answer.runs) this.#ledger.know(run)
    this.runs = this.#ledger.list()
  }
}
