import { expect, test } from './fixtures.ts'

const zone = process.env.TZ

// Failures “today” are counted from midnight, so the app runs in a time zone where it is noon now.
test.beforeAll(() => {
  process.env.TZ = zoneAtNoon(new Date())
})

test.afterAll(() => {
  if (zone === undefined) delete process.env.TZ
  else process.env.TZ = zone
})

/** @returns a time zone in which it is between noon and one o'clock; the sign follows POSIX, which counts westwards */
function zoneAtNoon(now: Date): string {
  const east = 12 - now.getUTCHours()
  return `Etc/GMT${east > 0 ? '-' : '+'}${Math.abs(east)}`
}

test('a task created in the window fails, causes a notification, is retried and succeeds; the drawer shows both runs', async ({
  home,
  launch,
}) => {
  const line = [
    'echo "Attempt $RUNBOARD_ATTEMPT"',
    'if [ "$RUNBOARD_ATTEMPT" = 1 ]; then echo "store: connection refused"; exit 3; fi',
    `runboard complete --summary "The store is up" --metadata '{"changed_files":["login.ts"]}'`,
  ].join('\n')
  await home.addProfile('shaky', line, '--backoff', '1h')
  const desktop = await launch()
  const { board, drawer, page } = desktop
  await page.getByRole('button', { name: 'New task' }).first().click()
  const dialog = board.dialog('New task')
  await dialog.getByLabel('Title').fill('Fix the login')
  await dialog.getByLabel('Assignee').selectOption('shaky')
  await page.keyboard.press('Control+Enter')
  await expect(board.cardIn('Ready', 'Fix the login')).toContainText('crashed')

  // Notified outside of the window too, with what comes next.
  await expect
    .poll(async () => (await desktop.outside()).notifications)
    .toEqual([
      {
        title: 'Crashed: Fix the login',
        body: expect.stringMatching(/Retries in \d+ min/),
        actions: ['Retry'],
      },
    ])
  await expect
    .poll(async () => (await desktop.outside()).tray)
    .toMatchObject({
      count: 1,
      tooltip: 'Runboard: 1 failed',
      labels: expect.arrayContaining(['Failed', 'Fix the login', 'Open work', 'Pause']),
    })
  await desktop.clickNotification('Crashed: Fix the login')
  await expect(drawer.verdict).toContainText('Attempt 1 crashed: exit 3')
  await expect(drawer.head(1)).toHaveAttribute('aria-expanded', 'true')
  await expect(drawer.log(1)).toContainText('store: connection refused')

  await drawer.verdict.getByRole('button', { name: 'Retry' }).click()
  await expect(drawer.verdict).toContainText('Attempt 2 completed')
  await expect(board.cardIn('Done', 'Fix the login')).toBeVisible()
  await expect(drawer.rows).toHaveCount(2)
  await expect(drawer.head(1)).toContainText(/crashed.*shaky/s)
  await drawer.head(2).click()
  await expect(drawer.run(2).getByRole('region', { name: 'Handoff' })).toContainText('The store is up')
  await expect(drawer.run(2).getByRole('region', { name: 'Handoff' })).toContainText('login.ts')
  await drawer.tab(2, 'Log')
  await expect(drawer.log(2)).toContainText('Attempt 2')
  await expect.poll(async () => (await desktop.outside()).tray?.count).toBe(0)
})

test('a question causes a notification, and is answered in the drawer', async ({ home, launch }) => {
  const line =
    'if [ "$RUNBOARD_ATTEMPT" = 1 ]; then runboard block --reason "Red or blue?"; else runboard complete --summary Painted; fi'
  await home.addProfile('asker', line)
  const desktop = await launch()
  const { board, drawer, page } = desktop
  await home.create('Paint the door', '--assignee', 'asker')
  await expect
    .poll(async () => (await desktop.outside()).notifications)
    .toEqual([
      { title: 'Needs you: Paint the door', body: 'Red or blue?\nWaits for your answer.', actions: [] },
    ])
  await expect.poll(async () => (await desktop.outside()).tray?.tooltip).toBe('Runboard: 1 needs you')
  await desktop.clickNotification('Needs you: Paint the door')
  await drawer.verdict.getByRole('textbox', { name: 'Your answer' }).fill('Blue')
  await page.keyboard.press('Control+Enter')
  await expect(board.cardIn('Done', 'Paint the door')).toBeVisible()
})

test('a running worker is stopped from the window', async ({ home, launch }) => {
  await home.addProfile('long', `echo begun; ${home.gate('never')}`)
  const { board, drawer } = await launch()
  const id = await home.create('Takes its time', '--assignee', 'long')
  const card = board.cardIn('Running', 'Takes its time')
  await card.getByRole('link').click()
  await expect(drawer.verdict).toContainText('Attempt 1 is running')
  await drawer.head(1).click()
  await expect(drawer.log(1)).toContainText('begun')
  await drawer.run(1).getByRole('button', { name: 'Stop', exact: true }).click()
  await board.dialog('Stop this worker?').getByRole('button', { name: 'Stop' }).click()
  await expect(drawer.verdict).toContainText('Attempt 1 was stopped')
  expect(await home.workers()).toEqual([])
  expect(await home.task(id)).toMatchObject({ status: 'ready', held: true })
})

test('a worker gets no open file of the app except its context and its log', async ({ home, launch }) => {
  await home.addProfile('nosy', 'ls /proc/$$/fd', '--completion', 'exit-code')
  const id = await home.create('Look around', '--assignee', 'nosy')
  const { board } = await launch()
  await expect(board.cardIn('Done', 'Look around')).toBeVisible()
  expect(await home.cli('log', id)).toBe('0\n1\n2')
})
