import { asFailure } from './errors.ts'
import { toasts } from './toasts.svelte.ts'

/**
 * A call that a person waits for. `busy` is the name of the one that runs, for forms that have several; `error` says why
 * the last one was refused.
 */
export class Saving<Name extends string = 'saving'> {
  busy = $state<Name | null>(null)
  error = $state<string | null>(null)

  /**
   * @param toast the title of the toast that shows a failure; without it `error` has the failure
   * @returns the answer, or null when the call failed
   */
  async run<T>(name: Name, call: () => Promise<T>, toast?: string): Promise<T | null> {
    this.busy = name
    this.error = null
    try {
      return await call()
    } catch (error) {
      if (toast === undefined) this.error = asFailure(error).message
      else toasts.fail(error, toast)
      return null
    } finally {
      this.busy = null
    }
  }
}
