import { expect, test } from '../fixtures.ts'

test('a name without a break is cut at the edge of its card', async ({ board, home, open, page }) => {
  const name = 'reviewer-of-everything-with-a-name-that-goes-on-and-on'
  await home.addProfile(name, 'exit 0')
  await home.create('Look', '--assignee', name, '--hold')
  await page.setViewportSize({ width: 800, height: 800 })
  await open('/board/work')
  const card = board.card('Look')
  await expect(card).toBeVisible()
  expect(await card.evaluate((element) => element.scrollWidth - element.clientWidth)).toBe(0)
})

test('in a narrow window no part of the header overlaps another', async ({ home, open, page }) => {
  await home.addProfile('broken', 'exit 1', '--failure-limit', '1')
  await home.create('Fail', '--assignee', 'broken')
  await page.setViewportSize({ width: 480, height: 800 })
  await open('/board/work')
  await expect(page.getByRole('button', { name: '1 needs you' })).toBeVisible()
  const boxes = await page
    .getByRole('banner')
    .locator('button:visible, a:visible')
    .evaluateAll((elements) => elements.map((element) => element.getBoundingClientRect().toJSON() as DOMRect))
  expect(boxes.length).toBeGreaterThan(9)
  for (const [index, box] of boxes.entries()) {
    expect(box.left).toBeGreaterThanOrEqual(boxes[index - 1]?.right ?? 0)
    expect(box.right).toBeLessThanOrEqual(480)
  }
})

test('live workers are listed with their logs, and can be stopped there', async ({
  board,
  drawer,
  home,
  open,
  page,
}) => {
  await home.addProfile(
    'builder',
    `echo "building $RUNBOARD_TASK"; ${home.gate('never')}`,
    '--max-concurrent',
    '2',
  )
  await home.create('Build for arm', '--assignee', 'builder')
  await home.create('Build for intel', '--assignee', 'builder')
  await open('/board/work/workers')
  const list = page.getByRole('list', { name: 'Live processes' })
  await expect(list.getByRole('button')).toHaveCount(2)
  const pids = (await home.workers()).map((worker) => `pid ${worker.worker_pid}`)
  for (const pid of pids) await expect(list).toContainText(pid)
  await expect(page.getByRole('main')).toContainText('2 of 2 running')

  await list.getByRole('button', { name: /^Build for intel/ }).click()
  await expect(page.getByRole('region', { name: /^Log of Build for intel/ })).toContainText('building t_')
  await page.keyboard.press('s')
  await board.dialog('Stop this worker?').getByRole('button', { name: 'Stop' }).click()
  await expect(list.getByRole('button')).toHaveCount(1)
  await expect(list).toContainText('Build for arm')

  await page
    .getByRole('region', { name: 'Log of the chosen worker' })
    .getByRole('button', { name: 'Open' })
    .click()
  await expect(drawer.verdict).toContainText('Attempt 1 is running')
})

test('every run of the board is in one list, filtered by the address', async ({
  drawer,
  home,
  open,
  page,
}) => {
  const line =
    'if [ "$RUNBOARD_ATTEMPT" = 1 ]; then exit 1; fi; runboard complete --summary "Second time lucky"'
  await home.addProfile('shaky', line, '--backoff', '0')
  await home.addProfile('good', 'runboard complete --summary Fine')
  await home.create('Try twice', '--assignee', 'shaky')
  await home.create('Try once', '--assignee', 'good')
  await open('/board/work/runs')
  const rows = page.getByRole('main').getByRole('link')
  await expect(rows).toHaveCount(3)
  await page.getByRole('button', { name: 'Failed', exact: true }).click()
  await expect(rows).toHaveCount(1)
  await expect(rows).toContainText(/crashed.*Try twice.*#1/)
  await page.reload()
  await expect(rows).toHaveCount(1)
  await rows.click()
  await expect(drawer.head(1)).toHaveAttribute('aria-expanded', 'true')
  await page.keyboard.press('Escape')
  await expect(drawer.panel).toBeHidden()
  await expect(rows).toHaveCount(1)
})

test('a paused board claims nothing, and continues when it is resumed', async ({
  board,
  home,
  open,
  page,
}) => {
  await home.addProfile('good', 'runboard complete --summary Fine')
  await open()
  await page.getByRole('button', { name: /^Pause/ }).click()
  const dispatcher = page.getByRole('banner').getByRole('status').first()
  await expect(dispatcher).toContainText('Paused')
  await home.create('Wait a moment', '--assignee', 'good')
  await expect(board.cardIn('Ready', 'Wait a moment')).toBeVisible()
  await page.getByRole('button', { name: /^Resume/ }).click()
  await expect(board.cardIn('Done', 'Wait a moment')).toBeVisible()
  await expect(dispatcher).not.toContainText('Paused')
})
