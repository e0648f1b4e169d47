import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { type Browser, chromium, expect, type Page } from '@playwright/test'
import { BoardPage } from '../board-page.ts'
import type { Complaints } from '../complaints.ts'
import { environmentOf, type Home } from '../home.ts'

/**
 * Root may not use Chromium's sandbox. Where users may not create namespaces (Ubuntu 24.04), only the installed app has
 * one, by its helper that belongs to root. For all others the app is started with the sandbox.
 */
function hasSandbox(): boolean {
  return process.getuid?.() !== 0 && spawnSync('unshare', ['--user', '--map-root-user', 'true']).status === 0
}

const WORDS = ['--disable-gpu', ...(hasSandbox() ? [] : ['--no-sandbox'])]

/** Lets a test drive the page. */
export const DEBUG = '--remote-debugging-port=0'

type App = ChildProcessByStdio<null, null, Readable>

export interface StartOptions {
  /** Another program than that of the app's folder. */
  program?: string
  words?: readonly string[]
  env?: Record<string, string>
}

/**
 * A packed app as its user starts it. Its fuses keep Node debuggers out, so it is driven through Chromium's own port,
 * and the main process can only be observed from outside.
 */
export class PackagedApp {
  readonly page: Page
  readonly board: BoardPage
  readonly #browser: Browser
  readonly #child: App

  private constructor(browser: Browser, child: App, page: Page) {
    this.#browser = browser
    this.#child = child
    this.page = page
    this.board = new BoardPage(page)
  }

  /** @param folder where the program is */
  static start(
    folder: string,
    home: Home,
    complaints: Complaints,
    { program = programIn(folder), words = [], env = {} }: StartOptions = {},
  ): Promise<PackagedApp> {
    return PackagedApp.connect(spawnApp(program, home, [DEBUG, ...words], env), complaints)
  }

  /** @param child an app that was started with the word DEBUG */
  static async connect(child: App, complaints: Complaints): Promise<PackagedApp> {
    const address = await new Promise<string>((resolve, reject) => {
      let said = ''
      child.stderr.on('data', (chunk: Buffer) => {
        said += chunk.toString()
        const match = /DevTools listening on (ws:\S+)/.exec(said)
        if (match?.[1] !== undefined) resolve(match[1])
      })
      complaints.listenToLines(child.stderr)
      child.once('exit', (code) => reject(new Error(`The app ended with ${code}: ${said}`)))
    })
    await pageIsThere(new URL(address).port)
    const browser = await chromium.connectOverCDP(address, { noDefaults: true })
    const [context] = browser.contexts()
    if (context === undefined) throw new Error('The app has no window.')
    complaints.listenTo(context)
    const [page] = context.pages()
    if (page === undefined) throw new Error('The window has no page.')
    return new PackagedApp(browser, child, page)
  }

  /** Starts it a second time on the same home. @returns its exit code */
  static async startAgain(folder: string, home: Home, ...words: string[]): Promise<number | null> {
    const child = spawnApp(programIn(folder), home, words)
    const [code] = (await once(child, 'exit')) as [number | null]
    return code
  }

  /** Ends it as the session does. May be called twice. */
  async quit(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exited = once(this.#child, 'exit')
    await this.#browser.close()
    this.#child.kill('SIGTERM')
    await exited
  }
}

/** A window that has not loaded its page yet does not respond, and a request to it would wait forever. */
async function pageIsThere(port: string): Promise<void> {
  await expect
    .poll(async () => {
      const answer = await fetch(`http://127.0.0.1:${port}/json/list`)
      return ((await answer.json()) as { url: string }[]).map(({ url }) => url)
    })
    .toContainEqual(expect.stringMatching(/^runboard-app:/))
}

function programIn(folder: string): string {
  return join(folder, 'runboard-desktop')
}

function spawnApp(
  program: string,
  home: Home,
  words: readonly string[],
  env: Record<string, string> = {},
): App {
  return spawn(program, [...WORDS, ...words], {
    cwd: home.path,
    env: { ...environmentOf(home.path), ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
}
