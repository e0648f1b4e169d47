import { join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { questionOf } from '../asker.ts'
import { expect, test } from '../fixtures.ts'
import { type Home, root } from '../home.ts'

/** A person edits the parts of a plan and fills in a form. The form chooses the way: one card, or one for each part. */
const FILE = join(root, 'kernel/testing/asked.yaml')

/** Makes a card that asks for a form and an edited list. @returns its id */
async function asked(home: Home): Promise<string> {
  await home.cli('workflows', 'add', FILE)
  for (const name of ['planner', 'builder']) await home.addProfile(name, 'true')
  const id = await home.create('Build a house', '--workflow', 'asked', '--hold')
  const parts = [
    { key: 'floor', goal: 'A floor' },
    { key: 'wall', after: ['floor'] },
    { key: 'roof', after: ['wall'] },
  ]
  await home.cli('complete', id, '--metadata', JSON.stringify({ why: 'A house needs these', parts }))
  return id
}

interface Walked {
  walks: { visits: { step: string; outputs: Record<string, unknown> | null }[] }[]
}

async function answered(home: Home, id: string): Promise<Record<string, unknown> | null | undefined> {
  const { walks } = await home.cli.json<Walked>('walk', id)
  return walks[0]?.visits.filter(({ step }) => step === 'agree').at(-1)?.outputs
}

async function refuseFaults(page: Page): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([])
}

test('a question of a workflow is answered in its row of the inbox, by keyboard', async ({
  complaints,
  home,
  open,
  page,
}) => {
  complaints.expect(/409 \(Conflict\)/) // the browser logs this for a refused answer
  await page.setViewportSize({ width: 1280, height: 900 })
  const id = await asked(home)
  await open('/board/work/inbox')
  const question = questionOf(page, 'Build a house')
  await expect(question).toContainText('Which of them?')
  await expect(question).toContainText('A house needs these')
  await refuseFaults(page)

  await page.keyboard.press('j')
  await page.keyboard.press('a')
  const floor = question.getByRole('button', { name: 'floor', exact: true })
  await expect(floor).toBeFocused()
  await page.keyboard.press('Enter')
  const fields = question.getByRole('group', { name: 'floor', exact: true })
  await fields.getByLabel('Goal').fill('A floor that is much too long for this')
  await question.getByRole('button', { name: 'Move “roof” up' }).press('Enter')
  await expect(question.getByRole('button', { name: 'Move “roof” up' })).toBeFocused()
  await question.getByRole('button', { name: 'Remove “wall”' }).press('Enter')
  await question.getByRole('button', { name: 'Add an item' }).press('Enter')
  await expect(question.getByRole('group', { name: 'item 3' }).getByLabel('Key')).toBeFocused()
  await page.keyboard.type('garden')
  await question.getByLabel('Version').fill('new')
  await question.getByRole('checkbox', { name: 'Urgent' }).press('Space')

  // Each problem is shown at its field, and the first of these fields has the focus.
  await question.getByRole('button', { name: 'Approve', exact: true }).press('Enter')
  await expect(question.getByText('Must have at most 20 characters')).toBeVisible()
  await expect(question.getByText('Does not match the pattern')).toBeVisible()
  await expect(question.getByLabel('Goal')).toBeFocused()
  await refuseFaults(page)
  await question.getByLabel('Goal').fill('A floor')
  await question.getByLabel('Version').fill('2')

  // The order is impossible: the roof comes after a wall that was removed.
  await question.getByRole('button', { name: 'Approve', exact: true }).press('Enter')
  await expect(question.getByText('The item “roof” comes after “wall”, which does not exist.')).toBeVisible()
  await question.getByRole('button', { name: 'roof', exact: true }).press('Enter')
  await question.getByLabel('After').fill('floor')

  // The typed values are still there after a reload.
  await page.reload()
  await expect(question.getByLabel('Version')).toHaveValue('2')
  await question.getByRole('textbox', { name: 'Note', exact: true }).fill('Mind the garden')
  await question.getByRole('button', { name: 'Approve', exact: true }).press('Enter')
  await expect(question).toBeHidden()
  expect(await answered(home, id)).toEqual({
    version: '2',
    urgent: true,
    parts: [{ key: 'floor', goal: 'A floor' }, { key: 'roof', after: ['floor'] }, { key: 'garden' }],
  })
})

test('a question is answered in the drawer, whose history shows how the list was changed', async ({
  drawer,
  home,
  open,
}) => {
  const id = await asked(home)
  await open(`/board/work/task/${id}`)
  const walk = drawer.panel.getByRole('region', { name: 'Asked' })
  await walk.getByRole('button', { name: 'Remove “roof”' }).click()
  await walk.getByRole('button', { name: 'Undo all changes' }).click()
  await walk.getByRole('button', { name: 'Remove “roof”' }).click()
  await walk.getByLabel('Version').fill('2')
  await walk.getByRole('button', { name: 'Approve', exact: true }).click()
  await walk.getByRole('button', { name: 'agree: passed' }).click()
  const changes = walk.getByRole('list', { name: 'Changes of parts' })
  await expect(changes.getByRole('listitem')).toHaveText(/removed\s*key: roof/)
})

test('an answer to an outdated question is refused, and the new question is shown', async ({
  board,
  complaints,
  home,
  open,
  page,
}) => {
  complaints.expect(/409 \(Conflict\)/)
  const id = await asked(home)
  await open('/board/work/inbox')
  const question = questionOf(page, 'Build a house')
  await question.getByLabel('Version').fill('7')
  // Meanwhile another program makes the plan again. The page cannot read the new question yet.
  let release = (): void => undefined
  const released = new Promise<void>((resolve) => (release = resolve))
  await page.route(/inbox.show/, async (route) => {
    await released
    await route.continue()
  })
  await home.cli('approve', id, '--verdict', 'changes', '--note', 'Other parts')
  await home.cli('complete', id, '--metadata', JSON.stringify({ why: 'Now so', parts: [{ key: 'tent' }] }))
  await question.getByRole('button', { name: 'Approve', exact: true }).click()
  await expect(board.notice(/has moved on since you looked/)).toBeVisible()
  release()
  await expect(question).toContainText('Now so')
  await expect(question.getByLabel('Version')).toHaveValue('1')
  expect(await answered(home, id)).toBeNull()
  await question.getByRole('button', { name: 'Approve', exact: true }).click()
  await expect(question).toBeHidden()
  expect(await answered(home, id)).toMatchObject({ parts: [{ key: 'tent' }] })
})

test('a simulated walk also asks for the form and the list', async ({ home, open, page }) => {
  await asked(home)
  await open('/board/work/workflows/asked')
  await page.getByRole('tab', { name: 'Try' }).click()
  await page.getByRole('button', { name: 'done', exact: true }).click()
  await page.getByRole('textbox', { name: 'Version' }).fill('2')
  await page.getByRole('button', { name: 'Approve', exact: true }).click()
  await expect(page.getByText('The card is at parts.')).toBeVisible()
})
