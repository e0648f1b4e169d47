import { asFailure, type Failure } from './errors.ts'
import { toasts } from './toasts.svelte.ts'

/**
 * The calls that a form makes for a person. `busy` is the name of the call that runs, the newest if there are several;
 * `error` says why the last call was refused.
 */
export class Saving<Name extends string = 'saving'> {
  #running = $state.raw<readonly { readonly name: Name }[]>([])
  error = $state<string | null>(null)
  /** The last refusal in full, for a form that shows it at the field concerned. */
  failure = $state.raw<Failure | null>(null)

  get busy(): Name | null {
    return this.#running.at(-1)?.name ?? null
  }

  /**
   * @param toast the title of the toast that shows a failure; without it `error` has the failure
   * @returns the answer, or null when the call failed
   */
  async run<T>(name: Name, call: () => Promise<T>, toast?: string): Promise<T | null> {
    const running = { name }
    this.#running = [...this.#running, running]
    this.error = null
    this.failure = null
    try {
      return await call()
    } catch (error) {
      this.failure = asFailure(error)
      if (toast === undefined) this.error = this.failure.message
      else toasts.fail(error, toast)
      return null
    } finally {
      this.#running = this.#running.filter((one) => one !== running)
    }
  }
}
