import type { Home } from '../home.ts'
import { expect, test } from './fixtures.ts'

async function block(home: Home, title: string): Promise<string> {
  const id = await home.create(title)
  await home.cli('block', id, '--reason', 'Which one?')
  return id
}

/** A task whose only attempt fails. */
async function fail(home: Home, title: string): Promise<string> {
  await home.addProfile('broken', 'exit 3', '--completion', 'exit-code', '--backoff', '1h')
  return home.create(title, '--assignee', 'broken')
}

test('the icon in the panel shows the state, and how many tasks to look at', async ({
  home,
  launch,
  session,
}) => {
  await launch()
  await session.showsIcon('idle', 0)
  const asking = await block(home, 'Which colour')
  await session.showsIcon('needs_you', 1)
  const failing = await fail(home, 'Breaks')
  await session.showsIcon('error', 2)
  await home.cli('complete', asking, failing)
  await session.showsIcon('idle', 0)
})

test('the menu of the icon opens a failed run, pauses and quits', async ({ home, launch, session }) => {
  const desktop = await launch()
  const id = await fail(home, 'Breaks & burns')
  await session.showsIcon('error', 1)
  await expect
    .poll(() => session.menuLabels())
    .toEqual(expect.arrayContaining(['Failed', 'Open work', 'Pause']))
  await session.choose('Breaks & burns')
  await expect(desktop.page).toHaveURL(new RegExp(`#/board/work/task/${id}/run/1$`))
  await session.choose('Pause')
  await expect(desktop.page.getByRole('banner')).toContainText('Paused')
  await expect.poll(() => session.menuLabels()).toContain('Resume')
  await session.choose('Quit (workers keep running)')
  await desktop.ended()
})

test('a click on a notification opens its run', async ({ home, launch, session }) => {
  const desktop = await launch()
  await session.showsIcon('idle', 0)
  const id = await fail(home, 'Breaks')
  await session.clickNotification()
  await expect(desktop.page).toHaveURL(new RegExp(`#/board/work/task/${id}/run/1$`))
  await expect(desktop.drawer.verdict).toContainText('Attempt 1 crashed')
  expect(await session.notified()).toEqual(['Crashed: Breaks'])
})

test('quiet hours hold notifications back until they end', async ({ home, launch, session }) => {
  const at = (hours: number) => new Date(Date.now() + hours * 3_600_000).toTimeString().slice(0, 5)
  // Far from both ends, even if the clocks change in that hour.
  await home.cli('settings', 'set', `quiet_from=${at(-6)}`, `quiet_until=${at(6)}`)
  await launch()
  await block(home, 'A')
  await block(home, 'B')
  await session.showsIcon('needs_you', 2)
  expect(await session.notified()).toEqual([])
  await home.cli('settings', 'set', 'quiet_from=', 'quiet_until=')
  await expect.poll(() => session.notified()).toEqual(['During quiet hours: 2 need you'])
})

test('what happened while the app was closed is notified once, at the next start', async ({
  home,
  launch,
  session,
}) => {
  const first = await launch()
  await session.showsIcon('idle', 0)
  await block(home, 'Seen')
  await expect.poll(() => session.notified()).toEqual(['Needs you: Seen'])
  await session.choose('Quit (workers keep running)')
  await first.ended()
  await block(home, 'Missed')
  await block(home, 'Missed too')

  const second = await launch()
  await session.clickNotification()
  await expect(second.page).toHaveURL(/#\/board\/work\/inbox$/)
  await second.quit()

  await launch()
  await session.showsIcon('needs_you', 3)
  await block(home, 'Later')
  await expect
    .poll(() => session.notified())
    .toEqual(['Needs you: Seen', 'While Runboard was closed: 2 need you', 'Needs you: Later'])
})

test('started with the session it shows no window until its icon is clicked', async ({
  home,
  launch,
  session,
}) => {
  await home.create('Here')
  const starting = launch('--hidden')
  const icon = await session.showsIcon('idle', 0)
  expect(await session.windows()).toBe(0)
  await session.click(icon)
  const desktop = await starting
  await expect(desktop.board.card('Here')).toBeVisible()
  await expect.poll(() => session.windows()).toBe(1)
})

test('it stays in the tray when its last window is closed, says so once, and comes back by a click', async ({
  launch,
  session,
}) => {
  const desktop = await launch()
  const icon = await session.showsIcon('idle', 0)
  const close = () =>
    desktop.app.evaluate(({ BrowserWindow }) => {
      for (const window of BrowserWindow.getAllWindows()) window.close()
    })
  await close()
  await expect.poll(() => session.notified()).toEqual(['Runboard is still running'])
  expect(await session.windows()).toBe(0)
  const opened = desktop.app.waitForEvent('window')
  await session.click(icon)
  await expect((await opened).getByRole('heading', { name: 'No tasks yet' })).toBeVisible()
  await close()
  await expect.poll(() => session.windows()).toBe(0)
  expect(await session.notified()).toEqual(['Runboard is still running'])
})
