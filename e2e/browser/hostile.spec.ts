import { expect, test } from '../fixtures.ts'

const TEXTS: Record<string, string> = {
  'two thousand quotes': '>'.repeat(2_000),
  'a table of 90 KB': `|a|b|\n|-|-|\n${'|x|y|\n'.repeat(15_000)}`,
  'lists in lists': '- '.repeat(5_000),
  'ten thousand brackets': '['.repeat(10_000),
}

test('X11: no comment of a worker empties the drawer or freezes the page', async ({
  board,
  drawer,
  home,
  open,
  page,
}) => {
  const id = await home.create('Look at this', '--hold')
  for (const text of Object.values(TEXTS)) await home.cli('comment', id, text)
  await home.cli('comment', id, `A long one that is fine:\n\n${'**bold** words. '.repeat(200)}`)
  await open()
  const frozen = page.evaluate(async () => {
    let longest = 0
    let last = performance.now()
    for (let n = 0; n < 100; n++) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      longest = Math.max(longest, performance.now() - last)
      last = performance.now()
    }
    return longest
  })
  await board.card('Look at this').getByRole('link').click()
  // The brackets do not nest: they are one paragraph.
  await expect(page.locator('.written')).toHaveCount(3)
  await expect(page.locator('.markdown strong')).toHaveCount(200)
  await expect(drawer.verdict).toBeVisible()
  await expect(page.getByRole('textbox', { name: 'New comment' })).toBeVisible()
  expect(await frozen).toBeLessThan(5_000)
  if (process.env['SHOT']) await page.screenshot({ path: process.env['SHOT'] })
})
