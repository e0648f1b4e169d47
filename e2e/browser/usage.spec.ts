import { readFile } from 'node:fs/promises'
import { expect, test } from '../fixtures.ts'

test('the usage of a board is shown by day and profile, and exported', async ({
  board,
  home,
  open,
  page,
}) => {
  await home.addProfile('fine', 'runboard complete --summary "All good"')
  await home.addProfile('broken', 'echo "403 forbidden" >&2; exit 1', '--failure-limit', '1')
  await home.create('Write it', '--assignee', 'fine', '--label', 'docs')
  await home.create('Check it', '--assignee', 'fine')
  await home.create('Upload it', '--assignee', 'broken')
  await open('/board/work')
  await expect(board.cardIn('Blocked', 'Upload it')).toBeVisible()
  await expect(board.cardsIn('Done')).toHaveCount(2)

  await page.keyboard.press('g')
  await page.keyboard.press('u')
  const byProfile = page.getByRole('region', { name: 'Usage by profile' })
  const row = (name: string) => byProfile.getByRole('row', { name: new RegExp(`^${name}`) })
  await expect(row('fine').getByRole('cell')).toHaveText([
    /^2$/,
    '0',
    '100%',
    '2',
    /./,
    /./,
    /unknown/,
    /unknown/,
    /unknown/,
    /unknown/,
    '2',
  ])
  await expect(row('broken').getByRole('cell').nth(2)).toHaveText('0%')
  await expect(row('Total').getByRole('cell').first()).toHaveText('3')
  // Two plots: runs, and the time to done. No run reported tokens or a cost, so these have no plot.
  await expect(page.getByRole('main').locator('canvas')).toHaveCount(2)

  await page.getByRole('button', { name: 'Label', exact: true }).press('Enter')
  const byLabel = page.getByRole('region', { name: 'Usage by label' })
  await expect(byLabel.getByRole('row', { name: /^docs/ }).getByRole('cell').first()).toHaveText('1')
  await page.getByRole('button', { name: '7 days' }).press('Enter')
  const byDay = page.getByRole('region', { name: 'Usage by day' })
  await expect(byDay.getByRole('row')).toHaveCount(9) // with the head and the total
  await page.reload()
  await expect(byDay.getByRole('row')).toHaveCount(9)
  await expect(byLabel).toBeVisible()

  await page.getByRole('button', { name: 'Export as CSV' }).press('Enter')
  const saving = page.waitForEvent('download')
  await board.menu('Export as CSV').getByRole('menuitem', { name: 'By label' }).press('Enter')
  const download = await saving
  expect(download.suggestedFilename()).toBe('work-usage-by-label-7-days.csv')
  expect(await readFile(await download.path(), 'utf8')).toMatch(
    /^label,runs,succeeded,.*\r\n,2,1,1,0\.5,.*\r\ndocs,1,1,0,1,/,
  )

  // The link of a day leads to its runs.
  await byDay.getByRole('link').first().press('Enter')
  await expect(page.getByRole('region', { name: 'Runs, newest first' }).getByRole('link')).toHaveCount(3)
})

test('without runs the usage says so', async ({ open, page }) => {
  await open('/board/work/usage')
  await expect(page.getByRole('heading', { name: 'No runs in the last 30 days' })).toBeVisible()
  await page.getByRole('button', { name: 'Show 90 days' }).click()
  await expect(page.getByRole('heading', { name: 'No runs in the last 90 days' })).toBeVisible()
})
