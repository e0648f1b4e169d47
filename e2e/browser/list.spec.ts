import { expect, test } from '../fixtures.ts'

test('the list has the keys, selection and filter of the board, and its settings are in the address', async ({
  board,
  home,
  open,
  page,
}) => {
  await home.create('Write the letter', '--label', 'post', '--due', '+2d')
  await home.create('Send the parcel', '--label', 'post', '--priority', '5')
  await home.create('An idea', '--triage')
  await open()
  await expect(board.cardsIn('Ready')).toHaveCount(2)
  await page.keyboard.press('v')
  const table = page.getByRole('table', { name: 'Tasks' })
  const rows = table.locator('[data-card]')
  const titles = () => rows.locator('a').allTextContents()
  await expect(rows).toHaveCount(3)
  await expect(page).toHaveURL(/layout=list/)

  await table.getByRole('button', { name: 'Title' }).click()
  await expect.poll(titles).toEqual(['An idea', 'Send the parcel', 'Write the letter'])
  await table.getByRole('button', { name: 'Title' }).click()
  await expect(table.getByRole('columnheader', { name: 'Title' })).toHaveAttribute('aria-sort', 'descending')
  await expect.poll(titles).toEqual(['Write the letter', 'Send the parcel', 'An idea'])

  const display = async (entry: string) => {
    await page.getByRole('button', { name: 'Display' }).click()
    await board.menu('Display').getByRole('menuitem', { name: entry, exact: true }).click()
    await expect(board.menu('Display')).toBeHidden()
  }
  await display('Label')
  await expect(table.getByRole('row', { name: /^post 2/ })).toBeVisible()
  await display('Id')
  await expect(table.getByRole('columnheader', { name: 'Id' })).toBeVisible()
  await expect(page).toHaveURL(/group=label/)
  await page.reload()
  await expect(table.getByRole('row', { name: /^post 2/ })).toBeVisible()
  await expect(table.getByRole('columnheader', { name: 'Id' })).toBeVisible()

  await rows.first().focus()
  await page.keyboard.press('x')
  await page.keyboard.press('Shift+j')
  await page.getByRole('toolbar', { name: '2 selected' }).getByRole('button', { name: 'Archive' }).click()
  await expect(rows).toHaveCount(1)
  await board.notice('Archived: 2 tasks').getByRole('button', { name: 'Undo' }).click()
  await expect(board.notice(/^Undid “Archived”: moved 2 tasks back to ready/)).toContainText(
    'Send the parcel',
  )
  await expect(rows).toHaveCount(3)

  await page.getByRole('textbox', { name: 'Filter by text' }).fill('parcel')
  await expect(rows).toHaveCount(1)
  await rows.first().click()
  await expect(page).toHaveURL(/\/task\/t_[0-9a-f]{8}\?.*layout=list/)
})

test('an edge of the list that hides columns has a shade', async ({ home, open, page }) => {
  await home.create('Write the letter')
  await page.setViewportSize({ width: 900, height: 800 })
  await open('/board/work?layout=list')
  const table = page.getByRole('table', { name: 'Tasks' })
  await expect(table.getByRole('row', { name: /Write the letter/ })).toBeVisible()
  const shade = (side: 'before' | 'after') =>
    table.locator('.frame').evaluate((frame, part) => getComputedStyle(frame, `::${part}`).opacity, side)
  await expect.poll(() => shade('after')).toBe('1')
  expect(await shade('before')).toBe('0')
  await table.getByRole('columnheader').last().scrollIntoViewIfNeeded()
  await table.locator('.scroller').evaluate((element) => (element.scrollLeft = element.scrollWidth))
  await expect.poll(() => shade('before')).toBe('1')
  await expect.poll(() => shade('after')).toBe('0')
  await page.setViewportSize({ width: 1920, height: 800 })
  await expect.poll(() => shade('before')).toBe('0')
})
