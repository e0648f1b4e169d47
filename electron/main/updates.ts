import { app } from 'electron'
import { DAY } from '../../formats/time.ts'
import type { AppUpdater } from 'electron-updater'

/** The state of a newer version; null while none is known. */
export type UpdateState = { version: string; step: 'available' | 'loading' | 'ready' } | null

export interface UpdatesOptions {
  onChange: (state: UpdateState) => void
  report: (message: string, cause: unknown) => void
}

/**
 * Checks a feed once a day for newer versions of the app. Without a feed it checks nothing, and it downloads and
 * installs nothing until the user agrees.
 */
export class Updates {
  readonly #options: UpdatesOptions
  #feed: string | null = null
  #state: UpdateState = null
  #timer: NodeJS.Timeout | undefined
  #updater: AppUpdater | undefined

  constructor(options: UpdatesOptions) {
    this.#options = options
  }

  get state(): UpdateState {
    return this.#state
  }

  /** @param feed address of a folder with electron-builder's output, null for none */
  setFeed(feed: string | null): void {
    if (feed === this.#feed || !app.isPackaged) return
    this.#feed = feed
    clearInterval(this.#timer)
    this.#change(null)
    if (feed === null) return
    this.#timer = setInterval(() => void this.runOnce(), DAY)
    void this.runOnce()
  }

  /** Checks the feed now. */
  async runOnce(): Promise<void> {
    if (this.#feed === null) return
    try {
      const updater = await this.#loaded()
      updater.setFeedURL({ provider: 'generic', url: this.#feed })
      await updater.checkForUpdates()
    } catch (error) {
      this.#options.report('Could not check the feed for updates', error)
    }
  }

  /** Takes the next step of the update: downloads it, or quits and installs it. */
  async goOn(): Promise<void> {
    const updater = await this.#loaded()
    if (this.#state?.step === 'ready') updater.quitAndInstall()
    if (this.#state?.step !== 'available') return
    this.#change({ ...this.#state, step: 'loading' })
    try {
      await updater.downloadUpdate()
    } catch (error) {
      this.#options.report('The new version could not be downloaded', error)
      this.#change({ ...this.#state, step: 'available' })
    }
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  /** Loaded once there is a feed; most installations never have one. */
  async #loaded(): Promise<AppUpdater> {
    if (this.#updater !== undefined) return this.#updater
    const { autoUpdater: updater } = await import('electron-updater')
    updater.autoDownload = false
    updater.autoInstallOnAppQuit = false
    updater.logger = null
    updater.on('update-available', ({ version }) => {
      this.#change({ version, step: 'available' })
    })
    updater.on('update-downloaded', ({ version }) => {
      this.#change({ version, step: 'ready' })
    })
    // The called method throws the same error; without a listener it would end the process.
    updater.on('error', () => undefined)
    return (this.#updater = updater)
  }

  #change(state: UpdateState): void {
    this.#state = state
    this.#options.onChange(state)
  }
}
