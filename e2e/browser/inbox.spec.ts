import type { Page } from '@playwright/test'
import type { BoardPage } from '../board-page.ts'
import { expect, test } from '../fixtures.ts'

const entry = (page: Page, group: string, title: string) =>
  page.getByRole('region', { name: group, exact: true }).getByRole('group', { name: title, exact: true })

test('the inbox groups its entries, and each is answered in place', async ({ board, home, open, page }) => {
  const line =
    'if [ "$RUNBOARD_ATTEMPT" = 1 ]; then runboard block --reason "Red or blue?"; else runboard complete --summary "Painted"; fi'
  await home.addProfile('asker', line)
  await home.addProfile('author', 'runboard request-review --summary "A draft"')
  await home.addProfile('broken', 'echo "403 forbidden"; exit 1', '--failure-limit', '1')
  await home.create('Paint the door', '--assignee', 'asker')
  await home.create('Write the preface', '--assignee', 'author')
  await home.create('Upload it', '--assignee', 'broken')
  await open('/board/work/inbox')
  const question = entry(page, 'Questions', 'Paint the door')
  const review = entry(page, 'Reviews', 'Write the preface')
  await expect(question).toContainText('Red or blue?')
  await expect(entry(page, 'Failures', 'Upload it')).toContainText('crashed')
  await expect(review).toContainText('A draft')
  await expect(page.getByRole('button', { name: '3 need you' })).toBeVisible()

  await review.getByRole('button', { name: 'Approve' }).click()
  await expect(review).toBeHidden()
  await question.getByRole('button', { name: 'Answer' }).click()
  await expect(question.getByRole('textbox', { name: 'Answer for Paint the door' })).toBeFocused()
  await page.keyboard.type('Blue')
  await page.keyboard.press('Control+Enter')
  await expect(question).toBeHidden()

  const finished = page.getByRole('region', { name: 'Finished' })
  await expect(entry(page, 'Finished', 'Paint the door')).toContainText('Painted')
  await finished.getByRole('button', { name: 'Mark all as seen' }).click()
  await expect(finished).toBeHidden()
  await expect(page.getByRole('button', { name: '1 needs you' })).toBeVisible()
  await page.getByRole('button', { name: '1 needs you' }).click()
  await expect(board.cardsIn('Blocked')).toHaveCount(1)
})

/** Two questions, a review, and two tasks that are done. */
async function stage(home: { create: (title: string) => Promise<string>; cli: BoardCli }): Promise<void> {
  for (const title of ['Which door?', 'Which wall?']) {
    await home.cli('block', await home.create(title), '--reason', `${title} Say which one.`)
  }
  for (const title of ['Paint it', 'Dry it']) await home.cli('complete', await home.create(title))
}
type BoardCli = (...words: string[]) => Promise<string>

const unseen = (page: Page) => page.getByRole('link', { name: /^Inbox/ })

test('the keys move through the inbox while a task is open beside it', async ({
  drawer,
  home,
  open,
  page,
}) => {
  await stage(home)
  await open('/board/work/inbox')
  const first = entry(page, 'Questions', 'Which door?')
  const second = entry(page, 'Questions', 'Which wall?')
  await expect(unseen(page)).toHaveText(/4/)

  await page.keyboard.press('j')
  await expect(first).toBeFocused()
  await expect(drawer.panel).toBeHidden()
  await first.getByRole('link').click()
  await expect(drawer.panel).toHaveAccessibleName('Task: Which door?')
  await expect(first).toBeFocused()
  await expect(unseen(page)).toHaveText(/3/)
  await expect(second).toBeVisible()

  // The open task changes with the entry; the list keeps the focus.
  await page.keyboard.press('j')
  await expect(drawer.panel).toHaveAccessibleName('Task: Which wall?')
  await expect(second).toBeFocused()
  await page.keyboard.press('a')
  await expect(drawer.panel.getByRole('textbox', { name: 'Your answer' })).toBeFocused()
  await page.keyboard.press('Escape')
  await page.keyboard.press('Escape')
  await expect(drawer.panel).toBeHidden()
  await expect(second).toBeFocused()

  // The focus moves into the task and back.
  await page.keyboard.press('Enter')
  await expect(drawer.panel.getByRole('textbox', { name: 'Your answer' })).toBeFocused()
  await page.keyboard.press('Escape')
  await page.keyboard.press('k')
  await expect(drawer.panel).toHaveAccessibleName('Task: Which door?')
})

test('entries that were seen stay until the view is left, and can be marked as unseen', async ({
  drawer,
  home,
  open,
  page,
}) => {
  await stage(home)
  await open('/board/work/inbox')
  const done = entry(page, 'Finished', 'Paint it')
  await done.getByRole('link').click()
  await expect(drawer.panel).toHaveAccessibleName('Task: Paint it')
  await expect(unseen(page)).toHaveText(/3/)
  await expect(done.getByRole('img', { name: 'Not seen' })).toBeHidden()
  await page.keyboard.press('Escape')
  await page.keyboard.press('u')
  await expect(done.getByRole('img', { name: 'Not seen' })).toBeVisible()
  await expect(unseen(page)).toHaveText(/4/)

  await done.getByRole('link').click()
  await expect(unseen(page)).toHaveText(/3/)
  await page.keyboard.press('Escape')
  await page.keyboard.press('e')
  await expect(done).toBeHidden()
  await expect(entry(page, 'Finished', 'Dry it')).toBeFocused()
  await page.keyboard.press('?')
  const keys = page.getByRole('dialog', { name: 'Keyboard shortcuts' })
  await expect(keys).toContainText('Answer or approve')
  await expect(keys).toContainText('Mark as unseen')
})

test('a failure that will be retried shows the time once, and counts down', async ({ home, open, page }) => {
  await home.addProfile('shaky', 'echo "403 forbidden"; exit 1', '--backoff', '1h')
  await home.create('Upload it', '--assignee', 'shaky')
  await open('/board/work/inbox')
  const row = entry(page, 'Failures', 'Upload it')
  await expect(row).toContainText(/Attempt 1 crashed: .*403 forbidden.*Retries in \d+ min/s)
  expect((await row.textContent())?.match(/Retries/g)).toHaveLength(1)
})

test('a worker that ended without a report is decided on in the inbox', async ({
  board,
  drawer,
  home,
  open,
  page,
}) => {
  await home.addProfile('quiet', 'echo tidied')
  const id = await home.create('Tidy up', '--assignee', 'quiet')
  await open('/board/work/inbox')
  const row = entry(page, 'Questions', 'Tidy up')
  await expect(row.getByRole('button', { name: 'Retry' })).toBeVisible()
  await expect(row).toContainText('ended without a report')
  await expect(row).not.toContainText('crashed')
  await expect(row.getByRole('textbox')).toHaveCount(0)
  await markDone(board, page)
  await expect(row).toBeHidden()
  expect(await home.task(id)).toMatchObject({ status: 'done' })

  // The history does not count it as a failure either.
  await open(`/board/work/task/${id}`)
  await expect(drawer.head(1)).toContainText('ended without a report')
  await expect(drawer.history).not.toContainText('failed')
})

async function markDone(board: BoardPage, page: Page): Promise<void> {
  await entry(page, 'Questions', 'Tidy up').getByRole('button', { name: 'Mark done' }).click()
  await board.dialog('Mark this task done').getByRole('textbox').fill('It was tidy')
  await page.keyboard.press('Control+Enter')
}
