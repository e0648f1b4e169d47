import { expect, test } from '../fixtures.ts'

test('a profile made from a preset has all of it, also what the form does not show', async ({
  board,
  home,
  open,
  page,
}) => {
  await open('/settings/profiles')
  await page.getByRole('button', { name: 'New profile' }).click()
  await board.menu('New profile').getByRole('menuitem', { name: 'claude-acp' }).click()
  const dialog = board.dialog('New profile')
  await dialog.getByRole('textbox', { name: /^Name/ }).fill('talker')
  await expect(dialog.getByLabel('What it runs')).toHaveValue('acp')
  await expect(dialog.getByRole('textbox', { name: /^Mode/ })).toHaveValue('default')
  await expect(dialog.getByLabel('A task is done')).toHaveCount(0)
  await dialog.getByRole('textbox', { name: /^Mode/ }).fill('plan')
  await dialog.getByRole('button', { name: 'Add' }).click()
  await expect(dialog).toHaveCount(0)

  const { profile } = await home.cli.json<{ profile: object }>('profiles', 'show', 'talker')
  expect(profile).toMatchObject({
    driver: 'acp',
    acp_mode: 'plan',
    usage_parser: 'acp-json',
    completion: 'explicit',
  })
})

test('a profile is created in the window, and usable at once', async ({ board, home, open, page }) => {
  await open('/settings/profiles')
  await page.getByRole('button', { name: 'New profile' }).click()
  await board.menu('New profile').getByRole('menuitem', { name: 'From scratch' }).click()
  const dialog = board.dialog('New profile')
  await dialog.getByRole('textbox', { name: /^Name/ }).fill('greeter')
  await dialog.getByLabel('What it runs').selectOption({ label: 'A shell command' })
  await dialog.getByLabel('Command line').fill('echo hello')
  await dialog.getByLabel('A task is done').selectOption({ label: 'When it ends with exit code 0' })
  await dialog.getByRole('button', { name: 'Add' }).click()
  await expect(board.notice('Profile saved')).toBeVisible()
  await expect(page.getByRole('main').getByRole('listitem').filter({ hasText: 'greeter' })).toContainText(
    'echo hello',
  )

  const id = await home.create('Greet', '--assignee', 'greeter')
  await expect.poll(() => home.runs(id)).toMatchObject([{ outcome: 'completed', summary: 'hello' }])
})

test('the theme is chosen, and remembered', async ({ open, page }) => {
  await open('/settings/appearance')
  await page.getByRole('radio', { name: /^Dark/ }).check({ force: true })
  const html = page.locator('html')
  await expect(html).toHaveAttribute('data-theme', 'dark')
  await page.reload()
  await expect(html).toHaveAttribute('data-theme', 'dark')
  await page.emulateMedia({ colorScheme: 'light' })
  await expect(html).toHaveAttribute('data-theme', 'dark')
})

test('the settings list the keys of every view, the same as the dialog does', async ({
  board,
  open,
  page,
}) => {
  await open('/settings/keys')
  const keys = page.getByRole('main').getByRole('region', { name: 'All keyboard shortcuts' })
  for (const name of ['Window', 'Go', 'Board', 'Task', 'Open task', 'Inbox', 'Workers', 'Graph', 'Diff'])
    await expect(keys.getByRole('heading', { name, exact: true })).toBeVisible()
  await expect(keys).toContainText('Next failed run on the board')
  const listed = await keys.getByRole('term').allTextContents()
  await page.keyboard.press('?')
  const dialog = board.dialog('Keyboard shortcuts')
  await expect(dialog.getByRole('term').first()).toBeVisible()
  // The settings also list actions that have no key yet, and nothing else.
  const end = ': no key. Change'
  const buttons = await page.locator(`button[aria-label$="${end}"]`).all()
  const keyless = await Promise.all(
    buttons.map(async (button) => (await button.getAttribute('aria-label'))?.slice(0, -end.length)),
  )
  expect(keyless).not.toHaveLength(0)
  const shown = await dialog.getByRole('term').allTextContents()
  expect([...shown, ...keyless].sort()).toEqual([...listed].sort())
})

test('board settings are saved, and reverted by Undo', async ({ board, cli, open, page }) => {
  await open('/board/work')
  await page.getByRole('button', { name: 'Board: work' }).click()
  await board.menu('Boards').getByRole('menuitem', { name: 'Board settings' }).click()
  await page.getByLabel('Max failures').fill('7')
  await page.getByRole('button', { name: 'Save' }).click()
  await expect(board.notice('Settings saved')).toBeVisible()
  const limit = async () => {
    const { board: shown } = await cli.json<{ board: { settings: { failure_limit: number | null } } }>(
      'boards',
      'show',
    )
    return shown.settings.failure_limit
  }
  await expect.poll(limit).toBe(7)
  await board.notice('Settings saved').getByRole('button', { name: 'Undo' }).click()
  await expect.poll(limit).toBe(null)
})
