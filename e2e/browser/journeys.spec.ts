import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { BrowserContext, Page } from '@playwright/test'
import { expect, test } from '../fixtures.ts'
import type { Home } from '../home.ts'
import { greetingProject } from '../project.ts'
import { Steps } from '../steps.ts'

// The most frequent tasks of a user. The limits are the present numbers of clicks and keys: they may shrink, not grow.

const LINES = Array.from({ length: 8 }, (_, index) => `- Errand ${index + 1}`).join('\n')

async function copyLines(page: Page, context: BrowserContext): Promise<void> {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  await page.evaluate((text) => navigator.clipboard.writeText(text), LINES)
}

/** Pauses the board, so that it claims nothing and the tasks keep their status. */
async function pausedBoard(home: Home): Promise<void> {
  await home.addProfile('runner', 'true')
  await home.addProfile('other', 'true')
  await home.cli('pause')
}

async function expectErrands(home: Home, facts: Record<string, unknown>): Promise<void> {
  const { tasks } = await home.cli.json<{ tasks: object[] }>('list')
  expect(tasks).toHaveLength(8)
  for (const task of tasks) expect(task).toMatchObject(facts)
}

test('pasted lines are assigned, held, archived and put back, by mouse', async ({
  board,
  context,
  home,
  open,
  page,
}) => {
  await pausedBoard(home)
  await open()
  await copyLines(page, context)
  const steps = new Steps(page)
  await steps.click(page.getByRole('button', { name: 'New task' }).first())
  await expect(board.dialog('New task').getByLabel('Title')).toBeFocused()
  await steps.press('Control+v')
  await steps.click(board.dialog('New task').getByRole('button', { name: 'Create 8 tasks' }))
  await expect(board.cardsIn('Ready')).toHaveCount(8)

  await steps.click(board.cardsIn('Ready').first(), ['Control'])
  await steps.click(board.cardsIn('Ready').last(), ['Shift'])
  const bar = page.getByRole('toolbar', { name: '8 selected' })
  await steps.click(bar.getByRole('button', { name: 'Assign' }))
  await steps.click(board.menu('Assign to').getByRole('menuitem', { name: 'runner' }))
  await expect(board.cardsIn('Ready').filter({ hasText: 'runner' })).toHaveCount(8)
  await steps.click(bar.getByRole('button', { name: 'More actions' }))
  await steps.click(board.menu('Actions').getByRole('menuitem', { name: 'Hold' }))
  await expect(board.cardsIn('Ready').filter({ hasText: 'held' })).toHaveCount(8)
  await expectErrands(home, { assignee: 'runner', held: true })
  await steps.click(bar.getByRole('button', { name: 'Archive' }))
  await expect(board.cardsIn('Ready')).toHaveCount(0)
  await steps.click(board.notice(/^Archived/).getByRole('button', { name: 'Undo' }))
  await expect(board.cardsIn('Ready')).toHaveCount(8)
  await expectErrands(home, { assignee: 'runner', held: true, status: 'ready' })
  expect(steps.count).toBeLessThanOrEqual(11)
})

test('pasted lines are assigned, held, archived and put back, by keyboard alone', async ({
  board,
  context,
  home,
  open,
  page,
}) => {
  await pausedBoard(home)
  await open()
  await copyLines(page, context)
  const steps = new Steps(page)
  await steps.press('c')
  await expect(board.dialog('New task').getByLabel('Title')).toBeFocused()
  await steps.press('Control+v', 'Control+Enter')
  await expect(board.cardsIn('Ready')).toHaveCount(8)

  await steps.press('ArrowDown', 'Control+a')
  await expect(page.getByRole('toolbar', { name: '8 selected' })).toBeVisible()
  await steps.press('a')
  await expect(board.menu('Assign to').getByRole('menuitem', { disabled: false }).first()).toBeFocused()
  await steps.press('Enter') // the first profile
  await expect(board.cardsIn('Ready').filter({ hasText: 'runner' })).toHaveCount(8)
  await expect(page.locator('[data-card]:focus')).toBeVisible() // the menu has restored the focus
  await steps.press('.')
  await expect(board.menu('Actions').getByRole('menuitem', { disabled: false }).first()).toBeFocused()
  await steps.type('hold')
  await steps.press('Enter')
  await expect(board.cardsIn('Ready').filter({ hasText: 'held' })).toHaveCount(8)
  await expectErrands(home, { assignee: 'runner', held: true })
  await steps.press('e')
  await expect(board.cardsIn('Ready')).toHaveCount(0)
  await steps.press('Control+z')
  await expect(board.cardsIn('Ready')).toHaveCount(8)
  await expectErrands(home, { assignee: 'runner', held: true, status: 'ready' })
  expect(steps.count).toBeLessThanOrEqual(12)
})

/** Makes an idea for which a planner has proposed two tasks. @returns its id */
async function plannedIdea(home: Home): Promise<string> {
  const plan = 'runboard create "Measure" --assignee doer; runboard create "Cut" --assignee doer'
  await home.addProfile('planner', `${plan}; runboard complete --summary Planned`, '--capability', 'planner')
  await home.addProfile('doer', 'runboard complete --summary Done')
  const id = await home.create('Start faster', '--triage')
  await home.cli('plan', id, '--profile', 'planner')
  return id
}

test('a plan is accepted in its drawer, by mouse', async ({ board, drawer, home, open, page }) => {
  await plannedIdea(home)
  await open()
  await expect(board.cardIn('Triage', 'Start faster')).toContainText('A plan of 2 tasks')
  const steps = new Steps(page)
  await steps.click(board.cardIn('Triage', 'Start faster'))
  await steps.click(drawer.verdict.getByRole('button', { name: 'Accept the plan' }))
  await expect(board.cardIn('Done', 'Measure')).toBeVisible()
  await expect(board.cardIn('Done', 'Cut')).toBeVisible()
  expect(steps.count).toBeLessThanOrEqual(2)
})

test('a plan is accepted in its drawer, by keyboard alone', async ({ board, drawer, home, open, page }) => {
  await plannedIdea(home)
  await open()
  await expect(board.cardIn('Triage', 'Start faster')).toContainText('A plan of 2 tasks')
  const steps = new Steps(page)
  await steps.press('ArrowDown', 'Enter')
  await expect(drawer.verdict.getByRole('button', { name: 'Accept the plan' })).toBeVisible()
  await steps.press('Control+k')
  await expect(board.dialog('Search and commands').getByRole('combobox')).toBeFocused()
  await steps.type('accept the plan')
  await expect(page.getByRole('option').first()).toContainText('Accept the plan')
  await steps.press('Enter')
  await expect(board.cardIn('Done', 'Measure')).toBeVisible()
  await expect(board.cardIn('Done', 'Cut')).toBeVisible()
  expect(steps.count).toBeLessThanOrEqual(5)
})

const DAY = 24 * 3600 * 1000

/** Makes a board whose only failures were yesterday: exports a board, moves every time back a day, and imports it. */
async function yesterdaysBoard(home: Home): Promise<void> {
  await home.addProfile('full', 'echo "no space left on device" >&2; exit 1', '--failure-limit', '1')
  await home.addProfile('shut', 'echo "permission denied" >&2; exit 1', '--failure-limit', '1')
  await home.create('Write the report', '--assignee', 'full')
  await home.create('Open the safe', '--assignee', 'shut')
  const blocked = async () => (await home.cli.json<{ tasks: object[] }>('list', '--status', 'blocked')).tasks
  await expect.poll(async () => (await blocked()).length).toBe(2)
  const text = await home.cli('export')
  const earlier = text.replace(
    /(_at":\s*)(\d{13})/g,
    (_, key: string, at: string) => key + (Number(at) - DAY),
  )
  home.write('yesterday.json', earlier)
  await home.cli('import', 'json', join(home.path, 'yesterday.json'), '--as', 'yesterday')
}

const yesterday = () => new Date(Date.now() - DAY).toLocaleDateString('sv')

test('a run of yesterday is found by a word of its error, by mouse', async ({ drawer, home, open, page }) => {
  await yesterdaysBoard(home)
  await open('/board/yesterday')
  const steps = new Steps(page)
  await steps.click(page.getByRole('navigation', { name: 'Views' }).getByRole('link', { name: /^Runs/ }))
  const list = page.getByRole('region', { name: 'Runs, newest first' })
  await expect(list.getByRole('link')).toHaveCount(2)
  await steps.choose(page.getByRole('combobox', { name: 'Time' }), 'From – to…')
  await steps.fill(page.getByLabel('From', { exact: true }), yesterday())
  await steps.fill(page.getByLabel('To', { exact: true }), yesterday())
  await steps.fill(page.getByRole('textbox', { name: 'Search runs' }), 'denied')
  await expect(list.getByRole('link')).toHaveCount(1)
  await steps.click(list.getByRole('link', { name: /Open the safe/ }))
  await expect(drawer.verdict).toContainText('permission denied')
  expect(steps.count).toBeLessThanOrEqual(10)
})

test('a run of yesterday is found by a word of its error, by keyboard alone', async ({
  drawer,
  home,
  open,
  page,
}) => {
  await yesterdaysBoard(home)
  await open('/board/yesterday')
  const steps = new Steps(page)
  await steps.press('g', 'r', '/')
  await expect(page.getByRole('textbox', { name: 'Search runs' })).toBeFocused()
  await steps.type('denied')
  const row = page.getByRole('region', { name: 'Runs, newest first' }).getByRole('link')
  await expect(row).toHaveCount(1)
  await steps.pressUntil('Tab', row)
  await steps.press('Enter')
  await expect(drawer.verdict).toContainText('permission denied')
  expect(steps.count).toBeLessThanOrEqual(17)
})

test('a second board is made for a folder, by mouse', async ({ board, home, open, page }) => {
  const project = await greetingProject(home)
  mkdirSync(join(project, 'inner'))
  await open()
  const steps = new Steps(page)
  await steps.click(page.getByRole('button', { name: 'Board: work' }))
  await steps.click(board.menu('Boards').getByRole('menuitem', { name: 'New board…' }))
  await expect(board.dialog('New board').getByRole('textbox', { name: 'Project folder' })).toBeFocused()
  await steps.type(join(project, 'inner'))
  await steps.click(board.dialog('New board').getByRole('button', { name: 'Create the board' }))
  await expect(page).toHaveTitle(/^Inner · Runboard$/i)
  expect(steps.count).toBeLessThanOrEqual(4)
})

test('a second board is made for a folder, by keyboard alone', async ({ board, home, open, page }) => {
  const project = await greetingProject(home)
  mkdirSync(join(project, 'inner'))
  await open()
  const steps = new Steps(page)
  await steps.press('Control+k')
  await expect(board.dialog('Search and commands').getByRole('combobox')).toBeFocused()
  await steps.type('new board')
  await expect(page.getByRole('option').first()).toContainText('New board')
  await steps.press('Enter')
  await expect(board.dialog('New board').getByRole('textbox', { name: 'Project folder' })).toBeFocused()
  await steps.type(join(project, 'inner'))
  await steps.press('Control+Enter')
  await expect(page).toHaveTitle(/^Inner · Runboard$/i)
  expect(steps.count).toBeLessThanOrEqual(5)
})

/** One red pixel. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=='

/** Adds a worker that copies the first file in its context. */
async function painter(home: Home): Promise<void> {
  const path = `sed -n '/^## Attachments/,$p' "$RUNBOARD_CONTEXT_FILE" | sed -n 's/^- \\(.*\\.png\\) (.*/\\1/p'`
  await home.addProfile(
    'painter',
    `cp "$(${path})" "$RUNBOARD_HOME/seen.png" && runboard complete --summary Seen`,
  )
}

async function pasteImage(page: Page): Promise<void> {
  await page.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
    await navigator.clipboard.write([
      new ClipboardItem({ 'image/png': new Blob([bytes], { type: 'image/png' }) }),
    ])
  }, PNG)
}

for (const way of ['mouse', 'keyboard'] as const) {
  test(`a pasted image is seen by the worker, by ${way}`, async ({ board, context, home, open, page }) => {
    await painter(home)
    await open()
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await pasteImage(page)
    const steps = new Steps(page)
    const dialog = board.dialog('New task')
    if (way === 'mouse') await steps.click(page.getByRole('button', { name: 'New task' }).first())
    else await steps.press('c')
    await expect(dialog.getByLabel('Title')).toBeFocused()
    await steps.type('Match this picture')
    await steps.press('Control+v')
    await expect(dialog.getByRole('list', { name: 'Files to attach' })).toContainText('.png')
    if (way === 'mouse') await steps.click(dialog.getByRole('button', { name: 'Create', exact: true }))
    else await steps.press('Control+Enter')
    await expect(board.cardIn('Done', 'Match this picture')).toBeVisible()
    expect(readFileSync(join(home.path, 'seen.png')).subarray(1, 4).toString()).toBe('PNG')
    expect(steps.count).toBeLessThanOrEqual(4)
  })
}
