import type { Client } from '../../contract/index.ts'
import { asFailure } from './errors.ts'

/** What the keys of an action depend on. */
export interface Bindable {
  id: string
  /** Its own keys, until a person chooses others. */
  keys?: readonly string[]
  /** It is the action of that id with Shift held, and has the keys of that one. */
  shiftOf?: string
}

type Chosen = Readonly<Record<string, readonly string[]>>

const NONE: readonly string[] = []

/**
 * The keys that a person chose in place of an action's own. They are an app setting and not kept in the browser: who has
 * learned a key expects it in the app and in each browser alike.
 */
export class KeyBindings {
  chosen = $state.raw<Chosen>({})
  /** Why they could not be read or saved. */
  problem = $state<string | null>(null)
  #client: Client | null = null

  /** Reads them now, and whenever the window is used again: another window or an editor may have changed them. @returns a function that stops it */
  start(client: Client): () => void {
    this.#client = client
    const read = () => void this.#read(client)
    window.addEventListener('focus', read)
    read()
    return () => window.removeEventListener('focus', read)
  }

  async #read(client: Client): Promise<void> {
    try {
      this.take((await client.settings.show({})).settings.keys)
    } catch (error) {
      this.problem = asFailure(error).message
    }
  }

  take(chosen: Chosen): void {
    this.problem = null
    if (JSON.stringify(chosen) !== JSON.stringify(this.chosen)) this.chosen = chosen
  }

  /** @returns the keys of an action; the first one is shown beside it */
  of({ id, keys = NONE, shiftOf }: Bindable): readonly string[] {
    const own = this.chosen[id]
    if (own !== undefined) return own
    const base = shiftOf === undefined ? undefined : this.chosen[shiftOf]
    return base?.filter((key) => !/ |shift\+/.test(key)).map((key) => `shift+${key}`) ?? keys
  }

  isChanged(id: string): boolean {
    return this.chosen[id] !== undefined
  }

  /**
   * Saves keys for some actions.
   *
   * @param changes by the id of the action; null returns it to its own keys
   * @returns whether they were saved; if not, `problem` says why and nothing has changed
   */
  async set(changes: Readonly<Record<string, readonly string[] | null>>): Promise<boolean> {
    const after = Object.entries({ ...this.chosen, ...changes }).filter(([, keys]) => keys !== null)
    return this.#save(Object.fromEntries(after.map(([id, keys]) => [id, [...(keys ?? NONE)]])))
  }

  /** Returns every action to its own keys. @returns whether that was saved */
  async reset(): Promise<boolean> {
    return this.#save(null)
  }

  async #save(keys: Record<string, string[]> | null): Promise<boolean> {
    if (this.#client === null) return false
    try {
      this.take((await this.#client.settings.set({ settings: { keys } })).settings.keys)
      return true
    } catch (error) {
      this.problem = asFailure(error).message
      return false
    }
  }
}

export const keyBindings = new KeyBindings()
