import type { MessageBoxOptions, MessageBoxReturnValue, Notification } from 'electron'
import type { Overview } from './overview.ts'

/** State of the main process for end-to-end tests that no window shows. */
export interface E2eState {
  tray: { tooltip: string; count: number; labels: string[]; click: (label: string) => void } | null
  overview: Overview | null
  /** As passed to the system, whether or not it could show them. */
  notifications: {
    title: string
    body: string
    actions: string[]
    click: () => void
    act: (index: number) => void
  }[]
  openedOutside: string[]
  /** The questions that were asked, and the number of the button that answers the next ones. */
  questions: string[]
  answer: number
  ask: (options: MessageBoxOptions) => Promise<Pick<MessageBoxReturnValue, 'response'>>
  /** The requests for a path so far, and the path that answers the next ones. */
  picks: { kind: string; title: string }[]
  picked: string | null
  pick: (kind: string, title: string) => string | null
  /** What the shell has requested from the system. */
  asked: { keep_awake: boolean; start_at_login: boolean }
}

declare global {
  var runboardE2e: E2eState | undefined
}

const on = process.env['RUNBOARD_E2E'] === '1'

function newState(): E2eState {
  const state: E2eState = {
    tray: null,
    overview: null,
    notifications: [],
    openedOutside: [],
    questions: [],
    answer: 0,
    ask: ({ message }) => {
      state.questions.push(message)
      return Promise.resolve({ response: state.answer })
    },
    picks: [],
    picked: null,
    pick: (kind, title) => {
      state.picks.push({ kind, title })
      return state.picked
    },
    asked: { keep_awake: false, start_at_login: false },
  }
  return state
}

/** Set only in end-to-end tests, which start the app with RUNBOARD_E2E=1. */
export const e2e: E2eState | null = on ? (globalThis.runboardE2e = newState()) : null

/** Records a notification, so that a test can read it and click it. */
export function noteNotification(notification: Notification): void {
  e2e?.notifications.push({
    title: notification.title,
    body: notification.body,
    actions: notification.actions.map(({ text }) => text ?? ''),
    click: () => notification.emit('click'),
    act: (index) => notification.emit('action', {}, index),
  })
}
