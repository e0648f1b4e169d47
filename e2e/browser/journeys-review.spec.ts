import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '../fixtures.ts'
import type { Home } from '../home.ts'
import { AUTHOR, greetingProject } from '../project.ts'
import { Steps } from '../steps.ts'

// From a new task to a merged branch. The limits are the present numbers of steps: they may shrink, not grow.

/** A review makes many git calls, perhaps on a busy machine. */
const PATIENT = { timeout: 30_000 }
const TITLE = 'Greet louder'
const ERROR = 'error: no such greeting: shout'

/** A worker that fails at its first attempt, and asks for a review at each later one. */
async function prepare(home: Home): Promise<string> {
  const project = await greetingProject(home)
  const first = `if [ "$RUNBOARD_ATTEMPT" = 1 ]; then echo "${ERROR}" >&2; exit 3; fi`
  await home.addProfile('author', `${first}; ${AUTHOR}`, '--backoff', '1h')
  await home.addProfile('other', 'true')
  return project
}

const onlyTask = async (home: Home) => {
  const [task] = (await home.cli.json<{ tasks: { id: string }[] }>('list')).tasks
  return home.task(task?.id ?? '')
}

async function expectMergedAndCleared(home: Home, project: string): Promise<void> {
  await expect
    .poll(async () => {
      const { workspace_path: worktree } = await onlyTask(home)
      return worktree === null || !existsSync(worktree)
    }, PATIENT)
    .toBe(true)
  expect(readFileSync(join(project, 'greet.py'), 'utf8')).toContain('hello 3 2')
  expect((await onlyTask(home)).merge_state).toBe('merged')
}

test('from a failure to a merge, by mouse', async ({ board, drawer, home, open, page }) => {
  test.slow()
  const project = await prepare(home)
  await open()
  const steps = new Steps(page)
  const dialog = board.dialog('New task')
  await steps.click(page.getByRole('button', { name: 'New task' }).first())
  await expect(dialog.getByLabel('Title')).toBeFocused()
  await steps.type(TITLE)
  await steps.choose(dialog.getByLabel('Assignee'), 'author')
  await steps.click(dialog.getByRole('button', { name: 'Create', exact: true }))
  await expect(board.card(TITLE)).toContainText('crashed', PATIENT)
  expect(steps.count, 'create').toBeLessThanOrEqual(5)

  // The drawer says why without another click.
  await steps.click(board.card(TITLE))
  await expect(drawer.verdict).toContainText(ERROR)
  await steps.click(drawer.head(1))
  await steps.click(drawer.run(1).getByRole('button', { name: 'Retry…' }))
  await expect(board.dialog('Retry').getByLabel('Note')).toBeFocused()
  await steps.type('Say hello, do not shout')
  await steps.click(board.dialog('Retry').getByLabel('Model'))
  await steps.type('large')
  await steps.click(board.dialog('Retry').getByRole('button', { name: 'Retry' }))
  await expect(drawer.verdict).toContainText('Attempt 2 asks for a review', PATIENT)
  expect(steps.count, 'understand and retry').toBeLessThanOrEqual(12)

  await steps.click(drawer.head(2))
  await steps.click(drawer.run(2).getByRole('tab', { name: 'Changes' }))
  const compared = drawer.run(2).getByRole('tabpanel', { name: 'Changes' })
  await expect(compared).toContainText('large')
  await expect(compared).toContainText('Say hello, do not shout')
  expect(steps.count, 'compare').toBeLessThanOrEqual(14)

  await steps.click(drawer.verdict.getByRole('button', { name: 'Review changes' }))
  const lines = page.getByRole('group', { name: 'Lines of greet.py' })
  for (const [line, text] of [
    [/^Remark on line 1: def greet/, 'Say what it does'],
    [/^Remark on line 2, added/, 'Use the name'],
  ] as const) {
    await steps.click(lines.getByRole('button', { name: line }))
    await expect(page.getByRole('textbox', { name: /^Remark on line/ })).toBeFocused()
    await steps.type(text)
    await steps.click(page.getByRole('button', { name: 'Keep' }))
  }
  await steps.click(page.getByRole('button', { name: 'Request changes… (2)' }))
  await steps.click(board.dialog('Request changes').getByRole('button', { name: 'Send back' }))
  await expect(lines).toContainText('print("hello 3 2")', PATIENT)
  expect(steps.count, 'review').toBeLessThanOrEqual(23)

  await steps.choose(page.getByRole('combobox', { name: 'Compare with' }), 'Since the review of attempt 2')
  await expect(lines.getByRole('button', { name: /removed: print\("hello 2"\)/ })).toBeVisible(PATIENT)
  await steps.click(page.getByRole('button', { name: 'Approve & merge…' }))
  await steps.click(board.dialog('Merge into main').getByRole('button', { name: 'Approve & merge' }))
  await expect(page.getByText(/^Merged as \w{9} into main by/)).toBeVisible(PATIENT)
  await steps.click(page.getByRole('button', { name: 'Remove worktree and branch…' }))
  await steps.click(board.dialog(/^Remove worktree/).getByRole('button', { name: 'Remove' }))
  await expectMergedAndCleared(home, project)
  expect(steps.count, 'the whole journey').toBeLessThanOrEqual(29)
})

test('from a failure to a merge, by keyboard alone', async ({ board, drawer, home, open, page }) => {
  test.slow()
  const project = await prepare(home)
  await open()
  const steps = new Steps(page)
  await steps.press('c')
  await expect(board.dialog('New task').getByLabel('Title')).toBeFocused()
  await steps.type(TITLE)
  await expect(board.dialog('New task').getByLabel('Assignee')).toContainText('author') // once the profiles are read
  await steps.pressUntil('Tab', board.dialog('New task').getByLabel('Assignee'))
  await steps.type('author')
  await steps.press('Control+Enter')
  await expect(board.card(TITLE)).toContainText('crashed', PATIENT)
  expect(steps.count, 'create').toBeLessThanOrEqual(6)

  await steps.press('ArrowDown', 'Enter')
  await expect(drawer.verdict).toContainText(ERROR)
  await steps.press('Shift+R')
  await expect(board.dialog('Retry').getByLabel('Note')).toBeFocused()
  await steps.type('Say hello, do not shout')
  await steps.pressUntil('Tab', board.dialog('Retry').getByLabel('Model'))
  await steps.type('large')
  await steps.press('Control+Enter')
  await expect(drawer.verdict).toContainText('Attempt 2 asks for a review', PATIENT)
  expect(steps.count, 'understand and retry').toBeLessThanOrEqual(14)

  await steps.press('Shift+D')
  const compared = drawer.run(2).getByRole('tabpanel', { name: 'Changes' })
  await expect(compared).toContainText('Say hello, do not shout')
  expect(steps.count, 'compare').toBeLessThanOrEqual(15)

  await expect(drawer.verdict.getByRole('button', { name: 'Review changes' })).toBeVisible(PATIENT)
  await steps.press('d')
  const lines = page.getByRole('group', { name: 'Lines of greet.py' })
  await expect(lines).toContainText('print("hello 2")', PATIENT)
  await steps.press('n', 'c')
  await expect(page.getByRole('textbox', { name: /^Remark on line/ })).toBeFocused()
  await steps.type('Keep the old greeting, too')
  await steps.press('Control+Enter')
  await expect(lines.getByRole('button', { name: /^Remark on line 2, removed/ })).toBeFocused()
  await steps.press('j', 'c')
  await expect(page.getByRole('textbox', { name: /^Remark on line/ })).toBeFocused()
  await steps.type('Use the name')
  await steps.press('Control+Enter', 'r')
  await expect(board.dialog('Request changes').getByRole('textbox')).toHaveValue(/Use the name/)
  await steps.press('Control+Enter')
  await expect(lines).toContainText('print("hello 3 2")', PATIENT)
  expect(steps.count, 'review').toBeLessThanOrEqual(26)

  await steps.press('l')
  await expect(lines.getByRole('button', { name: /removed: print\("hello 2"\)/ })).toBeVisible(PATIENT)
  await steps.press('m')
  await expect(board.dialog('Merge into main')).toBeVisible()
  await steps.press('Control+Enter')
  await expect(page.getByText(/^Merged as \w{9} into main by/)).toBeVisible(PATIENT)
  await steps.press('x')
  await expect(board.dialog(/^Remove worktree/)).toBeVisible()
  await steps.press('Control+Enter')
  await expectMergedAndCleared(home, project)
  expect(steps.count, 'the whole journey').toBeLessThanOrEqual(31)
})
