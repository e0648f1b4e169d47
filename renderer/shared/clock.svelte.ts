import { createSubscriber } from 'svelte/reactivity'

/**
 * A ticking time, shared by everything that shows one. It runs only while something reads it and the page is visible,
 * so an idle board costs nothing.
 */
class Clock {
  #now = Date.now()
  readonly #subscribe: () => void

  constructor(interval: number) {
    this.#subscribe = createSubscriber((update) => {
      const tick = () => {
        if (document.hidden) return
        this.#now = Date.now()
        update()
      }
      tick()
      const timer = setInterval(tick, interval)
      document.addEventListener('visibilitychange', tick)
      return () => {
        clearInterval(timer)
        document.removeEventListener('visibilitychange', tick)
      }
    })
  }

  /** Milliseconds since the epoch. An effect or template that reads it runs again at each tick. */
  get now(): number {
    this.#subscribe()
    return $effect.tracking() ? this.#now : Date.now()
  }
}

/** For countdowns in seconds. */
export const seconds = new Clock(1000)
/** For ages of a minute and more; ticks every 15 s. */
export const minutes = new Clock(15_000)
