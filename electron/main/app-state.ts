import { readFileSync } from 'node:fs'
import { isObject } from '../../formats/json.ts'
import { writeFileAtomic } from '../../kernel/index.ts'
import { asMark, type EventMark } from './event-mark.ts'

export interface Bounds {
  x: number
  y: number
  width: number
  height: number
}

export interface WindowState {
  bounds: Bounds
  maximized: boolean
}

/** What the shell remembers between starts: nothing whose loss matters. */
export interface AppState {
  /** By the slug of the board. */
  windows: Record<string, WindowState>
  /** Boards whose windows were open last. */
  open: string[]
  /** Whether the user has been notified that closing the window leaves the app in the tray. */
  told_about_tray: boolean
  /** By the slug of the board, the last event that notifications have covered. */
  told_until: Record<string, EventMark>
}

const NOTHING: AppState = { windows: {}, open: [], told_about_tray: false, told_until: {} }

/** The usable part of the file: a field of the wrong type counts as absent, and the others are kept. */
function usable(found: unknown): Partial<AppState> {
  if (!isObject(found)) return {}
  const { windows, open, told_about_tray, told_until } = found
  return {
    ...(isObject(windows) && { windows: windows as AppState['windows'] }),
    ...(Array.isArray(open) && { open: open.filter((slug) => typeof slug === 'string') }),
    ...(typeof told_about_tray === 'boolean' && { told_about_tray }),
    ...(isObject(told_until) && {
      told_until: Object.fromEntries(
        Object.entries(told_until).flatMap(([slug, found]) => {
          const mark = asMark(found)
          return mark === null ? [] : [[slug, mark]]
        }),
      ),
    }),
  }
}

/** Keeps the state in a file; an unreadable file counts as absent. */
export class AppStateFile {
  readonly #path: string
  readonly #report: (message: string, cause: unknown) => void
  #state: AppState
  #isWarned = false

  /** @param report called once when the file cannot be written; the app continues without it */
  constructor(
    path: string,
    report: (message: string, cause: unknown) => void = (message, cause) => console.error(message, cause),
  ) {
    this.#path = path
    this.#report = report
    this.#state = { ...NOTHING, ...this.#read() }
  }

  get state(): Readonly<AppState> {
    return this.#state
  }

  change(change: Partial<AppState>): void {
    this.#state = { ...this.#state, ...change }
    try {
      writeFileAtomic(this.#path, JSON.stringify(this.#state))
      this.#isWarned = false
    } catch (error) {
      if (!this.#isWarned) this.#report('The state of the windows could not be saved', error)
      this.#isWarned = true
    }
  }

  #read(): Partial<AppState> {
    try {
      return usable(JSON.parse(readFileSync(this.#path, 'utf8')))
    } catch {
      // The first start, or a truncated file: the system places the windows.
      return {}
    }
  }
}
