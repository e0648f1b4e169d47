import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '../fixtures.ts'
import type { Home } from '../home.ts'
import { greetingTask, workUntilReview } from '../project.ts'

test('a review with its diff: a remark on a line is sent back, the next attempt reads it, its work is merged', async ({
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
  await expect(page.getByRole('heading', { name: 'Greet louder' })).toBeVisible()
  const files = page.getByRole('navigation', { name: 'Changed files' })
  await expect(files.getByRole('button')).toHaveCount(2)
  await expect(files).toContainText('2 files')
  await expect(page.getByRole('region', { name: 'Commits' })).toContainText('Greet, attempt 1')
  await expect(page.getByRole('region', { name: 'Commits' })).toContainText('1 file not committed')
  const lines = page.getByRole('group', { name: 'Lines of greet.py' })
  await expect(lines).toContainText('print("hello 1")')

  // By keyboard: go to the file, to the change and along its lines, then write a remark.
  await page.keyboard.press('Shift+N')
  await expect(page.getByRole('button', { name: /^greet\.py/, expanded: true })).toBeFocused()
  await page.keyboard.press('j')
  await expect(lines.getByRole('button', { name: /^Remark on line 1: def greet/ })).toBeFocused()
  await page.keyboard.press('n')
  await expect(lines.getByRole('button', { name: /^Remark on line 2, removed/ })).toBeFocused()
  await page.keyboard.press('ArrowDown')
  await page.keyboard.press('c')
  await page.getByRole('textbox', { name: 'Remark on line 2' }).fill('Use the name')
  await page.keyboard.press('Control+Enter')
  await expect(lines.getByRole('button', { name: 'Change the remark on line 2: Use the name' })).toBeVisible()

  await page.getByRole('button', { name: 'Request changes… (1)' }).click()
  const ask = board.dialog('Request changes')
  await expect(ask.getByRole('textbox')).toHaveValue(
    /`greet\.py`, line 2:\n> print\("hello 1"\)\n\nUse the name/,
  )
  await page.keyboard.press('Control+Enter')
  // The timeout allows for a whole attempt on a busy machine.
  await expect(lines).toContainText('print("hello 2 1")', { timeout: 60_000 })
  await expect(page.getByRole('button', { name: 'Request changes…', exact: true })).toBeVisible()
  expect((await home.runs(id)).length).toBe(2)
  expect(await home.cli('context', id)).toContain('Use the name')

  // An unsent remark does not matter once the work is accepted.
  await lines.getByRole('button', { name: /^Remark on line 1: def greet/ }).click()
  await page.getByRole('textbox', { name: 'Remark on line 1' }).fill('Never mind')
  await page.keyboard.press('Control+Enter')
  await expect(page.getByRole('button', { name: 'Request changes… (1)' })).toBeVisible()
  await page.getByRole('button', { name: 'Approve & merge…' }).click()
  const merge = board.dialog('Merge into main')
  await expect(merge).toContainText('1 uncommitted file is committed first')
  await page.keyboard.press('Control+Enter')
  // About thirty git calls, possibly on a busy machine.
  await expect(board.notice(/^Merged as \w{9} into main/)).toBeVisible({ timeout: 30_000 })
  await expect(page.getByRole('button', { name: 'Request changes…', exact: true })).toBeVisible()
  await expect(page.getByText(/^Merged as \w{9} into main by .+\. This is what was merged\.$/)).toBeVisible()
  await expect(files).toContainText('2 files')
  await expect(page.getByRole('button', { name: /& merge…$/ })).toHaveCount(0)
  expect(readFileSync(join(project, 'greet.py'), 'utf8')).toContain('hello 2 1')
  expect(readFileSync(join(project, 'notes.md'), 'utf8')).toBe('greet everybody\n')
  expect((await home.task(id)).status).toBe('done')
})

test('a failed merge says why; discarded work goes to the trash, and its branch stays', async ({
  board,
  home,
  open,
  page,
  serve: _dispatching,
}) => {
  const { project, id } = await greetingTask(home)
  await workUntilReview(home, id)
  const { workspace_path: worktree } = await home.task(id)
  writeFileSync(join(project, 'greet.py'), 'mine\n')
  await open(`/board/work/diff/task/${id}`)
  await expect(
    page.getByText(/^Cannot be merged: main is checked out in .+ with one changed file/),
  ).toBeVisible()
  await expect(page.getByRole('button', { name: 'Approve & merge…' })).toHaveAttribute(
    'aria-disabled',
    'true',
  )

  await page.getByRole('button', { name: 'Discard…' }).click()
  await board.dialog('Discard this work?').getByRole('button', { name: 'Discard' }).click()
  await expect(board.notice(`The worktree is in the trash; branch runboard/${id} stays`)).toBeVisible()
  expect((await home.task(id)).status).toBe('archived')
  expect(existsSync(worktree ?? '')).toBe(false)
  expect(
    execFileSync('git', ['branch', '--list', 'runboard/*'], { cwd: project, encoding: 'utf8' }),
  ).toContain(id)
  expect(readFileSync(join(project, 'greet.py'), 'utf8')).toBe('mine\n')
})

/** @returns a task in review that has added a file of 900 lines */
async function longFileTask(home: Home): Promise<string> {
  await greetingTask(home)
  await home.addProfile('lister', 'seq 1 900 > list.txt; runboard request-review --summary "A list"')
  const id = await home.create('List', '--assignee', 'lister', '--workspace', 'worktree')
  await workUntilReview(home, id)
  return id
}

test('a long file is folded and rendered in stretches, and a remark far down in it stays visible', async ({
  drawer,
  home,
  open,
  page,
  serve: _dispatching,
}) => {
  const id = await longFileTask(home)
  await open(`/board/work/diff/task/${id}`)
  const lines = page.getByRole('group', { name: 'Lines of list.txt' })
  await page.getByText('900 lines').click()
  const remarks = lines.getByRole('button', { name: /^Remark on line/ })
  await expect(remarks).toHaveCount(300)
  await lines.getByRole('button', { name: 'Show 300 of 600 more lines' }).click()
  await expect(remarks).toHaveCount(600)
  const first = lines.getByRole('button', { name: 'Remark on line 301, added: 301' })
  await expect(first).toBeFocused()

  // By keyboard the next stretch is rendered automatically.
  await lines.getByRole('button', { name: 'Remark on line 600, added: 600' }).focus()
  await page.keyboard.press('ArrowDown')
  await expect(lines.getByRole('button', { name: 'Remark on line 601, added: 601' })).toBeFocused()
  await expect(remarks).toHaveCount(900)
  await page.keyboard.press('Enter')
  const remark = page.getByRole('textbox', { name: 'Remark on line 601' })
  await remark.fill('Too many')
  // S12: left and resumed, it is unchanged.
  await page.keyboard.press('Escape')
  await expect(remark).toBeHidden()
  await lines.getByRole('button', { name: 'Remark on line 601, added: 601' }).click()
  await expect(remark).toHaveValue('Too many')
  await page.keyboard.press('Control+Enter')

  // It survives leaving the view, and a reload.
  await page.keyboard.press('u')
  await expect(drawer.panel).toBeVisible()
  await page.reload()
  await open(`/board/work/diff/task/${id}`)
  await page.getByText('900 lines').click()
  await expect(lines.getByRole('button', { name: 'Change the remark on line 601: Too many' })).toBeVisible()
})

test('keys reach the lines of a long file that no frame has rendered yet', async ({
  home,
  open,
  page,
  serve: _dispatching,
}) => {
  const id = await longFileTask(home)
  await open(`/board/work/diff/task/${id}`)
  const lines = page.getByRole('group', { name: 'Lines of list.txt' })
  await expect(page.getByText('900 lines')).toBeVisible()
  await page.evaluate(() => {
    window.requestAnimationFrame = () => 0
  })
  await page.getByText('900 lines').click()
  const remarks = lines.getByRole('button', { name: /^Remark on line/ })
  await expect(remarks).toHaveCount(30)
  await lines.getByRole('button', { name: 'Remark on line 30, added: 30' }).focus()
  await page.keyboard.press('ArrowDown')
  await expect(lines.getByRole('button', { name: 'Remark on line 31, added: 31' })).toBeFocused()
  await expect(remarks).toHaveCount(60)
})

test('a task without a worktree has no diff, and says so', async ({ complaints, home, open, page }) => {
  complaints.expect(/409/)
  const id = await home.create('Think')
  await open(`/board/work/diff/task/${id}`)
  await expect(page.getByRole('heading', { name: 'Nothing to review' })).toBeVisible()
  await expect(page.getByText(/only a worktree has a diff/)).toBeVisible()
})
