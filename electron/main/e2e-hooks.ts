import type { Notification } from 'electron'
import type { Overview } from './overview.ts'

/** What end-to-end tests look at in the main process, where no window shows it. */
export interface E2eState {
  tray: { tooltip: string; count: number; labels: string[] } | null
  overview: Overview | null
  /** As they were given to the system, whether it could show them or not. */
  notifications: { title: string; body: string; click: () => void }[]
  openedOutside: string[]
}

declare global {
  var runboardE2e: E2eState | undefined
}

const on = process.env['RUNBOARD_E2E'] === '1'

/** Nothing outside of tests: they start the app with RUNBOARD_E2E=1. */
export const e2e: E2eState | null = on
  ? (globalThis.runboardE2e = { tray: null, overview: null, notifications: [], openedOutside: [] })
  : null

/** Notes a notification, so that a test can read it and click it. */
export function noteNotification(notification: Notification): void {
  e2e?.notifications.push({
    title: notification.title,
    body: notification.body,
    click: () => notification.emit('click'),
  })
}
