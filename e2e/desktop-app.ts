import { execFile } from 'node:child_process'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { _electron, type ElectronApplication, type Page } from '@playwright/test'
import { BoardPage } from './board-page.ts'
import type { Complaints } from './complaints.ts'
import { TaskDrawer } from './task-drawer.ts'
import { environmentOf, type Home, root } from './home.ts'

interface Notified {
  title: string
  body: string
  actions: string[]
}

interface Tray {
  tooltip: string
  count: number
  labels: string[]
}

/** What the main process exposes to tests when it is started with RUNBOARD_E2E=1. */
interface Hooks {
  tray: (Tray & { click: (label: string) => void }) | null
  notifications: (Notified & { click: () => void; act: (index: number) => void })[]
  openedOutside: string[]
  questions: string[]
  answer: number
  picks: { kind: string; title: string }[]
  picked: string | null
  asked: { keep_awake: boolean; start_at_login: boolean }
}

declare global {
  var runboardE2e: Hooks | undefined
}

/** What the package `electron` exports to Node: the path of its program. */
export const program = createRequire(import.meta.url)('electron') as string

const words = ['--no-sandbox', '--disable-gpu', root]

/**
 * The app in its own process, and its first window. Code evaluated there may run in the middle of anything that the
 * main process does, even a board query: the inspector interrupts it. So everything that calls the app's own code waits
 * for its turn first.
 */
export class Desktop {
  readonly app: ElectronApplication
  readonly page: Page
  readonly board: BoardPage
  readonly drawer: TaskDrawer
  #ended = false

  private constructor(app: ElectronApplication, page: Page) {
    this.app = app
    this.page = page
    this.board = new BoardPage(page)
    this.drawer = new TaskDrawer(page)
    app.on('close', () => (this.#ended = true))
  }

  /**
   * @param more words for the command line, such as a deep link
   * @param env of a desktop with a tray and notifications; by default the app keeps for tests what it shows there
   */
  static async start(
    home: Home,
    complaints: Complaints,
    more: readonly string[] = [],
    env: Record<string, string> = { RUNBOARD_E2E: '1' },
  ): Promise<Desktop> {
    // Playwright uses the package's program by default, and delays the app until it is connected: a window that is
    // created at that moment would never respond.
    const app = await _electron.launch({
      args: [...words, ...more],
      cwd: home.path,
      env: { ...environmentOf(home.path), ...env },
    })
    complaints.listenTo(app.context())
    const { stderr } = app.process()
    if (stderr !== null) complaints.listenToLines(stderr)
    return new Desktop(app, await app.firstWindow())
  }

  /** Starts the app a second time on the same home, as a click on its icon or a link does. */
  static async startAgain(home: Home, ...more: string[]): Promise<void> {
    await promisify(execFile)(program, [...words, ...more], { cwd: home.path, env: environmentOf(home.path) })
  }

  /** What the main process shows outside of its windows, and what it requests from the system. */
  async outside(): Promise<
    Pick<Hooks, 'questions' | 'asked'> & { tray: Tray | null; notifications: Notified[] }
  > {
    return this.app.evaluate(() => {
      const state = globalThis.runboardE2e
      if (state === undefined) throw new Error('The main process keeps nothing for tests.')
      const { tray, questions, asked } = state
      const notifications = state.notifications.map(({ title, body, actions }) => ({ title, body, actions }))
      const shown = tray && { tooltip: tray.tooltip, count: tray.count, labels: tray.labels }
      return { tray: shown, questions, asked, notifications }
    })
  }

  /** The titles of the notifications so far. */
  async told(): Promise<string[]> {
    return (await this.outside()).notifications.map(({ title }) => title)
  }

  async clickNotification(title: string): Promise<void> {
    await this.app.evaluate(async (_electron, wanted) => {
      await new Promise(setImmediate)
      globalThis.runboardE2e?.notifications.find((notification) => notification.title === wanted)?.click()
    }, title)
  }

  /** Chooses an item of the tray's menu. */
  async chooseInTray(label: string): Promise<void> {
    await this.app.evaluate(async (_electron, wanted) => {
      await new Promise(setImmediate)
      globalThis.runboardE2e?.tray?.click(wanted)
    }, label)
  }

  /** Presses the first button of a notification, if the system shows one. */
  async pressNotification(title: string): Promise<void> {
    await this.app.evaluate(async (_electron, wanted) => {
      await new Promise(setImmediate)
      globalThis.runboardE2e?.notifications.find((notification) => notification.title === wanted)?.act(0)
    }, title)
  }

  /** Answers the app's next questions with the button of this number. */
  async willAnswer(button: number): Promise<void> {
    await this.app.evaluate((_electron, answer) => {
      if (globalThis.runboardE2e !== undefined) globalThis.runboardE2e.answer = answer
    }, button)
  }

  /** Sets the path that answers the app's next requests for a path. */
  async willPick(path: string): Promise<void> {
    await this.app.evaluate((_electron, picked) => {
      if (globalThis.runboardE2e !== undefined) globalThis.runboardE2e.picked = picked
    }, path)
  }

  /** Stops the main process until the work is done, so that it finds all changes at once. */
  async whileItIsStopped(work: () => Promise<unknown>): Promise<void> {
    this.app.process().kill('SIGSTOP')
    try {
      await work()
    } finally {
      this.app.process().kill('SIGCONT')
    }
  }

  /** Quits as the menu does. The app may have work to do before it ends. */
  async askToQuit(): Promise<void> {
    await this.app.evaluate(({ app }) => {
      setImmediate(() => app.quit())
    })
  }

  /** Waits until its process has ended. */
  async ended(): Promise<void> {
    if (!this.#ended) await this.app.waitForEvent('close')
  }

  /** May be called twice. */
  async quit(): Promise<void> {
    if (this.#ended) return
    await this.askToQuit()
    await this.ended()
  }

  async kill(): Promise<void> {
    const closed = this.app.waitForEvent('close')
    this.app.process().kill('SIGKILL')
    await closed
  }
}
