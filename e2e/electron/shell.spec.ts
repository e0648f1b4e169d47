import type { Home } from '../home.ts'
import { Serve } from '../serve.ts'
import { type Desktop, expect, test } from './fixtures.ts'

/** Starts a worker that runs until the gate is opened. */
async function startLong(home: Home, title: string): Promise<string> {
  await home.addProfile('long', `echo begun; ${home.gate('end')}`, '--completion', 'exit-code')
  return home.create(title, '--assignee', 'long')
}

/** Waits for the tray, which shows the state of the boards once their events are followed. */
async function follows(desktop: Desktop): Promise<void> {
  await expect.poll(async () => (await desktop.outside()).tray).not.toBeNull()
}

const settings = (home: Home, ...pairs: string[]) => home.cli('settings', 'set', ...pairs)

test.describe('notifications', () => {
  const block = async (home: Home, title: string) => {
    await home.cli('block', await home.create(title), '--reason', 'Which one?')
  }

  test("follow the board's level, and group a burst", async ({ home, launch }) => {
    await home.cli('boards', 'create', 'silent')
    await settings(home, 'notify_boards={"silent":"none"}')
    const desktop = await launch()
    await follows(desktop)
    await home.cli(
      '--board',
      'silent',
      'block',
      await home.create('Unheard', '--board', 'silent'),
      '--reason',
      'x',
    )
    await block(home, 'Heard')
    await expect.poll(() => desktop.told()).toEqual(['Needs you: Heard'])
    const ids = await Promise.all(['A', 'B', 'C', 'D'].map((title) => home.create(title)))
    await desktop.whileItIsStopped(() => home.cli('block', ...ids, '--reason', 'Which one?'))
    await expect.poll(() => desktop.told()).toEqual(['Needs you: Heard', '4 need you'])
  })

  test('apply a new level at once, and can cover every run that ends', async ({ home, launch }) => {
    await home.addProfile('quick', 'echo all of it', '--completion', 'exit-code')
    const desktop = await launch()
    await follows(desktop)
    await settings(home, 'notify=all')
    await home.create('Quick one', '--assignee', 'quick')
    await expect.poll(() => desktop.told()).toEqual(['Done: Quick one'])
  })

  test('retry by a button', async ({ home, launch }) => {
    const line = '[ "$RUNBOARD_ATTEMPT" = 2 ] || exit 3'
    await home.addProfile('shaky', line, '--completion', 'exit-code', '--backoff', '1h')
    await home.create('Try', '--assignee', 'shaky')
    const desktop = await launch()
    await expect.poll(() => desktop.told()).toEqual(['Crashed: Try'])
    await desktop.pressNotification('Crashed: Try')
    await expect(desktop.board.cardIn('Done', 'Try')).toBeVisible()
  })

  test('report once, at the next start, what happened while the app was closed', async ({ home, launch }) => {
    const first = await launch()
    await follows(first)
    await block(home, 'Seen')
    await expect.poll(() => first.told()).toEqual(['Needs you: Seen'])
    await first.kill()
    await block(home, 'Missed')
    await block(home, 'Missed too')

    const second = await launch()
    await expect.poll(() => second.told()).toEqual(['While Runboard was closed: 2 need you'])
    await second.clickNotification('While Runboard was closed: 2 need you')
    await expect(second.page).toHaveURL(/#\/board\/work\/inbox$/)
    await second.quit()

    const third = await launch()
    await block(home, 'Later')
    await expect.poll(() => third.told()).toEqual(['Needs you: Later'])
  })

  test('are silent in the quiet hours', async ({ home, launch }) => {
    const at = (hours: number) => new Date(Date.now() + hours * 3_600_000).toTimeString().slice(0, 5)
    // Far from both ends, even if the clocks change in that hour.
    await settings(home, `quiet_from=${at(-6)}`, `quiet_until=${at(6)}`)
    const desktop = await launch()
    await follows(desktop)
    await block(home, 'A')
    await block(home, 'B')
    await expect.poll(async () => (await desktop.outside()).tray?.count).toBe(2)
    expect(await desktop.told()).toEqual([])
    await settings(home, 'quiet_from=', 'quiet_until=')
    await expect.poll(() => desktop.told()).toEqual(['During quiet hours: 2 need you'])
  })
})

test.describe('quitting while a worker runs', () => {
  test('stops it if that is the policy; its task runs again at the next start', async ({ home, launch }) => {
    await settings(home, 'quit_policy=stop')
    const id = await startLong(home, 'Long')
    const desktop = await launch()
    await expect(desktop.board.cardIn('Running', 'Long')).toBeVisible()
    await desktop.askToQuit()
    await desktop.ended()
    expect(await home.workers()).toEqual([])
    expect(await home.task(id)).toMatchObject({ status: 'ready', held: false })
    expect(await home.runs(id)).toMatchObject([{ outcome: 'reclaimed' }])
    home.openGate('end')
    const next = await launch()
    await expect(next.board.cardIn('Done', 'Long')).toBeVisible()
  })

  test('asks if that is the policy: to stay, or to leave it running', async ({ home, launch }) => {
    await settings(home, 'quit_policy=ask')
    const id = await startLong(home, 'Long')
    const desktop = await launch()
    await expect(desktop.board.cardIn('Running', 'Long')).toBeVisible()
    await expect.poll(async () => (await desktop.outside()).tray?.labels.at(-1)).toBe('Quit…')
    await desktop.willAnswer(2)
    await desktop.askToQuit()
    await expect.poll(async () => (await desktop.outside()).questions).toEqual(['A worker is running: Long.'])
    await expect(desktop.board.cardIn('Running', 'Long')).toBeVisible()
    await desktop.willAnswer(0)
    await desktop.askToQuit()
    await desktop.ended()
    expect(await home.workers()).toMatchObject([{ task_id: id, alive: true }])
  })

  test('does not ask when the session ends', async ({ home, launch }) => {
    await settings(home, 'quit_policy=ask')
    await startLong(home, 'Long')
    const desktop = await launch()
    await expect(desktop.board.cardIn('Running', 'Long')).toBeVisible()
    await desktop.willAnswer(2)
    desktop.app.process().kill('SIGTERM')
    await desktop.ended()
    expect(await home.workers()).toMatchObject([{ alive: true }])
  })
})

test('the tray lists the newest failure, which opens its run, and pauses every board', async ({
  home,
  launch,
}) => {
  await home.addProfile('broken', 'exit 3', '--completion', 'exit-code', '--backoff', '1h')
  const id = await home.create('Breaks', '--assignee', 'broken')
  const desktop = await launch()
  const tray = async () => (await desktop.outside()).tray
  await expect
    .poll(tray)
    .toMatchObject({ count: 1, labels: expect.arrayContaining(['Failed', 'Breaks', 'Pause']) })
  await desktop.chooseInTray('Breaks')
  await expect(desktop.page).toHaveURL(new RegExp(`#/board/work/task/${id}/run/1$`))
  await expect(desktop.drawer.verdict).toContainText('Attempt 1 crashed')
  await desktop.chooseInTray('Pause')
  await expect.poll(tray).toMatchObject({ labels: expect.arrayContaining(['Resume']) })
  await expect(desktop.page.getByRole('banner')).toContainText('Paused')
})

test('the machine stays awake while a worker runs, unless it may sleep', async ({ home, launch }) => {
  await startLong(home, 'Long')
  const desktop = await launch()
  const awake = async () => (await desktop.outside()).asked.keep_awake
  await expect.poll(awake).toBe(true)
  await settings(home, 'keep_awake=false')
  await expect.poll(awake).toBe(false)
  await settings(home, 'keep_awake=')
  await expect.poll(awake).toBe(true)
  home.openGate('end')
  await expect.poll(awake).toBe(false)
})

test('the dispatcher is handed over between the app and serve, in both directions', async ({
  home,
  launch,
}) => {
  await home.addProfile('quick', 'echo done', '--completion', 'exit-code')
  const serve = await Serve.start(home)
  const desktop = await launch()
  await follows(desktop)
  expect((await home.cli.json<{ dispatcher: object }>('resume')).dispatcher).toMatchObject({ pid: serve.pid })
  await home.create('By serve', '--assignee', 'quick')
  await expect(desktop.board.cardIn('Done', 'By serve')).toBeVisible()
  await serve.stop()
  await home.create('By the app', '--assignee', 'quick')
  await expect(desktop.board.cardIn('Done', 'By the app')).toBeVisible()

  const again = await Serve.start(home)
  await desktop.quit()
  const id = await home.create('By serve again', '--assignee', 'quick')
  await expect.poll(async () => (await home.task(id)).status).toBe('done')
  await again.stop()
})

test.describe('S14: the menu of the app', () => {
  /** Every visible item, with nested ones: `Board > New Task…`. */
  const shown = (desktop: Desktop) =>
    desktop.app.evaluate(({ Menu }) => {
      const walk = (items: Electron.MenuItem[], before: string): string[] =>
        items.flatMap((item) => {
          if (!item.visible || item.type === 'separator') return []
          const label = before + item.label.replaceAll('&', '')
          return item.submenu ? walk(item.submenu.items, `${label} > `) : [label]
        })
      return walk(Menu.getApplicationMenu()?.items ?? [], '')
    })
  const choose = (desktop: Desktop, path: readonly string[]) =>
    desktop.app.evaluate(async ({ Menu }, [top, name]) => {
      await new Promise(setImmediate)
      const plain = (item: Electron.MenuItem) => item.label.replaceAll('&', '')
      const menu = Menu.getApplicationMenu()?.items.find((item) => plain(item) === top)
      menu?.submenu?.items.find((item) => plain(item) === name)?.click()
    }, path)

  test('lists every global action once, with the right name', async ({ launch }) => {
    const desktop = await launch()
    await follows(desktop)
    const items = await shown(desktop)
    expect(items).toEqual(
      expect.arrayContaining([
        'Board > New Task…',
        'Board > New Board…',
        'Go > Board',
        'Go > Inbox',
        'Go > Runs',
        'Go > Workers',
        'Go > Graph',
        'Help > Documentation',
        'Help > Keyboard Shortcuts',
        'Help > About Runboard',
      ]),
    )
    expect(items.filter((item, index) => items.indexOf(item) !== index)).toEqual([])
    expect(items.filter((item) => /zoom\s*in/i.test(item))).toHaveLength(1)
  })

  test('runs it in the window, whatever that shows', async ({ launch }) => {
    const desktop = await launch()
    await follows(desktop)
    const { board, page } = desktop
    await choose(desktop, ['Go', 'Runs'])
    await expect(page).toHaveURL(/#\/board\/work\/runs$/)
    await choose(desktop, ['Board', 'New Task…'])
    await expect(board.dialog('New task')).toBeVisible()
    await choose(desktop, ['Board', 'New Board…'])
    await expect(board.dialog('New board').getByRole('textbox', { name: 'Project folder' })).toBeFocused()
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')
    await choose(desktop, ['Help', 'Keyboard Shortcuts'])
    await expect(board.dialog('Keyboard shortcuts')).toBeVisible()
    await choose(desktop, ['Help', 'Documentation'])
    const opened = () => desktop.app.evaluate(() => globalThis.runboardE2e?.openedOutside)
    await expect.poll(opened).toEqual([expect.stringMatching(/docs[/\\]guide\.md$/)])
  })
})
