import { expect, test } from '../fixtures.ts'

test('a card is dragged to a column that accepts it, and returned by Undo', async ({
  board,
  home,
  open,
  page,
}) => {
  await home.create('Sort the photos')
  await open()
  const card = board.cardIn('Ready', 'Sort the photos')
  await expect(card).toBeVisible()

  // The empty Blocked column is a strip, and accepts the card without opening.
  await board.drag(card, 'Blocked')
  const why = board.dialog('Block this task')
  await why.getByRole('button', { name: 'Block' }).click()
  await expect(why.getByRole('alert')).toHaveText('This is required.')
  await why.getByLabel('Why it is blocked').fill('Which year?')
  await page.keyboard.press('Control+Enter')
  await expect(board.cardIn('Blocked', 'Sort the photos')).toContainText('Which year?')

  await board
    .notice(/^Blocked: “Sort the photos”/)
    .getByRole('button', { name: 'Undo' })
    .click()
  await expect(card).toBeVisible()
})

test('done asks for a summary, and the run that has it is kept', async ({ board, home, open, page }) => {
  const id = await home.create('Water the plants')
  await open()
  await board.drag(board.card('Water the plants'), 'Done')
  const dialog = board.dialog('Mark this task done')
  await dialog.getByLabel('Summary').fill('All but the cactus')
  await dialog.getByRole('button', { name: 'Mark done' }).click()
  await expect(board.cardIn('Done', 'Water the plants')).toBeVisible()
  expect(await home.runs(id)).toMatchObject([{ outcome: 'completed', summary: 'All but the cactus' }])
  await expect(page.getByRole('status').filter({ hasText: 'Done: “Water the plants”' })).toBeAttached()
})

test('a column refuses a card that may not go there', async ({ board, home, open, page }) => {
  const id = await home.create('Only an idea', '--triage')
  await home.create('Something to do')
  await open()
  for (const column of ['Running', 'Blocked', 'Done'] as const) {
    await board.drag(board.cardIn('Triage', 'Only an idea'), column)
  }
  await expect(board.cardIn('Triage', 'Only an idea')).toBeVisible()
  await expect(page.getByRole('dialog')).toBeHidden()
  expect((await home.task(id)).status).toBe('triage')

  await board.drag(board.cardIn('Triage', 'Only an idea'), 'Ready')
  await expect(board.cardIn('Ready', 'Only an idea')).toBeVisible()
})

test('dragging a running task asks first, and stops its worker', async ({ board, home, open }) => {
  await home.addProfile('worker', home.gate('never'))
  await home.create('In the works', '--assignee', 'worker')
  await open()
  const running = board.cardIn('Running', 'In the works')
  await expect(running).toBeVisible()
  await board.drag(running, 'Done')
  const dialog = board.dialog('Mark this task done')
  await expect(dialog).toContainText('it is running, its worker will be stopped')
  await dialog.getByRole('button', { name: 'Cancel' }).click()
  await expect(running).toBeVisible()

  await board.drag(running, 'Done')
  await dialog.getByRole('button', { name: 'Mark done' }).click()
  await expect(board.cardIn('Done', 'In the works')).toBeVisible()
  // Its process has two minutes to exit; until then it is shown as one whose run is over.
  const atWork = async () => (await home.workers()).filter(({ ended_at }) => ended_at === null)
  await expect.poll(atWork).toEqual([])
})

test('a card is placed within its column by drag, and the dispatcher claims in this order', async ({
  board,
  home,
  open,
}) => {
  const [first, second, third] = [
    await home.create('First'),
    await home.create('Second'),
    await home.create('Third'),
  ]
  await open()
  await expect(board.cardsIn('Ready')).toHaveCount(3)
  const titles = () => board.titlesIn('Ready')
  await board.dragBeside(board.card('Third'), board.card('First'), 'top')
  await expect.poll(titles).toEqual(['Third', 'First', 'Second'])
  await board.dragBeside(board.card('First'), board.card('Second'), 'bottom')
  await expect.poll(titles).toEqual(['Third', 'Second', 'First'])
  await board.notice('Moved within ready: “First”').getByRole('button', { name: 'Undo' }).click()
  await expect.poll(titles).toEqual(['Third', 'First', 'Second'])

  const keys = []
  for (const id of [third, first, second]) {
    const { rank, ready_at } = await home.task(id)
    keys.push(rank ?? ready_at ?? 0)
  }
  expect(keys).toEqual(keys.toSorted((a, b) => a - b))
})

test('a card is placed within its column by keyboard, and its place is announced', async ({
  board,
  home,
  open,
  page,
}) => {
  for (const title of ['First', 'Second', 'Third']) await home.create(title)
  await open()
  await board.card('First').focus()
  await page.keyboard.press('Alt+ArrowDown')
  await expect.poll(() => board.titlesIn('Ready')).toEqual(['Second', 'First', 'Third'])
  await expect(page.getByRole('status').filter({ hasText: '2 of 3 in ready: First' })).toBeAttached()
  await expect(board.card('First')).toBeFocused()
  await page.keyboard.press('Alt+ArrowDown')
  await expect.poll(() => board.titlesIn('Ready')).toEqual(['Second', 'Third', 'First'])
  await page.keyboard.press('Alt+ArrowDown')
  await expect(page.getByRole('status').filter({ hasText: 'It is the last of its priority' })).toBeAttached()
})

test('a column has the chosen order, also after a reload', async ({ board, home, open, page }) => {
  await home.create('Beta', '--due', '+1d')
  await home.create('Alpha', '--due', '+2d')
  await open()
  await expect(board.cardsIn('Ready')).toHaveCount(2)
  const sortBy = async (name: string) => {
    await board.column('Ready').getByRole('button', { name: 'Column Ready' }).click()
    await board.menu('Column Ready').getByRole('menuitem', { name, exact: true }).click()
  }
  await sortBy('Title')
  await expect.poll(() => board.titlesIn('Ready')).toEqual(['Alpha', 'Beta'])
  await page.reload()
  await expect.poll(() => board.titlesIn('Ready')).toEqual(['Alpha', 'Beta'])
  await sortBy('Due date')
  await expect.poll(() => board.titlesIn('Ready')).toEqual(['Beta', 'Alpha'])
})
