import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from './fixtures.ts'

test('X11: two thousand quotes and a table of 130 KB keep the drawer usable', async ({ home, launch }) => {
  const id = await home.create('Look at this', '--hold')
  const table = join(home.path, 'table.md')
  writeFileSync(table, `|a|b|\n|-|-|\n${'|x|y|\n'.repeat(22_000)}`)
  await home.cli('comment', id, '>'.repeat(2_000))
  await home.cli('comment', id, '--body-file', table)
  const { board, drawer, page } = await launch()

  await board.card('Look at this').getByRole('link').click()

  await expect(drawer.verdict).toBeVisible()
  await expect(page.locator('.written')).toHaveCount(2)
  await page.getByRole('textbox', { name: 'New comment' }).fill('Still here')
  await page.keyboard.press('Control+Enter')
  await expect(drawer.panel.getByText('Still here')).toBeVisible()
  await drawer.panel.press('Escape')
  await expect(drawer.panel).toBeHidden()
})
