import { app } from 'electron'
import type { Client, QuitPolicy } from '../../contract/index.ts'
import { chooseAtQuit, type QuitChoice, type RunningHere, runningHere, stopWorkers } from './quit.ts'

/** The longest that quitting waits for background work to end, in milliseconds. */
const STOPPING_MS = 5_000

export interface QuittingOptions {
  client: Client
  policy: () => QuitPolicy
  /** Stops claiming tasks, so that a stopped task is not started again. */
  stopDispatching: () => Promise<void>
  /** The user cancelled: claiming continues, and a window must open if none is left. */
  stay: () => void
  /** Called once quitting is certain, while the windows are still open. */
  onQuit: () => void
  /** Releases everything; the process ends after it. */
  stop: () => Promise<void>
  report: (message: string, cause: unknown) => void
}

/** Quits the app: decides about running workers first, and releases everything before the process ends. */
export class Quitting {
  readonly #options: QuittingOptions
  #decision: 'open' | 'asking' | 'made' = 'open'
  #stopping: Promise<void> | undefined

  constructor(options: QuittingOptions) {
    this.#options = options
  }

  /** Whether everything is being released. */
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
    // The session ends or a signal was sent: there is no time to ask.
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
    } catch (error) {
      this.#options.report('The running workers could not be read', error)
      return []
    }
  }

  async #stopWorkers(running: readonly RunningHere[]): Promise<void> {
    try {
      await this.#options.stopDispatching()
      await stopWorkers(this.#options.client, running)
    } catch (error) {
      this.#options.report('Not every worker could be stopped', error)
    }
  }
}
