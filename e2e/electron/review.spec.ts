import { openKernel } from '../../kernel/index.ts'
import { greetingTask, workUntilReview } from '../project.ts'
import { expect, test } from './fixtures.ts'

test('a review with its diff is sent back with a remark, and approved at the second attempt', async ({
  home,
  launch,
}) => {
  const { id } = await greetingTask(home)
  const { board, drawer, page } = await launch()
  await workUntilReview(home, id)
  await board.cardIn('Review', 'Greet louder').getByRole('link').click()
  await drawer.panel.getByRole('link', { name: /Review changes/ }).click()
  const lines = page.getByRole('group', { name: 'Lines of greet.py' })
  await expect(lines).toContainText('print("hello 1")')
  await lines.getByRole('button', { name: /^Remark on line 2, added/ }).click()
  await page.getByRole('textbox', { name: 'Remark on line 2' }).fill('Use the name')
  await page.keyboard.press('Control+Enter')
  await page.getByRole('button', { name: 'Request changes… (1)' }).click()
  await expect(board.dialog('Request changes').getByRole('textbox')).toHaveValue(/Use the name$/)
  await page.keyboard.press('Control+Enter')
  await expect
    .poll(async () => (await home.runs(id)).map(({ outcome }) => outcome), { timeout: 20_000 })
    .toEqual(['review_requested', 'review_requested'])
  await expect(lines).toContainText('print("hello 2 1")')
  await page.getByRole('button', { name: 'Approve without merging…' }).click()
  await board
    .dialog('Approve without merging?')
    .getByRole('button', { name: 'Approve without merging' })
    .click()
  await expect(board.notice(/^Approved: “Greet louder”/)).toBeVisible()
  expect((await home.task(id)).status).toBe('done')
  expect((await home.runs(id)).map(({ outcome }) => outcome)).toEqual([
    'review_requested',
    'review_requested',
  ])
})

test('a large graph is laid out in a worker thread, under the policy of the app’s own scheme', async ({
  home,
  launch,
}) => {
  const kernel = openKernel({ home: home.path })
  const person = { actor: 'ada', trigger: 'human', board: 'work' } as const
  const ids: string[] = []
  for (let index = 0; index < 520; index++) {
    const parents = index === 0 ? [] : [ids[Math.floor((index - 1) / 3)] ?? '']
    ids.push((await kernel.call('task.create', { title: `Step ${index}`, parents }, person)).task.id)
  }
  await kernel.close()
  const { page } = await launch()
  await page.getByRole('link', { name: 'Graph' }).click()
  await expect(page.getByRole('status').filter({ hasText: '520 linked tasks' })).toBeVisible({
    timeout: 30_000,
  })
  await page.keyboard.press('+')
  await expect(page.getByRole('link', { name: /^Step \d+, / }).first()).toBeVisible()
})
