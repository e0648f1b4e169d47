import { expect, test } from '../fixtures.ts'
import { greetingTask } from '../project.ts'

test('boards are created, renamed, switched and archived in the window', async ({
  board,
  home,
  open,
  page,
}) => {
  await home.create('On the first board')
  await open()
  await page.getByRole('button', { name: 'Board: work' }).click()
  await board.menu('Boards').getByRole('menuitem', { name: 'New board…' }).click()
  await board.dialog('New board').getByLabel('Name').fill('Garden & House')
  await page.keyboard.press('Control+Enter')
  await expect(page).toHaveURL(/#\/board\/garden-house$/)
  await expect(page).toHaveTitle('Garden & House · Runboard')

  await page.getByRole('button', { name: 'Board: Garden & House' }).click()
  await board.menu('Boards').getByRole('menuitem', { name: 'Rename…' }).click()
  await board.dialog('Rename the board').getByLabel('Name').fill('Garden')
  await page.keyboard.press('Control+Enter')
  await expect(page.getByRole('button', { name: 'Board: Garden' })).toBeVisible()

  await page.getByRole('button', { name: 'Board: Garden' }).click()
  await board.menu('Boards').getByRole('menuitem', { name: 'Archive this board…' }).click()
  await board.dialog('Archive “Garden”?').getByRole('button', { name: 'Archive' }).click()
  await expect(board.cardIn('Ready', 'On the first board')).toBeVisible()
  await expect(page).toHaveURL(/#\/board\/work$/)
})

test('a board is downloaded, and imported again under another name', async ({ board, home, open, page }) => {
  await home.create('Worth keeping')
  const file = test.info().outputPath('kept.json')
  await open('/settings/data')
  const downloading = page.waitForEvent('download')
  await page.getByRole('button', { name: 'Export this board as JSON' }).click()
  const download = await downloading
  expect(download.suggestedFilename()).toBe('work.json')
  await download.saveAs(file)

  const form = page.getByRole('form', { name: 'Import a board' })
  await form.getByRole('button', { name: 'Import' }).click()
  await expect(page.getByRole('alert')).toHaveText('Give the full path of the file.')
  await form.getByRole('textbox', { name: /^File/ }).fill(file)
  await form.getByRole('textbox', { name: /^Board to create/ }).fill('again')
  await form.getByRole('button', { name: 'Import' }).click()
  await expect(page.getByText('Created the board again: 1 task, 0 runs.')).toBeVisible()
  await page.getByRole('button', { name: 'Open again' }).click()
  await expect(board.card('Worth keeping')).toBeVisible()
  await expect(page).toHaveURL(/#\/board\/again$/)
})

test('a second board is made for a folder, by keyboard, with an installed worker', async ({
  board,
  home,
  open,
  page,
}) => {
  const { project } = await greetingTask(home)
  await open()
  await page.keyboard.press('Control+k')
  await page.keyboard.type('new board')
  await page.keyboard.press('Enter')
  const dialog = board.dialog('New board')
  await expect(dialog.getByRole('textbox', { name: 'Project folder' })).toBeFocused()
  await page.keyboard.type(`${project}/nowhere`)
  await expect(dialog.getByRole('status').first()).toContainText('does not exist')
  await dialog.getByRole('textbox', { name: 'Project folder' }).fill(project)
  await expect(dialog.getByRole('status').first()).toContainText('A git repository on main')
  await expect(dialog.getByRole('button', { name: 'Open work' })).toBeVisible()
  await expect(dialog.getByText('The profiles that you have: author')).toBeVisible()
  await expect(dialog.getByText('Not installed').first()).toBeVisible()
  await dialog.getByLabel('Name', { exact: true }).fill('Second')
  await page.keyboard.press('Control+Enter')
  await expect(page).toHaveTitle('Second · Runboard')
  const { boards } = await home.cli.json<{ boards: Record<string, unknown>[] }>('boards', 'list')
  expect(boards.find(({ slug }) => slug === 'second')).toMatchObject({ project_dir: project, current: true })
})

test('the address of an unknown board offers the existing ones', async ({
  board,
  complaints,
  open,
  page,
}) => {
  complaints.expect(/404/)
  await open('/board/nowhere')
  await expect(page.getByRole('heading', { name: 'Board “nowhere” not found' })).toBeVisible()
  await page.getByRole('button', { name: 'Open work' }).click()
  await expect(page.getByRole('heading', { name: 'No tasks yet' })).toBeVisible()
  await expect(board.page).toHaveURL(/#\/board\/work$/)
})

test.describe('without any board', () => {
  test.use({ boards: 'none' })

  test('the first start offers the demo board, and it runs', async ({ board, page, serve }) => {
    await page.goto(serve.address())
    await page.getByRole('button', { name: 'Open the demo board' }).click()
    await expect(page).toHaveURL(/#\/board\/demo$/)
    await expect(board.cardIn('Done', 'Count the lines of the project')).toBeVisible({ timeout: 20_000 })

    await page.getByRole('button', { name: 'Now your own project…' }).click()
    await board.dialog('New board').getByLabel('Name', { exact: true }).fill('Mine')
    await page.keyboard.press('Control+Enter')
    await expect(page).toHaveTitle('Mine · Runboard')
    await expect(page.getByText('This is the demo board')).toBeHidden()
  })

  test('the first start creates a board for a folder, with a worker from a preset', async ({
    board,
    home,
    page,
    serve,
  }) => {
    await page.goto(serve.address())
    const form = page.getByRole('form', { name: 'Your first board' })
    await form.getByLabel('Project folder').fill(home.path)
    await form.getByLabel('Name', { exact: true }).fill('Mine')
    await form.getByRole('button', { name: 'Create the board' }).click()
    await expect(page.getByRole('button', { name: 'Board: Mine' })).toBeVisible()
    await expect(board.page.getByRole('heading', { name: 'No tasks yet' })).toBeVisible()
    const boards = await home.cli.json<{ boards: { slug: string; project_dir: string }[] }>('boards', 'list')
    expect(boards.boards).toMatchObject([{ slug: 'mine', project_dir: home.path }])
  })
  test('a worker can be tested before the first board exists, and again in the settings', async ({
    board,
    home,
    page,
    serve,
  }) => {
    await page.goto(serve.address())
    const form = page.getByRole('form', { name: 'Your first board' })
    await form.getByText('shell', { exact: true }).click()
    await form.getByRole('textbox', { name: 'Command line' }).fill('echo fine; exit 3')
    await form.getByRole('button', { name: 'Test shell' }).click()
    const test = board.dialog('Test of shell')
    await expect(test.getByRole('status')).toContainText('shell does not work')
    await expect(test.getByRole('region', { name: 'What it wrote' })).toContainText('fine')
    await expect(test.getByRole('list', { name: 'Steps of the test' })).toContainText('3')
    await test.getByRole('button', { name: 'Close' }).last().click()

    await form.getByRole('textbox', { name: 'Command line' }).fill('echo fine')
    await form.getByRole('button', { name: 'Test shell' }).click()
    await expect(test.getByRole('status')).toContainText('shell works')
    await test.getByRole('button', { name: 'Close' }).last().click()
    await form.getByRole('button', { name: 'Create the board' }).click()
    await expect(page.getByRole('heading', { name: 'No tasks yet' })).toBeVisible()
    const { profiles } = await home.cli.json<{ profiles: { name: string; shell: string }[] }>(
      'profiles',
      'list',
    )
    expect(profiles).toMatchObject([{ name: 'shell', shell: 'echo fine' }])

    await page.goto(`${serve.url}/#/settings/profiles`)
    await page.getByRole('button', { name: 'Test', exact: true }).click()
    await expect(test.getByRole('status')).toContainText('shell works')
  })
})
