import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'

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

/** What the shell remembers from one start to the next: nothing that would be missed. */
export interface AppState {
  /** By the slug of its board. */
  windows: Record<string, WindowState>
  /** Boards whose windows were open last. */
  open: string[]
  /** Whether it has been said that closing the window leaves the app in the tray. */
  told_about_tray: boolean
  /** By the slug of a board, the event up to which notifications have told what happened on it. */
  told_until: Record<string, number>
}

const NOTHING: AppState = { windows: {}, open: [], told_about_tray: false, told_until: {} }

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Keeps the state in a file; a file that cannot be read counts as none. */
export class AppStateFile {
  readonly #path: string
  #state: AppState

  constructor(path: string) {
    this.#path = path
    this.#state = { ...NOTHING, ...this.#read() }
  }

  get state(): Readonly<AppState> {
    return this.#state
  }

  change(change: Partial<AppState>): void {
    this.#state = { ...this.#state, ...change }
    mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 })
    const temporary = `${this.#path}.${randomBytes(4).toString('hex')}`
    writeFileSync(temporary, JSON.stringify(this.#state), { mode: 0o600 })
    renameSync(temporary, this.#path)
  }

  #read(): Partial<AppState> {
    try {
      const found: unknown = JSON.parse(readFileSync(this.#path, 'utf8'))
      return isObject(found) && isObject(found['windows']) && Array.isArray(found['open']) ? found : {}
    } catch {
      // The first start, or a file that was cut short: windows open where the system puts them.
      return {}
    }
  }
}
