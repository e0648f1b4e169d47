import { Notification } from 'electron'
import { noteNotification } from './e2e-hooks.ts'
import type { Place } from './places.ts'
import type { Notice } from './sentences.ts'

export interface NotificationActions {
  open: (place: Place) => void
  /** Retries a task at once. */
  retry: (task: { board: string; id: string }) => void
}

/**
 * Shows notices as notifications of the system. A click opens the place. Where the system shows buttons (macOS does),
 * one of them retries.
 */
export class Notifications {
  readonly #actions: NotificationActions
  /** Keeps references: a notification that is garbage-collected loses its click handler. */
  readonly #shown = new Set<Notification>()

  constructor(actions: NotificationActions) {
    this.#actions = actions
  }

  readonly tell = ({ title, body, place, retry }: Notice): void => {
    const buttons = retry === undefined ? [] : [{ type: 'button' as const, text: 'Retry' }]
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
