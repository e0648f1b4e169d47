import { expect, test } from '../fixtures.ts'

test.beforeEach(async ({ home }) => {
  await home.addProfile('painter', 'true')
  await home.addProfile('writer', 'true')
  await home.create(
    'Paint the wall',
    '--assignee',
    'painter',
    '--hold',
    '--tenant',
    'house',
    '--body',
    'In mauve',
  )
  await home.create('Write the letter', '--assignee', 'writer', '--hold')
  const id = await home.create('Ask the neighbour', '--tenant', 'house')
  await home.cli('block', id, '--reason', 'When is she in?')
})

test('the filter is part of the address, and a reload keeps it', async ({ board, open, page }) => {
  await open()
  await page.getByRole('button', { name: 'Profile' }).click()
  await board.menu('Profile').getByRole('menuitem', { name: 'painter' }).click()
  await expect(board.card('Write the letter')).toBeHidden()
  await expect(board.cardIn('Ready', 'Paint the wall')).toBeVisible()
  await expect(page).toHaveURL(/\?profile=painter$/)

  await page.reload()
  await expect(board.cardIn('Ready', 'Paint the wall')).toBeVisible()
  await expect(board.card('Write the letter')).toBeHidden()
  await expect(page.getByRole('button', { name: 'painter' })).toBeVisible()

  await page.getByRole('button', { name: 'Clear', exact: true }).click()
  await expect(board.card('Write the letter')).toBeVisible()
  await expect(page).not.toHaveURL(/profile/)
})

test('the text is searched in titles and bodies', async ({ board, open, page }) => {
  await open()
  await expect(board.card('Paint the wall')).toBeVisible()
  await page.keyboard.press('/')
  const field = page.getByRole('textbox', { name: 'Filter by text' })
  await expect(field).toBeFocused()
  await page.keyboard.type('mauve')
  await expect(board.cardIn('Ready', 'Paint the wall')).toBeVisible()
  await expect(board.card('Ask the neighbour')).toBeHidden()
  await page.keyboard.press('Enter')
  await expect(board.card('Paint the wall')).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(board.card('Ask the neighbour')).toBeVisible()
  await field.fill('nothing like it')
  await expect(board.card('Paint the wall')).toBeHidden()
  await expect(board.card('Ask the neighbour')).toBeHidden()
})

test('with no match it says so, and one press shows all cards', async ({ board, open, page }) => {
  await open('/board/work?q=marmalade')
  await expect(page.getByRole('heading', { name: 'No matching tasks' })).toBeVisible()
  await page.getByRole('button', { name: 'Show all' }).click()
  await expect(board.card('Write the letter')).toBeVisible()
})

test('what needs me is one press away, and the header shows the same number', async ({
  board,
  open,
  page,
}) => {
  await open()
  await page.getByRole('button', { name: '1 needs you' }).click()
  await expect(board.cardIn('Blocked', 'Ask the neighbour')).toBeVisible()
  await expect(board.card('Paint the wall')).toBeHidden()
  await expect(page).toHaveURL(/needs=me/)
  await expect(page.getByRole('button', { name: 'Needs me' })).toHaveAttribute('aria-pressed', 'true')
})

test('a filter is saved under a name', async ({ board, open, page }) => {
  await open('/board/work?tenant=house')
  await expect(board.card('Paint the wall')).toBeVisible()
  await expect(board.card('Write the letter')).toBeHidden()
  await page.getByRole('button', { name: 'Views' }).click()
  await board.menu('Views').getByRole('menuitem', { name: 'Save this filter as a view…' }).click()
  await board.dialog('Save this filter as a view').getByLabel('Name').fill('The house')
  await page.keyboard.press('Control+Enter')
  await page.getByRole('button', { name: 'Clear', exact: true }).click()
  await expect(board.card('Write the letter')).toBeVisible()

  await page.getByRole('button', { name: 'Views' }).click()
  await board.menu('Views').getByRole('menuitem', { name: 'The house' }).click()
  await expect(board.card('Write the letter')).toBeHidden()
  await expect(page).toHaveURL(/tenant=house/)
})
