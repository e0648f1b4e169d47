import { expect, test } from '../fixtures.ts'

const broken = (word: string) => `echo "${word}" >&2; exit 1`

test('the runs of the board can be filtered, and runs with the same error link to each other', async ({
  drawer,
  home,
  open,
  page,
}) => {
  await home.addProfile('full', broken('no space left on device'), '--failure-limit', '1')
  await home.addProfile('fine', 'runboard complete --summary "All good"')
  await home.addProfile('shut', broken('permission denied'), '--failure-limit', '1')
  const first = await home.create('Write the report', '--assignee', 'full')
  await home.create('Write the index', '--assignee', 'full')
  const fine = await home.create('Read the report', '--assignee', 'fine')
  await home.create('Open the safe', '--assignee', 'shut')
  await open('/board/work/runs')
  const list = page.getByRole('region', { name: 'Runs, newest first' })
  await expect(list.getByRole('link')).toHaveCount(4)
  await expect(list.getByRole('link', { name: /crashed/i })).toHaveCount(3)

  await page.getByRole('group', { name: 'Show only' }).getByRole('button', { name: 'Completed' }).click()
  await expect(list.getByRole('link')).toHaveCount(1)
  await expect(list.getByRole('link')).toContainText('Read the report')
  await page.reload()
  await expect(list.getByRole('link')).toHaveCount(1)

  // From a run's error to the runs with the same error, all retried at once.
  await open(`/board/work/task/${first}/run/1`)
  await drawer.tab(1, 'Summary')
  await drawer.run(1).getByRole('link', { name: 'same error in 1 other task' }).click()
  await expect(list.getByRole('link')).toHaveCount(2)
  await expect(page.getByText('The same error: no space left on device')).toBeVisible()
  await page.getByRole('button', { name: 'Retry the 2 waiting tasks' }).click()
  await expect(list.getByRole('link')).toHaveCount(4)
  await page.getByRole('button', { name: 'Show other errors, too' }).click()
  await expect(list.getByRole('link')).toHaveCount(6)

  // From run to run across the whole board.
  await open(`/board/work/task/${fine}/run/1`)
  await expect(drawer.head(1)).toHaveAttribute('aria-expanded', 'true')
  await page.keyboard.press('n')
  await expect(drawer.head(1)).toContainText('crashed')
  await expect(page).not.toHaveURL(new RegExp(fine))
})

test('new and ended runs appear in the list live', async ({ home, open, page }) => {
  await home.addProfile('slow', home.gate('end'))
  await open('/board/work/runs')
  await expect(page.getByRole('heading', { name: 'No runs yet' })).toBeVisible()
  await home.create('Take your time', '--assignee', 'slow')
  const row = page.getByRole('link', { name: /Take your time/ })
  await expect(row).toContainText(/running/i)
  await page.getByRole('group', { name: 'Show only' }).getByRole('button', { name: 'Running' }).click()
  await expect(row).toBeVisible()
  home.openGate('end')
  await expect(page.getByRole('heading', { name: 'No matching runs' })).toBeVisible()
  await page.getByRole('button', { name: 'Show all' }).click()
  await expect(row).toContainText(/ended without a report/i)
})

test('runs are found by text and days, and a filter is saved as a view', async ({
  board,
  home,
  open,
  page,
}) => {
  await home.addProfile('full', broken('no space left on device'), '--failure-limit', '1')
  await home.addProfile('shut', broken('permission denied'), '--failure-limit', '1')
  await home.addProfile('fine', 'runboard complete --summary "All good"')
  await home.create('Write the report', '--assignee', 'full')
  await home.create('Open the safe', '--assignee', 'shut')
  await home.create('Read the report', '--assignee', 'fine')
  await open('/board/work/runs')
  const list = page.getByRole('region', { name: 'Runs, newest first' })
  await expect(list.getByRole('link')).toHaveCount(3)

  await page.keyboard.press('/')
  await expect(page.getByRole('textbox', { name: 'Search runs' })).toBeFocused()
  await page.keyboard.type('denied')
  await expect(list.getByRole('link')).toHaveCount(1)
  await expect(list.getByRole('link')).toContainText('Open the safe')
  await page.reload()
  await expect(list.getByRole('link')).toHaveCount(1)

  await page.getByRole('button', { name: 'Views' }).click()
  await board.menu('Views').getByRole('menuitem', { name: 'Save this filter as a view…' }).click()
  await page.keyboard.type('Locked out')
  await page.keyboard.press('Enter')
  await page.getByRole('button', { name: 'Clear' }).click()
  await expect(list.getByRole('link')).toHaveCount(3)
  await page.getByRole('button', { name: 'Views' }).click()
  await board.menu('Views').getByRole('menuitem', { name: 'Locked out' }).click()
  await expect(list.getByRole('link')).toHaveCount(1)
  await page.getByRole('button', { name: 'Clear' }).click()

  await page.getByRole('combobox', { name: 'Time' }).selectOption('From – to…')
  await page.getByLabel('To', { exact: true }).fill('2020-01-01')
  await expect(page.getByRole('heading', { name: 'No matching runs' })).toBeVisible()
  await page.getByLabel('To', { exact: true }).fill('')
  await expect(list.getByRole('link')).toHaveCount(3)
  await page.getByLabel('From', { exact: true }).fill('2100-01-01')
  await expect(page.getByRole('heading', { name: 'No matching runs' })).toBeVisible()

  // The board does not offer the saved views of the runs.
  await open('/board/work?q=report')
  await page.getByRole('button', { name: 'Views' }).click()
  await board.menu('Views').getByRole('menuitem', { name: 'Save this filter as a view…' }).click()
  await page.keyboard.type('Reports')
  await page.keyboard.press('Enter')
  await expect(board.notice('Saved the view “Reports”')).toBeVisible()
  await open('/board/work')
  await page.getByRole('button', { name: 'Views' }).click()
  await expect(board.menu('Views').getByRole('menuitem', { name: 'Reports' })).toBeVisible()
  await expect(board.menu('Views').getByRole('menuitem', { name: 'Locked out' })).toHaveCount(0)
})

test('failed runs are grouped by their error', async ({ home, open, page }) => {
  await home.addProfile('full', broken('no space left on device'), '--failure-limit', '1')
  await home.addProfile('shut', broken('permission denied'), '--failure-limit', '1')
  await home.create('Write the report', '--assignee', 'full')
  await home.create('Write the index', '--assignee', 'full')
  await home.create('Open the safe', '--assignee', 'shut')
  await open('/board/work/runs')
  const list = page.getByRole('region', { name: 'Runs, newest first' })
  await expect(list.getByRole('link', { name: /crashed/ })).toHaveCount(3)
  await page.keyboard.press('v')
  const errors = page.getByRole('list', { name: 'Errors, the most frequent first' })
  await expect(errors.getByRole('button')).toHaveText([
    /2 runs of 2 tasks.*no space left on device/,
    /1 run of 1 task.*permission denied/,
  ])
  await page.reload()
  await errors.getByRole('button').first().focus()
  await page.keyboard.press('Enter')
  await expect(errors.getByRole('link')).toHaveCount(2)
  await errors.getByRole('button', { name: 'Show 2 runs' }).click()
  await expect(page.getByText('The same error: no space left on device')).toBeVisible()
  await expect(list.getByRole('link')).toHaveCount(2)
})
