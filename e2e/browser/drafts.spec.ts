import type { Page } from '@playwright/test'
import { expect, test } from '../fixtures.ts'

test('S12: unsaved text of a title, a fact and a description returns at the next edit, also after a reload', async ({
  board,
  drawer,
  home,
  open,
  page,
}) => {
  const id = await home.create('Oil the door', '--body', 'With oil.')
  await open()
  await board.card('Oil the door').click()
  await expect(drawer.panel).toBeVisible()

  await page.getByRole('button', { name: 'Oil the door', exact: true }).last().click()
  await page.getByRole('textbox', { name: 'Title' }).fill('Oil the gate')
  await page.keyboard.press('Escape')
  await drawer.panel.getByRole('button', { name: 'Edit the description' }).click()
  await page.getByRole('textbox', { name: 'Description, as Markdown' }).fill('With better oil.')
  await drawer.panel.getByRole('button', { name: 'Cancel' }).click()
  await drawer.panel.getByRole('button', { name: 'Add property' }).click()
  await page.getByRole('menuitem', { name: 'Priority' }).click()
  await page.getByRole('textbox', { name: 'Priority' }).fill('7')
  await page.keyboard.press('Escape')

  await page.reload()
  await expect(drawer.panel).toBeVisible()
  await expect(page.getByRole('textbox', { name: 'Description, as Markdown' })).toHaveValue(
    'With better oil.',
  )
  await drawer.panel.getByRole('button', { name: /^Priority: .*Edit$/ }).click()
  await expect(page.getByRole('textbox', { name: 'Priority' })).toHaveValue('7')
  await page.keyboard.press('Escape')
  await drawer.panel.getByRole('button', { name: 'Oil the door', exact: true }).click()
  await expect(page.getByRole('textbox', { name: 'Title' })).toHaveValue('Oil the gate')
  await page.keyboard.press('Enter')
  await expect.poll(async () => (await home.task(id)).title).toBe('Oil the gate')

  await drawer.panel.getByRole('button', { name: 'Discard changes' }).click()
  await expect(page.getByText('Changes discarded').first()).toBeVisible()
  await drawer.panel.getByRole('button', { name: 'Edit the description' }).click()
  await expect(page.getByRole('textbox', { name: 'Description, as Markdown' })).toHaveValue('With oil.')
  expect((await home.task(id)).body).toBe('With oil.')
})

test('S12: an answer begun in the inbox can be finished in the drawer', async ({ home, open, page }) => {
  const id = await home.create('Which oil?')
  await home.cli('block', id, '--reason', 'Which one?')
  await open('/board/work/inbox')
  await page.getByRole('button', { name: 'Answer' }).click()
  await page.getByRole('textbox', { name: 'Answer for Which oil?' }).fill('Linseed')
  await page.reload()
  await expect(page.getByRole('textbox', { name: 'Answer for Which oil?' })).toHaveValue('Linseed')
  await page
    .getByRole('link', { name: /Which oil\?/ })
    .or(page.getByRole('button', { name: 'Which oil?' }))
    .first()
    .click()
  await expect(page.getByRole('textbox', { name: 'Your answer' })).toHaveValue('Linseed')
})

async function openBoardSettings(page: Page): Promise<void> {
  await expect(page.getByRole('textbox', { name: 'Project folder' })).toBeVisible()
}

test('S12, B6: board settings keep typed text, and do not overwrite changes of another process', async ({
  home,
  open,
  page,
}) => {
  await home.create('Any')
  await open('/settings/board')
  await openBoardSettings(page)
  await page.getByRole('textbox', { name: 'Max parallel' }).fill('3')
  await page.getByRole('textbox', { name: 'Icon' }).fill('W')
  await page.reload()
  await openBoardSettings(page)
  await expect(page.getByRole('textbox', { name: 'Max parallel' })).toHaveValue('3')
  const { board } = await home.cli.json<{ board: { slug: string } }>('boards', 'show')
  await home.cli('boards', 'set', board.slug, 'max_running=5', 'failure_limit=9')

  await page.getByRole('button', { name: 'Save', exact: true }).click()
  const question = page.getByRole('dialog')
  await expect(question).toContainText('max running: 3')
  await expect(question).toContainText('max running: 5')
  await question.getByRole('button', { name: 'Take theirs' }).click()

  await expect(page.getByText('Settings saved').first()).toBeVisible()
  const after = await home.cli.json<{ board: { icon: string; settings: object } }>('boards', 'show')
  expect(after.board).toMatchObject({ icon: 'W', settings: { max_running: 5, failure_limit: 9 } })
})

test('S12, B6: the profile dialog keeps every text, and does not overwrite changes of another process', async ({
  home,
  open,
  page,
}) => {
  await home.addProfile('smith', 'echo one')
  await open('/settings/profiles')
  const edit = page.getByRole('button', { name: /Edit/ }).first()
  await edit.click()
  await page.getByRole('textbox', { name: 'Command line' }).fill('echo mine')
  await page.keyboard.press('Escape')
  await home.cli('profiles', 'set', 'smith', 'shell=echo theirs', 'description=Forges')
  await page.reload()
  await edit.click()
  await expect(page.getByRole('textbox', { name: 'Command line' })).toHaveValue('echo mine')
  await page.getByRole('button', { name: 'Save', exact: true }).click()
  await page.getByRole('button', { name: 'Keep mine' }).click()
  await expect(page.getByText('Profile saved').first()).toBeVisible()
  const { profile } = await home.cli.json<{ profile: object }>('profiles', 'show', 'smith')
  expect(profile).toMatchObject({ shell: 'echo mine', description: 'Forges' })
})
