import type { Page } from '@playwright/test'
import { BoardPage } from '../board-page.ts'
import { expect, test } from '../fixtures.ts'

test.describe('B4: many tabs of one server', () => {
  test('the seventh tab loads, all are live, and another tab takes over when the holder of the stream closes', async ({
    complaints,
    context,
    home,
    serve,
  }) => {
    test.setTimeout(180_000)
    complaints.expect(/net::ERR_/)
    await home.create('Known before')
    const pages: Page[] = []
    for (let number = 0; number < 7; number++) {
      const page = await context.newPage()
      pages.push(page)
      await page.goto(serve.address())
      await expect(new BoardPage(page).cardIn('Ready', 'Known before')).toBeVisible()
    }
    await home.create('Made for all')
    for (const page of pages) await expect(new BoardPage(page).cardIn('Ready', 'Made for all')).toBeVisible()

    const streams = async (page: Page) => {
      const { held } = await page.evaluate(() => navigator.locks.query())
      return (held ?? []).filter(({ name }) => name?.startsWith('runboard:events:')).length
    }
    expect(await streams(pages[6]!)).toBe(1)
    // The first tab has the stream, then the second.
    for (let number = 0; number < 2; number++) {
      await pages.shift()?.close()
      await expect.poll(() => streams(pages.at(-1)!)).toBe(1)
      await home.create(`Made after ${number}`)
      for (const page of pages) {
        await expect(new BoardPage(page).cardIn('Ready', `Made after ${number}`)).toBeVisible()
      }
    }
  })
})
