import { type BrowserContext, test as base, expect } from '@playwright/test'
import { BoardPage } from './board-page.ts'
import { type Cli, Home } from './home.ts'
import { Serve } from './serve.ts'

export { expect }

/** What a page complained about. A test fails if there is anything that it did not expect. */
export class Complaints {
  readonly #heard: string[] = []
  readonly #expected: RegExp[] = []
  #listening = true

  listenTo(context: BrowserContext): void {
    context.on('console', (message) => {
      const { url } = message.location()
      if (message.type() === 'error') this.add(`${message.text()}${url === '' ? '' : ` (${url})`}`)
    })
    context.on('weberror', (error) => this.add(String(error.error().stack ?? error.error())))
  }

  stopListening(): void {
    this.#listening = false
  }

  add(complaint: string): void {
    if (this.#listening) this.#heard.push(complaint)
  }

  /** A browser writes down every call that is refused or gets no answer: where that is the point of the test. */
  expect(...patterns: RegExp[]): void {
    this.#expected.push(...patterns)
  }

  get unexpected(): string[] {
    return this.#heard.filter((complaint) => !this.#expected.some((pattern) => pattern.test(complaint)))
  }
}

interface Fixtures {
  /** The boards that there are at the start: an empty one, the demo board, or none. */
  boards: 'empty' | 'demo' | 'none'
  home: Home
  cli: Cli
  /** Flags of `runboard serve`. */
  serveFlags: readonly string[]
  serve: Serve
  complaints: Complaints
  /** Logs the page in, at a place of the board. */
  open: (place?: string) => Promise<void>
  board: BoardPage
}

export const test = base.extend<Fixtures>({
  boards: ['empty', { option: true }],
  serveFlags: [[], { option: true }],

  home: async ({ boards }, use) => {
    const home = await Home.make()
    if (boards === 'empty') await home.cli('init', '--name', 'work')
    if (boards === 'demo') await home.cli('demo')
    await use(home)
    await home.remove()
  },

  cli: async ({ home }, use) => {
    await use(home.cli)
  },

  serve: async ({ complaints, home, serveFlags }, use) => {
    const serve = await Serve.start(home, ...serveFlags)
    await use(serve)
    complaints.stopListening() // of a server that is gone
    await serve.stop()
    expect(serve.complaints, 'what serve said on stderr').toBe('')
  },

  complaints: [
    async ({ context }, use) => {
      const complaints = new Complaints()
      complaints.listenTo(context)
      await use(complaints)
      expect(complaints.unexpected, 'errors in the page').toEqual([])
    },
    { auto: true },
  ],

  open: async ({ page, serve }, use) => {
    await use(async (place = '/') => {
      await page.goto(serve.address(place))
      await expect(page.getByRole('navigation', { name: 'Views' })).toBeVisible()
    })
  },

  board: async ({ page }, use) => {
    await use(new BoardPage(page))
  },
})
