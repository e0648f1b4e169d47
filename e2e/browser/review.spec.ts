import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '../fixtures.ts'
import { greetingTask, workUntilReview } from '../project.ts'

/** A review makes many git calls, perhaps on a busy machine. */
const PATIENT = { timeout: 120_000 }

test('a review by mouse: two remarks, a second attempt against the first, merge, revert, clean up', async ({
  board,
  drawer,
  home,
  open,
  page,
  serve: _dispatching,
}) => {
  test.slow()
  const { project, id } = await greetingTask(home)
  await workUntilReview(home, id)
  await open(`/board/work/task/${id}`)
  await drawer.panel.getByRole('link', { name: /Review changes/ }).click()
  const lines = page.getByRole('group', { name: 'Lines of greet.py' })
  await expect(lines).toContainText('print("hello 1")', PATIENT)
  const remark = async (name: RegExp, on: string, text: string) => {
    await lines.getByRole('button', { name }).click()
    await page.getByRole('textbox', { name: on }).fill(text)
    await page.getByRole('button', { name: 'Keep' }).click()
  }
  await remark(/^Remark on line 1: def greet/, 'Remark on line 1', 'Say what it does')
  await remark(/^Remark on line 2, added/, 'Remark on line 2', 'Use the name')
  await page.getByRole('button', { name: 'Request changes… (2)' }).click()
  await board.dialog('Request changes').getByRole('button', { name: 'Send back' }).click()

  await expect(lines).toContainText('print("hello 2 1")', PATIENT)
  const thread = lines.getByRole('article', { name: 'Remark of attempt 1' })
  await expect(thread.filter({ hasText: 'Say what it does' })).toContainText('answered in attempt 2', PATIENT)
  // The line of this remark has changed, so the remark quotes it.
  await expect(thread.filter({ hasText: 'Use the name' })).toContainText('print("hello 1")')
  await page.getByRole('combobox', { name: 'Compare with' }).selectOption('Since the review of attempt 1')
  await expect(page.getByRole('navigation', { name: 'Changed files' })).toContainText('notes.md', PATIENT)
  await expect(
    lines.getByRole('button', { name: 'Remark on line 2, removed: print("hello 1")' }),
  ).toBeVisible()

  await page.getByRole('button', { name: 'Approve & merge…' }).click()
  await board.dialog('Merge into main').getByRole('radio', { name: 'Squash into one commit' }).check()
  await board.dialog('Merge into main').getByRole('button', { name: 'Approve & merge' }).click()
  await expect(page.getByText(/^Merged as \w{9} into main by .+\. This is what was merged\.$/)).toBeVisible(
    PATIENT,
  )
  const git = (...args: string[]) => execFileSync('git', args, { cwd: project, encoding: 'utf8' }).trim()
  expect(git('log', '-1', '--format=%P', 'main').split(' ')).toHaveLength(1)
  expect(readFileSync(join(project, 'greet.py'), 'utf8')).toContain('hello 2 1')

  await page.getByRole('button', { name: 'Revert the merge…' }).click()
  await board.dialog('Revert the merge?').getByRole('button', { name: 'Revert the merge' }).click()
  await expect(page.getByText(/^Its merge \(\w{9}\) was reverted/)).toBeVisible(PATIENT)
  expect(readFileSync(join(project, 'greet.py'), 'utf8')).toContain('print("hello")')
  expect((await home.task(id)).merge_state).toBe('not_merged')

  await page.getByRole('button', { name: 'Merge…' }).click()
  await board.dialog('Merge into main').getByRole('button', { name: 'Merge', exact: true }).click()
  await expect(page.getByText(/^Merged as \w{9} into main/).last()).toBeVisible(PATIENT)
  const { workspace_path: worktree } = await home.task(id)
  await page.getByRole('button', { name: 'Remove worktree and branch…' }).click()
  await board.dialog('Remove worktree and branch?').getByRole('button', { name: 'Remove' }).click()
  await expect(board.notice(`branch runboard/${id} is deleted`)).toBeVisible(PATIENT)
  expect(existsSync(worktree ?? '')).toBe(false)
  expect(git('branch', '--list', 'runboard/*')).toBe('')
  await expect(lines).toContainText('print("hello 2 1")')
})

test('a review by keyboard alone, with a file marked as viewed, more context, and the next review', async ({
  board,
  home,
  open,
  page,
  serve: _dispatching,
}) => {
  test.slow()
  const { id } = await greetingTask(home)
  await workUntilReview(home, id)
  const other = await home.create('Another', '--assignee', 'author', '--workspace', 'worktree')
  await workUntilReview(home, other)
  await open(`/board/work/diff/task/${id}`)
  const { keyboard } = page
  const lines = page.getByRole('group', { name: 'Lines of greet.py' })
  await expect(lines).toContainText('print("hello 1")', PATIENT)

  await keyboard.press('s')
  await expect(page.getByRole('button', { name: /^Split/ })).toHaveAttribute('aria-pressed', 'true')
  await keyboard.press('s')
  await keyboard.press('Shift+N')
  await keyboard.press('n')
  await expect(lines.getByRole('button', { name: /^Remark on line 2, removed/ })).toBeFocused()
  await keyboard.press('j')
  await keyboard.press('c')
  await keyboard.type('Use the name')
  await keyboard.press('Control+Enter')
  await keyboard.press('v')
  await expect(page.getByText('1 of 2 viewed')).toBeVisible()
  await expect(page.getByRole('button', { name: /^notes\.md/, expanded: true })).toBeFocused()
  await keyboard.press('r')
  await expect(board.dialog('Request changes').getByRole('textbox')).toHaveValue(/Use the name/)
  await keyboard.press('Control+Enter')

  // The change differs now, so the file is no longer viewed.
  await expect(lines.or(page.getByRole('button', { name: /^greet\.py/ })).first()).toBeVisible(PATIENT)
  await expect(page.getByText('0 of 2 viewed')).toBeVisible(PATIENT)
  await keyboard.press('l')
  await expect(page.getByRole('combobox', { name: 'Compare with' })).toHaveValue('1')
  await keyboard.press('m')
  await expect(board.dialog('Merge into main')).toBeVisible(PATIENT)
  await keyboard.press('Control+Enter')
  await expect(page.getByText(/^Merged as \w{9} into main by .+\. This is what was merged\.$/)).toBeVisible(
    PATIENT,
  )
  await keyboard.press(']')
  await expect(page.getByRole('heading', { name: 'Another' })).toBeVisible()
})
