import { Desktop, expect, test } from './fixtures.ts'

test.describe('without any board', () => {
  test.use({ boards: 'none' })

  test('the first start shows the demo board, at work', async ({ launch }) => {
    const { board, page } = await launch()
    await expect(page).toHaveTitle('Demo · Runboard')
    await expect(board.cardIn('Done', 'Count the lines of the project')).toBeVisible({ timeout: 30_000 })
  })
})

test('the page can reach nothing of the system except its port', async ({ launch }) => {
  const { app, page } = await launch()
  await expect(page.getByRole('heading', { name: 'No tasks yet' })).toBeVisible()
  expect(
    await page.evaluate(() => [
      typeof globalThis.process,
      typeof globalThis.require,
      window.open('https://example.org'),
    ]),
  ).toEqual(['undefined', 'undefined', null])
  await expect
    .poll(() => app.evaluate(() => globalThis.runboardE2e?.openedOutside))
    .toEqual(['https://example.org/'])
  expect(app.windows()).toHaveLength(1)
})

test('a reload of the window keeps the board live', async ({ home, launch }) => {
  const { app, board, page } = await launch()
  await expect(page.getByRole('heading', { name: 'No tasks yet' })).toBeVisible()
  const loaded = page.waitForEvent('load')
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.webContents.reload())
  await loaded
  await home.create('After the reload')
  await expect(board.cardIn('Ready', 'After the reload')).toBeVisible()
})

test('a window whose process crashes comes back with the board', async ({ complaints, home, launch }) => {
  complaints.expect(/crash/i)
  await home.create('Still there')
  const { app, board } = await launch()
  await expect(board.card('Still there')).toBeVisible()
  // The frame of the crashed process does not respond: wait for the page of the new one.
  await app.evaluate(({ BrowserWindow }) => {
    const contents = BrowserWindow.getAllWindows()[0]?.webContents
    const reloaded = new Promise<void>((resolve) => contents?.once('did-finish-load', () => resolve()))
    contents?.forcefullyCrashRenderer()
    return reloaded
  })
  // Playwright's page is gone with its process, so the text is read through the main process.
  await expect
    .poll(() =>
      app.evaluate(
        ({ BrowserWindow }) =>
          BrowserWindow.getAllWindows()[0]?.webContents.executeJavaScript(
            'document.body.innerText',
          ) as Promise<string>,
      ),
    )
    .toContain('Still there')
})

test('a second start brings the first window to the front, at the place of its link', async ({
  home,
  launch,
}) => {
  const id = await home.create('Linked to')
  const { app, board, page } = await launch()
  await expect(board.card('Linked to')).toBeVisible()
  await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide())

  await Desktop.startAgain(home, `runboard://board/work/task/${id}`)
  await expect(page).toHaveURL(new RegExp(`#/board/work/task/${id}$`))
  expect(app.windows()).toHaveLength(1)
  await expect
    .poll(() => app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.isVisible()))
    .toBe(true)
})

test('a window reopens at its old position, on its board, with the same size and zoom', async ({
  home,
  launch,
}) => {
  await home.cli('boards', 'create', 'other')
  const look = (desktop: Desktop) =>
    desktop.app.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows()
      return { bounds: window?.getBounds(), zoom: window?.webContents.getZoomLevel() }
    })
  const first = await launch('runboard://board/other')
  await expect(first.page).toHaveTitle('other · Runboard')
  const bounds = { x: 60, y: 40, width: 900, height: 620 }
  await first.app.evaluate(({ BrowserWindow }, wanted) => {
    const [window] = BrowserWindow.getAllWindows()
    window?.setBounds(wanted)
    window?.webContents.setZoomLevel(1)
  }, bounds)
  await expect.poll(() => look(first)).toEqual({ bounds, zoom: 1 })
  await first.quit()

  const second = await launch()
  await expect(second.page).toHaveTitle('other · Runboard')
  await expect.poll(() => look(second)).toEqual({ bounds, zoom: 1 })
})

test('a window is never larger than its screen', async ({ launch }) => {
  const look = ({ app }: Desktop) =>
    app.evaluate(({ BrowserWindow, screen }) => {
      const [window] = BrowserWindow.getAllWindows()
      const { width, height } = screen.getPrimaryDisplay().workAreaSize
      return { size: window?.getSize(), screen: [width, height] }
    })
  const first = await launch()
  const { size, screen } = await look(first)
  expect(size).toEqual([Math.min(1360, screen[0]!), Math.min(880, screen[1]!)])

  // As left on a larger screen that is no longer connected.
  await first.app.evaluate(({ BrowserWindow }) => {
    BrowserWindow.getAllWindows()[0]?.setBounds({ x: 0, y: 0, width: 3000, height: 2000 })
  })
  await expect.poll(async () => (await look(first)).size).toEqual([3000, 2000])
  await first.quit()
  const [width, height] = (await look(await launch())).size!
  // Chromium leaves one pixel free where a window would look like full screen.
  expect([0, 1]).toContain(screen[0]! - width!)
  expect([0, 1]).toContain(screen[1]! - height!)
})
