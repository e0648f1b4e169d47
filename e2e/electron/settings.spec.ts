import { expect, test } from './fixtures.ts'

interface Settings {
  settings: Record<string, unknown>
}

test('a setting from the window applies everywhere, and a refused one says why and changes nothing', async ({
  home,
  launch,
}) => {
  const { app, page } = await launch()
  const settings = async () => (await home.cli.json<Settings>('settings', 'show')).settings
  await page.getByRole('button', { name: 'Settings' }).click()
  await page.getByRole('link', { name: 'Notifications' }).click()
  await page.getByLabel('On work').selectOption('Nothing')
  await expect.poll(settings).toMatchObject({ notify: 'attention', notify_boards: { work: 'none' } })
  await page.getByLabel('Be quiet for part of the day').check()
  await page.getByLabel('From').fill('21:30')
  await page.getByLabel('From').blur()
  await expect.poll(settings).toMatchObject({ quiet_from: '21:30', quiet_until: '07:00' })

  await page.getByRole('link', { name: 'This app' }).click()
  await page.getByLabel('On quitting').selectOption('Ask me if any are running')
  await expect.poll(settings).toMatchObject({ quit_policy: 'ask' })
  await page.getByLabel('Feed').fill('ftp://example.org')
  await page.getByLabel('Feed').blur()
  await expect(page.getByRole('alert')).toContainText('update_feed must be an https address')
  await page.getByLabel('Max parallel').fill('3')
  await page.getByLabel('Max parallel').blur()
  await expect.poll(settings).toMatchObject({ max_running: 3, update_feed: null })
  await expect(page.getByRole('alert')).toHaveCount(0)
  // Without a desktop there is no tray: the app says so, and works.
  await expect(page.getByLabel('Keep running in the tray when the last window is closed')).toBeDisabled()
  await expect(page.getByText('This desktop shows no tray')).toBeVisible()

  await app.evaluate(async ({ Menu }) => {
    await new Promise(setImmediate)
    const items = Menu.getApplicationMenu()?.items.flatMap(({ submenu }) => submenu?.items ?? []) ?? []
    items.find(({ label }) => label.startsWith('About'))?.click()
  })
  await expect(page).toHaveURL(/#\/settings\/about$/)
  const version = await home.cli('--version')
  await expect(page.getByRole('main')).toContainText(`Version ${version}`)
  await page.getByText('better-sqlite3').click()
  await expect(page.getByText('Joshua Wise').first()).toBeVisible()
})

test('a board is exported to a path from the system’s dialog, and a new board gets a chosen folder', async ({
  home,
  launch,
}) => {
  const desktop = await launch()
  const { page } = desktop
  const file = test.info().outputPath('kept.json')
  await page.getByRole('button', { name: 'Settings' }).click()
  await page.getByRole('link', { name: 'Data' }).click()
  await page.getByRole('button', { name: 'Export this board as JSON into: choose…' }).click()
  await expect(page.getByRole('textbox', { name: 'Export this board' })).toHaveValue('') // nothing was chosen
  await desktop.willPick(file)
  await page.getByRole('button', { name: 'Export this board as JSON into: choose…' }).click()
  await expect(page.getByRole('textbox', { name: 'Export this board' })).toHaveValue(file)
  await page.getByRole('button', { name: 'Export', exact: true }).click()
  await expect(page.getByText(`Exported to ${file}`)).toBeVisible()

  await page.keyboard.press('Escape')
  await page.getByRole('button', { name: /^Board: / }).click()
  await page.getByRole('menuitem', { name: 'New board…' }).click()
  await desktop.willPick(home.path)
  await page.getByRole('button', { name: 'Project folder: choose…' }).click()
  await expect(page.getByRole('textbox', { name: 'Project folder' })).toHaveValue(home.path)
  await expect(page.getByRole('status').filter({ hasText: 'No git repository' })).toBeVisible()
})
