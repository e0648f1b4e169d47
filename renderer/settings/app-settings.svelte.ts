import type { AppSettings, Client, OperationInput } from '../../contract/index.ts'
import { asFailure } from '../shared/errors.ts'

type Changes = OperationInput<'settings.set'>['settings']

/** The settings of the whole app. A change is saved at once; one that is refused changes nothing and says why. */
export class AppSettingsStore {
  /** null until they have been read. */
  value = $state.raw<AppSettings | null>(null)
  /** Why the last change was refused, and which keys it had. */
  refusal = $state.raw<{ keys: readonly string[]; message: string } | null>(null)

  readonly #client: Client

  constructor(client: Client) {
    this.#client = client
  }

  async read(): Promise<void> {
    await this.#take([], () => this.#client.settings.show({}))
  }

  /** @returns whether it was saved */
  async set(settings: Changes): Promise<boolean> {
    return this.#take(Object.keys(settings), () => this.#client.settings.set({ settings }))
  }

  /** @returns why the last change of that setting was refused */
  refusalOf(...keys: readonly (keyof AppSettings)[]): string | null {
    return keys.some((key) => this.refusal?.keys.includes(key)) ? (this.refusal?.message ?? null) : null
  }

  async #take(keys: readonly string[], call: () => Promise<{ settings: AppSettings }>): Promise<boolean> {
    try {
      this.value = (await call()).settings
      this.refusal = null
      return true
    } catch (error) {
      this.refusal = { keys, message: asFailure(error).message }
      // Makes the fields show the current values again.
      if (this.value !== null) this.value = { ...this.value }
      return false
    }
  }
}
