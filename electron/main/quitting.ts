import { app } from 'electron'
import type { Client, QuitPolicy } from '../../contract/index.ts'
import { chooseAtQuit, runningHere, stopWorkers } from './quit.ts'
import type { QuitChoice, RunningHere } from './quit.ts'

/** Quitting waits so long at most for what runs in the background to be put down, in milliseconds. */
const STOPPING_MS = 5_000

export interface QuittingOptions {
  client: Client
  policy: () => QuitPolicy
  /** Ends the claiming of tasks, so that what is stopped stays stopped. */
  stopDispatching: () => Promise<void>
  /** Claiming continues: the person cancelled, and there may be no window left. */
  stay: () => void
  /** Once it is sure, while the windows are still open. */
  onQuit: () => void
  /** Gives everything back; the process ends after it. */
  stop: () => Promise<void>
  report: (message: string, cause: unknown) => void
}

/** The way out of the app: what is done about running workers first, and that all is given back before it ends. */
export class Quitting {
  readonly #options: QuittingOptions
  #decision: 'open' | 'asking' | 'made' = 'open'
  #stopping: Promise<void> | undefined

  constructor(options: QuittingOptions) {
    this.#options = options
  }

  /** Whether everything is being given back. */
  get isStopping(): boolean {
    return this.#stopping !== undefined
  }

  listen(): void {
    app.on('before-quit', (event) => {
      if (this.#decision === 'made') return
      event.preventDefault()
      if (this.#decision === 'open') void this.#decide()
    })
    app.on('will-quit', (event) => {
      if (this.#stopping !== undefined) return
      event.preventDefault()
      this.#stopping = this.#options.stop()
      const late = new Promise((resolve) => setTimeout(resolve, STOPPING_MS))
      void Promise.race([this.#stopping, late]).finally(() => {
        app.exit(0)
      })
    })
    // The session ends or a person sent a signal: do not ask, there is no time.
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      process.on(signal, () => {
        this.#leave()
      })
    }
  }

  async #decide(): Promise<void> {
    this.#decision = 'asking'
    const running = await this.#running()
    const titles = running.map(({ worker }) => worker.title)
    const choice: QuitChoice = await chooseAtQuit(this.#options.policy(), titles)
    if (choice === 'stay') {
      this.#decision = 'open'
      this.#options.stay()
      return
    }
    if (choice === 'stop') await this.#stopWorkers(running)
    this.#leave()
  }

  #leave(): void {
    if (this.#decision === 'made') return
    this.#decision = 'made'
    this.#options.onQuit()
    app.quit()
  }

  async #running(): Promise<RunningHere[]> {
    try {
      return await runningHere(this.#options.client)
    } catch (cause) {
      this.#options.report('Which workers run could not be read', cause)
      return []
    }
  }

  async #stopWorkers(running: readonly RunningHere[]): Promise<void> {
    try {
      await this.#options.stopDispatching()
      await stopWorkers(this.#options.client, running)
    } catch (cause) {
      this.#options.report('Not every worker could be stopped', cause)
    }
  }
}
