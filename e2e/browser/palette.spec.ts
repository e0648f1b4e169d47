import { expect, test } from '../fixtures.ts'

test('the palette shows the text that matches, and finds runs, boards, settings and profiles', async ({
  board,
  cli,
  drawer,
  home,
  open,
  page,
}) => {
  await home.addProfile('smith', 'echo "no <b>oil</b> in the can" >&2; exit 3', '--backoff', '1h')
  const door = await home.create('Mend the door', '--body', 'It squeaks', '--assignee', 'smith')
  await cli('comment', door, 'The neighbour wants it <b>green</b>')
  await cli('boards', 'create', 'garden', '--name', 'Garden')
  const hedge = await home.create(
    'Cut the hedge',
    '--board',
    'garden',
    '--body',
    'Both sides, and green waste',
  )
  await open('/board/work')
  await expect(board.card('Mend the door')).toContainText('crashed')
  const { keyboard } = page
  const palette = board.dialog('Search and commands')
  const type = async (text: string) => {
    await keyboard.press('Control+k')
    await expect(palette.getByRole('combobox')).toBeFocused()
    await keyboard.type(text)
  }

  // Finds a comment on this board, and a task of another board. Markup in them is shown as text.
  await type('green')
  const own = palette.getByRole('option', { name: /Mend the door/ })
  await expect(own).toContainText('Comment: The neighbour wants it <b>green</b>')
  await expect(own.locator('mark')).toHaveText(['green'])
  const other = palette.getByRole('option', { name: /Cut the hedge/ })
  await expect(other).toContainText('Garden')
  await keyboard.press('End')
  await keyboard.press('Enter')
  await expect(page).toHaveURL(new RegExp(`/board/garden/task/${hedge}`))
  await expect(drawer.panel).toContainText('Cut the hedge')
  await keyboard.press('Escape')

  // Finds another board by its name, then a run by its error.
  await type('open the board work')
  await keyboard.press('Enter')
  await expect(board.card('Mend the door')).toBeVisible()
  await type('oil')
  const run = palette.getByRole('group', { name: 'Runs' }).getByRole('option', { name: /Attempt 1/ })
  await expect(run).toContainText('no <b>oil</b> in the can')
  await run.click()
  await expect(page).toHaveURL(new RegExp(`/task/${door}/run/1`))
  await keyboard.press('Escape')

  await type('settings: keyboard')
  await keyboard.press('Enter')
  await expect(page).toHaveURL(/\/settings\/keys/)
  await type('edit the profile smith')
  await keyboard.press('Enter')
  await expect(board.dialog(/smith/)).toBeVisible()
  await keyboard.press('Escape')
  await type('export this board')
  await keyboard.press('Enter')
  await expect(page.getByRole('button', { name: 'Export this board as JSON' })).toBeFocused()
})

test('a task is planned, ranked and started on a workflow from the palette', async ({
  board,
  drawer,
  home,
  open,
  page,
}) => {
  await home.addProfile('ada', 'true', '--capability', 'planner')
  const idea = await home.create('An idea', '--triage')
  await open(`/board/work/task/${idea}`)
  await expect(drawer.panel).toContainText('An idea')
  const { keyboard } = page
  const palette = board.dialog('Search and commands')
  const choose = async (text: string) => {
    await keyboard.press('Control+k')
    await expect(palette.getByRole('combobox')).toBeFocused()
    await keyboard.type(text)
    await expect(palette.getByRole('option').first()).toBeVisible()
    await keyboard.press('Enter')
    await expect(palette).toBeHidden()
  }

  await choose('priority to a number')
  await expect(board.dialog('Priority').getByLabel('Priority')).toBeFocused()
  await keyboard.press('Control+a')
  await keyboard.type('7')
  await keyboard.press('Enter')
  await expect.poll(async () => (await home.task(idea)).priority).toBe(7)
  await board
    .notice(/Priority 7/)
    .getByRole('button', { name: 'Undo' })
    .press('Enter')
  await expect.poll(async () => (await home.task(idea)).priority).toBe(0)

  await choose('workflow research')
  await expect(board.dialog('Start a workflow').getByLabel('Workflow')).toHaveValue('research')
  await keyboard.press('Escape')

  await keyboard.press('Control+k')
  await keyboard.type('start the workflow')
  await expect(palette.getByRole('option', { name: /Start the workflow research/ })).toBeVisible()
  await keyboard.press('Escape')
  await expect(palette).toBeHidden()
  await choose('plan with ada')
  await expect(board.notice(/ada plans it/)).toBeVisible()
})

test('Enter before the results are there opens the task once it is found, unless the text changes', async ({
  board,
  drawer,
  home,
  open,
  page,
}) => {
  await home.create('Mend the door')
  await home.create('Cut the hedge')
  await open('/board/work')
  await expect(board.card('Cut the hedge')).toBeVisible()
  const { keyboard } = page
  const palette = board.dialog('Search and commands')
  await keyboard.press('Control+k')
  await expect(palette.getByRole('option', { name: /Cut the hedge/ })).toBeVisible()
  const held: (() => void)[] = []
  await page.route(/rpc\/task\/list/, async (route) => {
    await new Promise<void>((resolve) => held.push(resolve))
    await route.continue()
  })

  await keyboard.type('mend')
  await keyboard.press('Enter')
  await expect.poll(() => held.length).toBe(1)
  // Another letter cancels the Enter.
  await keyboard.type(' ')
  await expect.poll(() => held.length).toBe(2)
  for (const release of held) release()
  await expect(palette.getByRole('option', { name: /Mend the door/ })).toBeVisible()

  await keyboard.type('the')
  await keyboard.press('Enter')
  await expect.poll(() => held.length).toBe(3)
  await expect(palette).toBeVisible()
  held[2]?.()
  await expect(palette).toBeHidden()
  await expect(drawer.panel).toContainText('Mend the door')
})
