import { expect, test } from '../fixtures.ts'
import type { Cli } from '../home.ts'

/** The keys that are stored in the settings. */
async function keysIn(cli: Cli): Promise<unknown> {
  const { settings } = await cli.json<{ settings: { keys: unknown } }>('settings', 'show')
  return settings.keys
}

test('a key is changed, refused, taken over and reset by keyboard alone', async ({
  board,
  cli,
  home,
  open,
  page,
}) => {
  await home.create('Paint the door')
  await open('/settings/keys')
  const { keyboard } = page
  const keys = page.getByRole('main').getByRole('region', { name: 'All keyboard shortcuts' })

  await keys.getByRole('button', { name: 'Filter: /. Change' }).focus()
  await keyboard.press('Enter')
  await expect(keys.getByRole('button', { name: /^Filter: press a key/ })).toBeFocused()
  await keyboard.press('z')
  await expect(keys.getByRole('button', { name: 'Filter: Z. Change' })).toBeFocused()
  expect(await keysIn(cli)).toEqual({ 'board.filter': ['z', 'mod+f'] })

  // A key of another action is refused until the user takes it from that action.
  await keys.getByRole('button', { name: 'Filter: Z. Change' }).press('Enter')
  await keyboard.press('m')
  const conflict = page.getByRole('alert')
  await expect(conflict).toContainText('M belongs to “Move to” (Task)')
  await expect(conflict.getByRole('button', { name: 'Take it from “Move to”' })).toBeFocused()
  await keyboard.press('Enter')
  await expect(keys.getByRole('button', { name: 'Move to: no key. Change' })).toBeVisible()
  await expect(keys.getByRole('button', { name: 'Filter: M. Change' })).toBeFocused()

  // The new keys work, and tooltips and the list show them, also after a reload.
  await page.reload()
  await keyboard.press('g')
  await keyboard.press('b')
  await expect(board.card('Paint the door')).toBeVisible()
  await keyboard.press('m')
  await expect(page.getByLabel('Filter by text')).toBeFocused()
  await keyboard.press('Escape')
  await keyboard.press('?')
  const list = board.dialog('Keyboard shortcuts')
  await expect(list.getByText('Filter', { exact: true }).first().locator('xpath=..')).toContainText(
    'm or mod+f',
  )
  await expect(list).not.toContainText('Move to')
  await keyboard.press('Escape')

  await open('/settings/keys')
  await page.getByRole('button', { name: 'Reset the keys of Move to' }).press('Enter')
  await expect(conflict).toContainText('M belongs to “Filter”')
  await page.getByRole('button', { name: 'Leave it there' }).press('Enter')
  await page.getByRole('button', { name: 'Reset all' }).press('Enter')
  await expect(keys.getByRole('button', { name: 'Move to: M. Change' })).toBeVisible()
  await expect(keys.getByRole('button', { name: 'Filter: /. Change' })).toBeVisible()
  expect(await keysIn(cli)).toEqual({})
})

test('a letter is refused for an action that works while typing, and a key is removed, by keyboard', async ({
  cli,
  open,
  page,
}) => {
  await open('/settings/keys')
  const { keyboard } = page
  const keys = page.getByRole('main').getByRole('region', { name: 'All keyboard shortcuts' })
  await keys.getByRole('button', { name: /^Search and commands: .*Change$/ }).press('Enter')
  await keyboard.press('e')
  await expect(page.getByRole('alert')).toContainText('“Search and commands” also works while you type')
  await keyboard.press('Escape')
  await expect(page.getByRole('alert')).toBeHidden()

  await keys.getByRole('button', { name: 'Filter: /. Change' }).press('Enter')
  await keyboard.press('Tab')
  await expect(keys.getByRole('button', { name: 'Remove this key of Filter' })).toBeFocused()
  await keyboard.press('Enter')
  await expect(keys.getByRole('button', { name: 'Filter: /. Change' })).toBeHidden()
  expect(await keysIn(cli)).toEqual({ 'board.filter': ['mod+f'] })
})

test('a new task can be written from every view', async ({ board, open, page }) => {
  await open()
  const button = page.getByRole('banner').getByRole('button', { name: 'New task' })
  for (const place of ['inbox', 'runs', 'workers', 'graph']) {
    await open(`/board/work/${place}`)
    await expect(button).toBeVisible()
    await page.keyboard.press('c')
    await expect(board.dialog('New task').getByLabel('Title')).toBeFocused()
    await page.keyboard.press('Escape')
    await expect(board.dialog('New task')).toBeHidden()
  }
  await page.keyboard.press('g')
  await page.keyboard.press('s')
  await button.press('Enter')
  await page.keyboard.type('Paint the fence')
  await page.keyboard.press('Control+Enter')
  await expect(board.notice('Created “Paint the fence”')).toBeVisible()
  await page.keyboard.press('g')
  await page.keyboard.press('b')
  await expect(board.card('Paint the fence')).toBeVisible()
})

test('the command line refuses a malformed key', async ({ cli }) => {
  const refused = cli('settings', 'set', 'keys={"board.open":["Shift+X"]}')
  await expect(refused).rejects.toThrow(/a key must be written as in “m”/)
})

test('names in the settings that no action has are listed, and can be removed', async ({
  cli,
  open,
  page,
}) => {
  await cli('settings', 'set', 'keys={"board.filtr":["z"],"board.filter":["y"]}')
  await open('/settings/keys')
  const unknown = page.getByText(/exist here/)
  await expect(unknown).toContainText('keys for an action that does not exist here: board.filtr.')
  await page.getByRole('button', { name: 'Remove it' }).click()
  await expect(unknown).toHaveCount(0)
  expect(await keysIn(cli)).toEqual({ 'board.filter': ['y'] })
})
