import { Notification } from 'electron'
import { noteNotification } from './e2e-hooks.ts'
import type { Place } from './places.ts'
import type { Notice } from './sentences.ts'

/** Shows what a person should hear of as the system shows such things; a click leads to the place. */
export class Notifications {
  readonly #open: (place: Place) => void
  /** One that nobody refers to any more is collected, and with it what a click would do. */
  readonly #shown = new Set<Notification>()

  constructor(open: (place: Place) => void) {
    this.#open = open
  }

  readonly tell = ({ title, body, place }: Notice): void => {
    const notification = new Notification({ title, body })
    const forget = () => this.#shown.delete(notification)
    notification.on('click', () => {
      this.#open(place)
      forget()
    })
    notification.on('close', forget)
    notification.on('failed', forget)
    this.#shown.add(notification)
    noteNotification(notification)
    if (Notification.isSupported()) notification.show()
  }
}
