import { greetingTask } from '../project.ts'
import { expect, test } from '../fixtures.ts'

test('a task is created in the window and run by a real worker', async ({ board, home, open, page }) => {
  await home.addProfile('worker', 'echo hello; runboard complete --summary "Said hello"')
  await home.addProfile('other', 'true')
  await open()
  await page.getByRole('button', { name: 'New task' }).last().click()
  const dialog = board.dialog('New task')
  await expect(dialog.getByLabel('Title')).toBeFocused()
  await dialog.getByLabel('Title').fill('Say hello')
  await dialog.getByLabel('Description').fill('To *everyone*.')
  await dialog.getByLabel('Assignee').selectOption('worker')
  await dialog.getByLabel('Priority').selectOption('A number…')
  await dialog.getByLabel('Priority').fill('4')
  await dialog.getByRole('button', { name: 'Create', exact: true }).click()
  await expect(dialog).toBeHidden()
  await expect(board.notice('Created “Say hello”')).toBeVisible()
  const card = board.cardIn('Done', 'Say hello')
  await expect(card).toContainText('▲4')
  await expect(card).toContainText('worker')
})

test('an incomplete draft is refused in the form', async ({ board, open, page }) => {
  await open()
  await page.keyboard.press('c')
  const dialog = board.dialog('New task')
  await dialog.getByRole('button', { name: 'Create', exact: true }).click()
  await expect(dialog.getByRole('alert')).toHaveText('A task needs a title.')
  await dialog.getByLabel('Title').fill('Something')
  await dialog.getByLabel('Priority').selectOption('A number…')
  await dialog.getByLabel('Priority').fill('soon')
  await page.keyboard.press('Control+Enter')
  await expect(dialog.getByRole('alert')).toHaveText('The priority must be a whole number.')

  // Escape does not discard a draft: no question is asked, and the text is there again.
  await page.keyboard.press('Escape')
  await expect(dialog).toBeHidden()
  await page.keyboard.press('c')
  await expect(dialog.getByLabel('Title')).toHaveValue('Something')
  await expect(dialog.getByLabel('Priority')).toHaveValue('soon')
})

test('a child waits for its parent, and starts when the parent is done', async ({
  board,
  home,
  open,
  page,
}) => {
  await home.addProfile('worker', `${home.gate('parent')}; runboard complete --summary done`)
  await home.create('Lay the ground', '--assignee', 'worker')
  await open()
  await expect(board.cardIn('Running', 'Lay the ground')).toBeVisible()
  await page.keyboard.press('c')
  const dialog = board.dialog('New task')
  await dialog.getByLabel('Title').fill('Build on it')
  await dialog.getByLabel('Assignee').selectOption('worker')
  await dialog.getByRole('combobox', { name: 'Blocked by' }).fill('ground')
  await dialog.getByRole('option', { name: 'Lay the ground' }).click()
  await dialog.getByRole('button', { name: 'Create', exact: true }).click()
  await expect(board.cardIn('Todo', 'Build on it')).toBeVisible()
  await expect(board.card('Lay the ground')).toContainText('0/1')

  home.openGate('parent')
  await expect(board.cardIn('Done', 'Lay the ground')).toContainText('1/1')
  await expect(board.cardIn('Done', 'Build on it')).toBeVisible()
})

test('several pasted lines become several tasks, after a question', async ({
  board,
  context,
  open,
  page,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await open()
  await page.keyboard.press('c')
  await page.evaluate(() =>
    navigator.clipboard.writeText('- Wash the car\n- Water the plants\n\n- Call home'),
  )
  const dialog = board.dialog('New task')
  await dialog.getByLabel('Title').press('Control+v')
  await expect(dialog.getByRole('group', { name: 'Pasted lines' })).toContainText('3 lines, 3 tasks')
  await dialog.getByRole('button', { name: 'Create 3 tasks' }).click()
  await expect(board.cardsIn('Ready')).toHaveCount(3)
  await expect(board.cardIn('Ready', 'Water the plants')).toBeVisible()
})

test('in a column a title and Enter are enough', async ({ board, home, open, page }) => {
  await home.create('The first one')
  await open()
  await board.column('Ready').getByRole('button', { name: 'New task in Ready' }).click()
  const form = page.getByRole('form', { name: 'New task' })
  await form.getByLabel('Title').fill('The second one')
  await page.keyboard.press('Enter')
  await expect(board.cardIn('Ready', 'The second one')).toBeVisible()
  await form.getByLabel('Title').fill('The third one')
  await page.keyboard.press('Enter')
  await expect(board.cardIn('Ready', 'The third one')).toBeVisible()
  await page.keyboard.press('Escape')
  await expect(form).toBeHidden()
})

test('G15: an impossible worktree is refused at its field', async ({ board, complaints, open, page }) => {
  complaints.expect(/409 \(Conflict\)/)
  await open()
  await page.keyboard.press('c')
  const dialog = board.dialog('New task')
  await dialog.getByLabel('Title').fill('Work in the repository')
  const workspace = dialog.getByRole('combobox', { name: /^Workspace/ })
  await workspace.selectOption('worktree')
  await page.keyboard.press('Control+Enter')
  const field = dialog.locator('label').filter({ has: page.getByRole('combobox') })
  await expect(field.getByRole('alert')).toContainText('the board has no project folder')
  await expect(dialog.getByRole('alert')).toHaveCount(1)

  await workspace.selectOption('scratch')
  await page.keyboard.press('Control+Enter')
  await expect(dialog).toBeHidden()
})

test('A5: a field says while one types that its worker is given only a part of the text', async ({
  board,
  drawer,
  home,
  open,
  page,
}) => {
  await home.cli('profiles', 'add', 'agent', '--', 'true', '{prompt}')
  const id = await home.create('Asks')
  await home.cli('block', id, '--reason', 'Which one?')
  await home.cli('assign', id, 'agent')
  await open()
  await page.keyboard.press('c')
  const dialog = board.dialog('New task')
  await dialog.getByLabel('Assignee').selectOption('')
  await dialog.getByLabel('Description').fill('word '.repeat(22_000))
  await expect(dialog.getByRole('status')).toBeHidden()
  await dialog.getByLabel('Assignee').selectOption('agent')
  await expect(dialog.getByRole('status')).toHaveText(/^107 KB long: a worker is given the first 96 KB/)
  await dialog.getByLabel('Description').fill('short')
  await expect(dialog.getByRole('status')).toBeHidden()
  await page.keyboard.press('Escape')

  await board.card('Asks').getByRole('link').click()
  for (const label of ['Your answer', 'New comment']) {
    const field = drawer.panel.getByLabel(label)
    await field.fill('word '.repeat(3_500))
    await expect(drawer.panel.getByText(/^17 KB long: a worker is given the first 16 KB/)).toBeVisible()
    await field.fill('')
    await expect(drawer.panel.getByText(/a worker is given the first/)).toBeHidden()
  }
})

test('a new task shows the defaults, completes files of the project, and picks dates', async ({
  board,
  home,
  open,
  page,
}) => {
  await greetingTask(home)
  await home.cli('profiles', 'set', 'author', 'model=large')
  await open()
  await page.keyboard.press('c')
  const dialog = board.dialog('New task')
  await expect(dialog.getByLabel('Workspace').locator('option').first()).toHaveText('Git worktree (board)')
  await expect(dialog.getByLabel('Base branch')).toHaveAttribute('placeholder', 'main (checked out)')
  await dialog.getByLabel('Assignee').selectOption('author')
  await expect(dialog.getByLabel('Model')).toHaveAttribute('placeholder', 'large (profile)')
  await dialog.getByLabel('Workspace').selectOption('New empty folder')
  await expect(dialog.getByLabel('Base branch')).toBeHidden()
  await dialog.getByLabel('Workspace').selectOption('Git worktree')

  await dialog.getByLabel('Title').fill('Greet in another way')
  await dialog.getByLabel('Priority').selectOption('High')
  const body = dialog.getByLabel('Description')
  await body.pressSequentially('Change @gre')
  const file = dialog.getByRole('option', { name: 'greet.py' })
  await expect(file).toHaveAttribute('aria-selected', 'true')
  // Escape closes the list, not the dialog; more typing opens the list again.
  await page.keyboard.press('Escape')
  await expect(file).toBeHidden()
  await page.keyboard.type('e')
  await expect(file).toHaveAttribute('aria-selected', 'true') // the list answers the whole typed text
  await page.keyboard.press('Enter')
  await page.keyboard.type('only.')
  await expect(body).toHaveValue('Change @greet.py only.')

  await dialog.getByLabel('Start').selectOption('Not before a time')
  await dialog.getByRole('textbox', { name: 'Not before' }).fill('+2h')
  await dialog.getByRole('button', { name: 'Labels, due date' }).click()
  await dialog.locator('input[type=datetime-local]').last().fill('2030-12-24T08:00')
  await expect(dialog.getByRole('textbox', { name: 'Due' })).toHaveValue('2030-12-24T08:00')
  await page.keyboard.press('Control+Enter')
  await expect(dialog).toBeHidden()
  await expect(board.card('Greet in another way')).toContainText('▲High')
  const { tasks } = await home.cli.json<{ tasks: Record<string, unknown>[] }>(
    'list',
    '--search',
    'another way',
  )
  expect(tasks).toMatchObject([
    {
      body: 'Change @greet.py only.',
      priority: 10,
      workspace_kind: 'worktree',
      due_at: new Date('2030-12-24T08:00').getTime(),
    },
  ])
})
