/**
 * A part of a board's dispatcher that acts in each pass or at due times. `BoardDispatcher` has the list of them; every
 * hook is optional.
 */
export interface DispatcherService {
  /** Its part of a pass, before tasks are claimed. Services run one after another, in the order of the list. */
  runOnce?(): void | Promise<void>
  /** @returns milliseconds until it wants the next pass; Infinity for never */
  nextDueIn?(): number
  /** Called every five seconds. */
  pulse?(): void
  /** Another process dispatches the board now. */
  leaseLost?(): void
  /** Workers live on. May be called twice. */
  stop?(): Promise<void>
}
