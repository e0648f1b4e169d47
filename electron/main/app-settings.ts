import { type FSWatcher, watch } from 'node:fs'
import { APP_SETTING_DEFAULTS, type AppSettings, type Client } from '../../contract/index.ts'

/** An editor writes a file in several steps; after this time they are done. In milliseconds. */
const SETTLE_MS = 50

export interface LiveSettingsOptions {
  client: Client
  /** RUNBOARD_HOME, which holds config.json. */
  home: string
  onChange: (settings: AppSettings) => void
  report: (message: string, cause: unknown) => void
}

/** The current settings of the app. The window, the command line or an editor may change them. */
export class LiveSettings {
  readonly #options: LiveSettingsOptions
  #current = APP_SETTING_DEFAULTS
  #watcher: FSWatcher | undefined
  #timer: NodeJS.Timeout | undefined
  #isStopped = false

  constructor(options: LiveSettingsOptions) {
    this.#options = options
  }

  get current(): AppSettings {
    return this.#current
  }

  /** Reads the settings now and at each change. `onChange` is called for the first read too. */
  async start(): Promise<void> {
    if (this.#isStopped) return
    // Watch the folder, not the file: each change replaces the file.
    this.#watcher = watch(this.#options.home, { persistent: false }, (_event, name) => {
      if (name === 'config.json') this.#timer ??= setTimeout(() => void this.runOnce(), SETTLE_MS)
    })
    this.#watcher.on('error', (cause) => {
      this.#options.report('Changes of the settings are no longer noticed', cause)
    })
    await this.runOnce()
    if (!this.#isStopped) this.#options.onChange(this.#current)
  }

  async runOnce(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    try {
      const { settings } = await this.#options.client.settings.show({})
      if (JSON.stringify(settings) === JSON.stringify(this.#current)) return
      this.#current = settings
      this.#options.onChange(settings)
    } catch (error) {
      // Half edited by hand, for example: the previous settings stay in force.
      if (!this.#isStopped) this.#options.report('The settings could not be read', error)
    }
  }

  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
    this.#watcher?.close()
  }
}
