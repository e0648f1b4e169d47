import { expect, test } from '../fixtures.ts'

test('the drawer takes half of the window, and its card stays in view', async ({
  board,
  drawer,
  home,
  open,
  page,
}) => {
  const id = await home.create('Blocked by a question')
  await home.cli('block', id, '--reason', 'Which one?')
  await home.create('An idea', '--triage')
  await home.create('To do', '--parent', id)
  await page.setViewportSize({ width: 1280, height: 800 })
  await open(`/board/work/task/${id}`)
  await expect(drawer.panel).toBeVisible()
  await expect.poll(async () => (await drawer.panel.boundingBox())?.width).toBe(640)
  const rightOfCard = async () => {
    const box = await board.card('Blocked by a question').boundingBox()
    return box === null ? Infinity : box.x + box.width
  }
  await expect.poll(rightOfCard).toBeLessThanOrEqual(640)

  // In a wide window the drawer covers no part of the board.
  await page.setViewportSize({ width: 1800, height: 800 })
  await expect.poll(async () => (await drawer.panel.boundingBox())?.width).toBe(760)
  const columns = page.getByRole('region', { name: 'Columns' })
  await expect
    .poll(async () => {
      const box = await columns.boundingBox()
      return box === null ? Infinity : box.x + box.width
    })
    .toBeLessThanOrEqual(1800 - 760)
})

test('a task opens over the whole window if that is the setting', async ({ drawer, home, open, page }) => {
  const id = await home.create('Read it')
  await open('/settings/appearance')
  await page.getByLabel('A task opens').selectOption('Over the whole window')
  await open(`/board/work/task/${id}`)
  await expect.poll(async () => (await drawer.panel.boundingBox())?.x).toBe(0)
  await drawer.button('Normal width').click()
  await expect.poll(async () => (await drawer.panel.boundingBox())?.x).toBeGreaterThan(300)
})

test('the properties show set values and defaults, and others can be added', async ({
  drawer,
  home,
  open,
  page,
}) => {
  await home.addProfile('quick', 'runboard complete --summary Done', '--max-runtime', '1h')
  for (const title of ['One', 'Two']) await home.create(title, '--assignee', 'quick')
  const id = await home.create('Third', '--assignee', 'quick', '--hold')
  await open(`/board/work/task/${id}`)
  const properties = drawer.panel.getByRole('region', { name: 'Properties' })
  await expect(properties).toContainText('3 in a row (default)')
  await expect(properties).toContainText('1 h (profile)')
  await expect(properties.getByText('Labels')).toBeHidden()
  await expect(properties).not.toContainText('Usually takes')

  await drawer.button('Add property').click()
  await page.getByRole('menuitem', { name: 'Labels' }).click()
  await page.getByRole('textbox', { name: 'Labels' }).fill('ui')
  await page.keyboard.press('Enter')
  await expect(properties.getByRole('button', { name: 'Labels: ui. Edit' })).toBeVisible()

  // With three finished runs, the usual time is known.
  const last = await home.create('Four', '--assignee', 'quick')
  await expect.poll(async () => (await home.task(last)).status).toBe('done')
  await page.reload()
  await expect(properties).toContainText(/Usually takes.*P50 of 3 runs/s)
})
