import { Notification } from 'electron'
import { noteNotification } from './e2e-hooks.ts'
import type { Place } from './places.ts'
import type { Notice } from './sentences.ts'

export interface NotificationActions {
  open: (place: Place) => void
  /** Lets a task try again at once. */
  retry: (task: { board: string; id: string }) => void
}

/**
 * Shows notices as notifications of the system. A click leads to the place; where the system
 * shows buttons (macOS does), there is one that retries.
 */
export class Notifications {
  readonly #actions: NotificationActions
  /** One that nobody refers to any more is collected, and with it what a click would do. */
  readonly #shown = new Set<Notification>()

  constructor(actions: NotificationActions) {
    this.#actions = actions
  }

  readonly tell = ({ title, body, place, retry }: Notice): void => {
    const buttons = retry === undefined ? [] : [{ type: 'button' as const, text: 'Retry now' }]
    const notification = new Notification({ title, body, actions: buttons })
    const forget = () => this.#shown.delete(notification)
    notification.on('click', () => {
      this.#actions.open(place)
      forget()
    })
    notification.on('action', () => {
      if (retry !== undefined) this.#actions.retry(retry)
      forget()
    })
    notification.on('close', forget)
    notification.on('failed', forget)
    this.#shown.add(notification)
    noteNotification(notification)
    if (Notification.isSupported()) notification.show()
  }
}
