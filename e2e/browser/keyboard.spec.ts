import type { Page } from '@playwright/test'
import { expect, test } from '../fixtures.ts'

test('a task goes through its life cycle by keyboard alone', async ({ board, home, open, page }) => {
  await home.addProfile('asker', 'runboard block --reason "Red or blue?"')
  await home.addProfile('painter', 'runboard complete --summary "Painted it"')
  await open()
  const { keyboard } = page

  await keyboard.press('c')
  await expect(board.dialog('New task').getByLabel('Title')).toBeFocused()
  await keyboard.type('Paint the door')
  await keyboard.press('Tab')
  await keyboard.press('Tab')
  const assignee = board.dialog('New task').getByLabel('Assignee')
  await expect(assignee).toBeFocused()
  await expect(assignee).toContainText('asker') // the profiles may still be loading
  await keyboard.type('asker')
  await expect(assignee).toHaveValue('asker')
  await keyboard.press('Control+Enter')
  const blocked = board.cardIn('Blocked', 'Paint the door')
  await expect(blocked).toContainText('Red or blue?')

  // Into the cards, to the blocked one; its question is answered from its menu.
  await keyboard.press('ArrowDown')
  await expect(blocked).toBeFocused()
  await keyboard.press('a')
  await expect(board.menu('Assign to').getByRole('menuitem', { disabled: false }).first()).toBeFocused()
  // Types only one letter: on a busy machine a second letter may come late, and the menu would then start a new search.
  await keyboard.press('p')
  await expect(board.menu('Assign to').getByRole('menuitem', { name: 'painter' })).toBeFocused()
  await keyboard.press('Enter')
  await expect(blocked).toContainText('painter')
  await expect(blocked).toBeFocused()

  await keyboard.press('.')
  await expect(board.menu('Actions').getByRole('menuitem', { name: 'Answer…' })).toBeFocused()
  await keyboard.press('Enter')
  await expect(board.dialog('Answer').getByLabel('Your answer')).toBeFocused()
  await keyboard.type('Blue')
  await keyboard.press('Control+Enter')
  const done = board.cardIn('Done', 'Paint the door')
  await expect(done).toBeVisible()

  await keyboard.press('m')
  await expect(board.menu('Move to').getByRole('menuitem', { disabled: false }).first()).toBeFocused()
  // Not by its letter: within a second of the letter above, the menu takes that as the second of a word.
  await keyboard.press('End')
  await expect(board.menu('Move to').getByRole('menuitem', { name: 'Archived' })).toBeFocused()
  await keyboard.press('Enter')
  await expect(done).toBeHidden()
  await expect(page.getByRole('status').filter({ hasText: 'Archived: “Paint the door”' })).toBeAttached()
})

/** Presses Tab until the named element has the focus, to show that the keyboard can reach it. */
async function tabTo(page: Page, role: 'button' | 'tab', name: string): Promise<void> {
  const target = page.getByRole(role, { name, exact: true }).first()
  await expect(target).toBeVisible()
  for (let pressed = 0; pressed < 80; pressed++) {
    if (await target.evaluate((element) => element === document.activeElement)) return
    await page.keyboard.press('Tab')
  }
  throw new Error(`Tab does not come to ${name}`)
}

test('a failure is read and retried with a note by keyboard alone', async ({
  board,
  drawer,
  home,
  open,
  page,
}) => {
  const line =
    'if [ "$RUNBOARD_ATTEMPT" = 1 ]; then echo "no oil" >&2; exit 3; fi; runboard complete --summary Oiled'
  await home.addProfile('smith', line, '--backoff', '1h')
  await home.create('Oil the door', '--assignee', 'smith')
  await open()
  const { keyboard } = page
  await expect(board.card('Oil the door')).toContainText('crashed')
  await keyboard.press('ArrowDown')
  await keyboard.press('Enter')
  await expect(drawer.verdict).toContainText('Attempt 1 crashed: exit 3')
  await keyboard.press('ArrowLeft')
  await expect(drawer.log(1)).toContainText('no oil')
  await tabTo(page, 'button', 'Retry…')
  await keyboard.press('Enter')
  await expect(board.dialog('Retry').getByLabel('Note')).toBeFocused()
  await keyboard.type('There is oil in the shed')
  await keyboard.press('Control+Enter')
  await expect(drawer.verdict).toContainText('Attempt 2 completed')
  await expect(drawer.panel).toContainText('Oiled')
  await keyboard.press('2')
  await tabTo(page, 'tab', 'Summary')
  await keyboard.press('ArrowRight')
  await keyboard.press('ArrowRight')
  await keyboard.press('ArrowRight')
  await expect(drawer.run(2).getByRole('tabpanel', { name: 'Prompt' })).toContainText(
    'There is oil in the shed',
  )
  await keyboard.press('Escape')
  await expect(drawer.panel).toBeHidden()
  await expect(board.cardIn('Done', 'Oil the door')).toBeVisible()
})

test('a task opened before a frame is drawn keeps the focus, and its keys', async ({
  board,
  drawer,
  home,
  open,
  page,
}) => {
  await home.addProfile('smith', 'echo "no oil" >&2; exit 3', '--backoff', '1h')
  await home.create('Oil the door', '--assignee', 'smith')
  await open()
  await expect(board.card('Oil the door')).toContainText('crashed')
  await page.evaluate(() => {
    // Simulates a machine too busy to draw: frames come when the test says so.
    const held: FrameRequestCallback[] = []
    window.requestAnimationFrame = (draw) => held.push(draw)
    Object.assign(window, { drawHeld: () => held.splice(0).forEach((draw) => draw(performance.now())) })
  })
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(drawer.panel).toBeFocused()
  await page.evaluate(() => (window as unknown as { drawHeld: () => void }).drawHeld())
  await expect(drawer.panel).toBeFocused()
  await page.keyboard.press('1')
  await expect(drawer.head(1)).toHaveAttribute('aria-expanded', 'true')
})

test('a number typed while the task is still loading opens that run', async ({
  board,
  drawer,
  home,
  open,
  page,
}) => {
  await home.addProfile('smith', 'echo "no oil" >&2; exit 3', '--backoff', '1h')
  await home.create('Oil the door', '--assignee', 'smith')
  await open()
  await expect(board.card('Oil the door')).toContainText('crashed')
  let answer = (): void => undefined
  const held = new Promise<void>((resolve) => {
    answer = resolve
  })
  await page.route(/task\/show/, async (route) => {
    await held
    await route.continue()
  })
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('Enter')
  await expect(drawer.panel).toBeFocused()
  await expect(drawer.rows).toHaveCount(0)
  await page.keyboard.press('1')
  answer()
  await expect(drawer.head(1)).toHaveAttribute('aria-expanded', 'true')
})

test('arrows and letters move between cards, x and Shift select, e archives, Undo reverts', async ({
  board,
  home,
  open,
  page,
}) => {
  for (const [title, priority] of [
    ['First', '3'],
    ['Second', '2'],
    ['Third', '1'],
  ] as const) {
    await home.create(title, '--priority', priority)
  }
  const idea = await home.create('Idea', '--triage')
  await open()
  const { keyboard } = page
  await expect(board.cardsIn('Ready')).toHaveCount(3)

  await keyboard.press('j')
  await expect(board.card('Idea')).toBeFocused()
  await keyboard.press('l')
  await expect(board.card('First')).toBeFocused()
  await keyboard.press('ArrowDown')
  await expect(board.card('Second')).toBeFocused()
  await keyboard.press('End')
  await expect(board.card('Third')).toBeFocused()
  await keyboard.press('k')
  await keyboard.press('x')
  await expect(page.getByRole('toolbar', { name: '1 selected' })).toBeVisible()
  await keyboard.press('Shift+ArrowDown')
  await expect(page.getByRole('toolbar', { name: '2 selected' })).toBeVisible()
  await expect(board.card('Third')).toHaveAccessibleName(/, selected$/)

  await keyboard.press('e')
  await expect(board.cardsIn('Ready')).toHaveCount(1)
  await board.notice('Archived: 2 tasks').getByRole('button', { name: 'Undo' }).click()
  await expect(board.cardsIn('Ready')).toHaveCount(3)

  await board.card('Idea').focus()
  await keyboard.press('m')
  const move = board.menu('Move to')
  await expect(move.getByRole('menuitem', { name: /^Done/ })).toBeDisabled()
  await expect(move.getByRole('menuitem', { name: /^Done/ })).toContainText(/not from triage/i)
  await move.getByRole('menuitem', { name: 'Ready' }).press('Enter')
  await expect(board.cardIn('Ready', 'Idea')).toBeVisible()
  expect((await home.task(idea)).status).toBe('ready')
})

test('holding Enter down opens a menu, and chooses nothing', async ({ board, open, page }) => {
  await open()
  await page.getByRole('button', { name: 'Board: work' }).focus()
  await page.keyboard.down('Enter')
  const first = board.menu('Boards').getByRole('menuitem', { disabled: false }).first()
  await expect(first).toBeFocused()
  await page.keyboard.down('Enter') // repeats
  await expect(first).toBeFocused()
  await page.keyboard.up('Enter')
  await page.keyboard.press('ArrowDown')
  await expect(board.menu('Boards').getByRole('menuitem').nth(1)).toBeFocused()
})

test('the palette finds every task and every action', async ({ board, home, open, page }) => {
  await home.create('Write the letter')
  await home.create('Send the parcel')
  await open()
  const { keyboard } = page
  await expect(board.cardsIn('Ready')).toHaveCount(2)

  await keyboard.press('Control+k')
  const palette = board.dialog('Search and commands')
  await expect(palette.getByRole('combobox')).toBeFocused()
  await keyboard.type('parcel')
  // Waits for the mark: before the answer, the task may be listed as a recent one.
  await expect(palette.getByRole('option', { name: /Send the parcel/ }).locator('mark')).toHaveText('parcel')
  await keyboard.press('Enter')
  await expect(page).toHaveURL(/\/task\/t_[0-9a-f]{8}$/)
  await expect(palette).toBeHidden()
  await keyboard.press('Escape')
  await expect(page).not.toHaveURL(/\/task\//)

  await keyboard.press('Control+k')
  await expect(palette.getByRole('combobox')).toBeFocused()
  await keyboard.type('go to the workers')
  await expect(palette.getByRole('option')).toHaveCount(1)
  await keyboard.press('Enter')
  await expect(page.getByRole('link', { name: 'Workers' })).toHaveAttribute('aria-current', 'page')

  await keyboard.press('g')
  await keyboard.press('b')
  await expect(page.getByRole('link', { name: 'Board' })).toHaveAttribute('aria-current', 'page')
  await keyboard.press('?')
  await expect(board.dialog('Keyboard shortcuts')).toContainText('Search and commands')
  await keyboard.press('Escape')
  await expect(board.dialog('Keyboard shortcuts')).toBeHidden()
})
