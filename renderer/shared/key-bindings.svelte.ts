import type { Client } from '../../contract/index.ts'
import { asFailure } from './errors.ts'

/** The parts of an action that decide its keys. */
export interface Bindable {
  id: string
  /** Its default keys; they apply until the user chooses others. */
  keys?: readonly string[]
  /** The id of another action. This action then has that action's keys, with Shift. */
  shiftOf?: string
}

type Chosen = Readonly<Record<string, readonly string[]>>

const NONE: readonly string[] = []

/**
 * The keys that the user chose in place of the default keys. They are an app setting and not kept in the browser, so that
 * they are the same in the app and in every browser.
 */
export class KeyBindings {
  chosen = $state.raw<Chosen>({})
  /** Why the keys could not be read or saved; null without a problem. */
  problem = $state<string | null>(null)
  #client: Client | null = null

  /**
   * Reads the keys now, and whenever the window gets the focus: another window or an editor may have changed them.
   *
   * @returns a function that stops this
   */
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

  /** @returns the keys of an action; the first is the one to show */
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
   * @param changes keys by the id of the action; null restores its default keys
   * @returns whether they were saved; if not, `problem` says why and nothing has changed
   */
  async set(changes: Readonly<Record<string, readonly string[] | null>>): Promise<boolean> {
    const after = Object.entries({ ...this.chosen, ...changes }).filter(([, keys]) => keys !== null)
    return this.#save(Object.fromEntries(after.map(([id, keys]) => [id, [...(keys ?? NONE)]])))
  }

  /** Restores the default keys of every action. @returns whether that was saved */
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
