import { asFailure, type Failure } from './errors.ts'
import { toasts } from './toasts.svelte.ts'

/**
 * The calls that a form makes for a person. `busy` is the name of the call that runs; `error` says why the last call was
 * refused.
 */
export class Saving<Name extends string = 'saving'> {
  busy = $state<Name | null>(null)
  error = $state<string | null>(null)
  /** The last refusal in full, for a form that shows it at the field concerned. */
  failure = $state.raw<Failure | null>(null)

  /**
   * @param toast the title of the toast that shows a failure; without it `error` has the failure
   * @returns the answer, or null when the call failed
   */
  async run<T>(name: Name, call: () => Promise<T>, toast?: string): Promise<T | null> {
    this.busy = name
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
      this.busy = null
    }
  }
}
