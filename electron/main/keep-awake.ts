import { powerSaveBlocker } from 'electron'
import { e2e } from './e2e-hooks.ts'

/** Keeps the machine from going to sleep while there is a reason. The screen may still turn off. */
export class KeepAwake {
  #blocker: number | null = null

  /** @param wanted whether there is a reason now */
  set(wanted: boolean): void {
    if (wanted === (this.#blocker !== null)) return
    if (this.#blocker === null) this.#blocker = powerSaveBlocker.start('prevent-app-suspension')
    else this.stop()
    if (e2e !== null) e2e.asked.keep_awake = wanted
  }

  /** May be called twice. */
  stop(): void {
    if (this.#blocker !== null) powerSaveBlocker.stop(this.#blocker)
    this.#blocker = null
  }
}
