import { type Desktop, expect, test } from './fixtures.ts'

// Electron's security checklist (electronjs.org/docs/latest/tutorial/security), point by point; docs/security.md has
// the table.

const opened = ({ app }: Desktop) => app.evaluate(() => globalThis.runboardE2e?.openedOutside)

test('the page is sandboxed and isolated, and gets plain data and one port', async ({ launch }) => {
  const { app, page } = await launch()
  const preferences = await app.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows()
    // Not in Electron's types: the actual preferences of the page, with defaults.
    const contents = window?.webContents as unknown as { getLastWebPreferences(): Record<string, unknown> }
    return contents.getLastWebPreferences()
  })
  expect(preferences).toMatchObject({
    nodeIntegration: false,
    contextIsolation: true,
    sandbox: true,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
  })
  expect(preferences['enableBlinkFeatures'] ?? '').toBe('')
  expect(
    await page.evaluate(() => {
      const kinds = (value: unknown): string[] =>
        typeof value === 'object' && value !== null ? Object.values(value).flatMap(kinds) : [typeof value]
      const { runboardShell } = window as unknown as { runboardShell: unknown }
      return [...new Set(kinds(runboardShell))].sort()
    }),
  ).toEqual(['boolean', 'function', 'string'])
  expect(await page.evaluate(() => [typeof globalThis.process, typeof globalThis.require])).toEqual([
    'undefined',
    'undefined',
  ])
})

test('a page may ask for a path, and the main process answers no other message', async ({
  complaints,
  launch,
}) => {
  complaints.expect(/^Error occurred in handler for 'pick-path'/, /^ +at /)
  const { app, page } = await launch()
  // Electron itself listens for its own errors.
  expect(await app.evaluate(({ ipcMain }) => ipcMain.eventNames())).toEqual(['error'])
  const ask = (request: unknown) =>
    page.evaluate(async (given) => {
      const shell = window as unknown as {
        runboardShell: { pickPath: (request: unknown) => Promise<unknown> }
      }
      return shell.runboardShell.pickPath(given).catch((error: unknown) => String(error))
    }, request)
  for (const request of [
    null,
    'folder',
    { kind: 'any', title: 'x', start: null },
    { kind: 'file', start: null },
  ])
    expect(await ask(request)).toContain('The request must name a kind, a title and a start.')
  expect(await ask({ kind: 'folder', title: 'Project folder', start: null })).toBeNull()
  expect(await app.evaluate(() => globalThis.runboardE2e?.picks)).toEqual([
    { kind: 'folder', title: 'Project folder' },
  ])
})

test('the page loads and runs only its own files', async ({ complaints, launch }) => {
  complaints.expect(/Content Security Policy/, /ERR_BLOCKED_BY_CSP|Failed to load|net::/, /--trace-warnings/)
  const { page } = await launch()
  const outcome = await page.evaluate(async () => {
    const script = document.createElement('script')
    script.textContent = 'window.ranInline = true'
    document.body.append(script)
    const frame = document.createElement('iframe')
    frame.src = 'https://example.org/'
    document.body.append(frame)
    const tried = async (attempt: () => unknown) => {
      try {
        await attempt()
        return 'done'
      } catch {
        return 'refused'
      }
    }
    const button = document.createElement('button')
    button.setAttribute('onclick', 'window.ranHandler = true')
    button.click()
    return {
      inline: 'ranInline' in window,
      handler: 'ranHandler' in window,
      fetch: await tried(() => fetch('https://example.org/')),
      frame: frame.contentDocument?.body?.childElementCount ?? 0,
    }
  })
  expect(outcome).toEqual({ inline: false, handler: false, fetch: 'refused', frame: 0 })
})

test('only the built page is served under its scheme', async ({ complaints, launch }) => {
  complaints.expect(/404|Content Security Policy|Failed to load/)
  const { page } = await launch()
  const statuses = await page.evaluate(async () => {
    const paths = [
      '/index.html',
      '/../main/index.cjs',
      '/%2e%2e/main/index.cjs',
      '/..%2fmain/index.cjs',
      '/no.js',
    ]
    const answers = await Promise.all(paths.map((path) => fetch(path)))
    const posted = await fetch('/index.html', { method: 'POST' })
    return [...answers, posted].map(({ status }) => status)
  })
  expect(statuses).toEqual([200, 404, 404, 404, 404, 404])
})

test('the page cannot navigate away, and only web and mail links are passed on', async ({
  complaints,
  launch,
}) => {
  complaints.expect(/Not allowed to (load|navigate)/, /Content Security Policy/)
  const desktop = await launch()
  const { app, page } = desktop
  const address = page.url()
  await page.evaluate(() => {
    for (const url of [
      'file:///etc/passwd',
      'javascript:document.title="x"',
      'smb://host/share',
      'data:text/html,x',
    ]) {
      window.open(url)
      const link = document.createElement('a')
      link.href = url
      document.body.append(link)
      link.click()
    }
    window.open('mailto:ada@example.org')
    window.location.href = 'https://example.org/away'
  })
  await expect.poll(() => opened(desktop)).toEqual(['mailto:ada@example.org', 'https://example.org/away'])
  expect(page.url()).toBe(address)
  expect(await page.title()).not.toBe('x')
  expect(app.windows()).toHaveLength(1)
})

test('the page has no permission except to copy', async ({ launch }) => {
  const { page } = await launch()
  const states = await page.evaluate(async () => {
    const stateOf = async (name: string) =>
      (await navigator.permissions.query({ name: name as PermissionName })).state
    const media = navigator.mediaDevices.getUserMedia({ audio: true }).then(
      () => 'granted',
      () => 'denied',
    )
    return {
      camera: await stateOf('camera'),
      geolocation: await stateOf('geolocation'),
      notifications: await Notification.requestPermission(),
      media: await media,
    }
  })
  expect(states).toEqual({
    camera: 'denied',
    geolocation: 'denied',
    notifications: 'denied',
    media: 'denied',
  })
})
