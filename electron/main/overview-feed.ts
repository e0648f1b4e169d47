import { MINUTE } from '../../formats/time.ts'
import type { Client } from '../../contract/index.ts'
import { type Overview, readOverview } from './overview.ts'

/** How long after a change to read again, in milliseconds. Changes come in bursts. */
const DELAY_MS = 400
/** How often to read without a change: “today” ends, and other processes write. In milliseconds. */
const SWEEP_MS = MINUTE

export interface OverviewFeedOptions {
  client: Client
  onRead: (overview: Overview) => void
  report: (message: string, cause: unknown) => void
}

/** Keeps the tray's overview of all boards up to date. */
export class OverviewFeed {
  readonly #options: OverviewFeedOptions
  #timer: NodeJS.Timeout | undefined
  #sweep: NodeJS.Timeout | undefined
  #stopped = false

  constructor(options: OverviewFeedOptions) {
    this.#options = options
  }

  async start(): Promise<void> {
    await this.runOnce()
    if (!this.#stopped) this.#sweep = setInterval(() => void this.runOnce(), SWEEP_MS)
  }

  /** Call it after a change. */
  changed(): void {
    if (!this.#stopped) this.#timer ??= setTimeout(() => void this.runOnce(), DELAY_MS)
  }

  async runOnce(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    try {
      const overview = await readOverview(this.#options.client)
      if (!this.#stopped) this.#options.onRead(overview)
    } catch (error) {
      if (!this.#stopped) this.#options.report('The state of the boards could not be read', error)
    }
  }

  /** May be called twice. */
  stop(): void {
    this.#stopped = true
    clearTimeout(this.#timer)
    clearInterval(this.#sweep)
  }
}
