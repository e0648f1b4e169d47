import { expect } from '@playwright/test'
import { BoardPage } from './board-page.ts'
import { Complaints } from './complaints.ts'
import { test as withHome } from './home-fixtures.ts'
import { Serve } from './serve.ts'
import { slowFrames } from './slow-frames.ts'
import { TaskDrawer } from './task-drawer.ts'

export { expect }

interface Fixtures {
  complaints: Complaints
  serve: Serve
  /** Navigates to a place on the board; the first time with the token. */
  open: (place?: string) => Promise<void>
  board: BoardPage
  drawer: TaskDrawer
}

/** A browser on a `runboard serve` of its own. */
export const test = withHome.extend<Fixtures>({
  complaints: [
    async ({ context }, use) => {
      const complaints = new Complaints()
      complaints.listenTo(context)
      await use(complaints)
      expect(complaints.unexpected, 'errors in the page').toEqual([])
    },
    { auto: true },
  ],

  serve: async ({ complaints, home }, use) => {
    const serve = await Serve.start(home)
    await use(serve)
    complaints.stopListening() // the server is gone from here on
    await serve.stop()
    expect(serve.complaints, 'what serve said on stderr').toBe('')
  },

  open: async ({ page, serve }, use) => {
    let loggedIn = false
    await use(async (place = '/') => {
      await page.goto(loggedIn ? `${serve.url}/#${place}` : serve.address(place))
      await expect(page.getByRole('navigation', { name: 'Views' })).toBeVisible()
      loggedIn = true
    })
  },

  page: async ({ page }, use) => {
    await slowFrames(page)
    await use(page)
  },

  board: async ({ page }, use) => {
    await use(new BoardPage(page))
  },

  drawer: async ({ page }, use) => {
    await use(new TaskDrawer(page))
  },
})
