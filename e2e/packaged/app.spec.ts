import { execFile, execFileSync } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { findAppImage } from '../find-package.ts'
import { environmentOf, type Home } from '../home.ts'
import { TaskDrawer } from '../task-drawer.ts'
import { expect, PackagedApp, test } from './fixtures.ts'

test.describe('without any board', () => {
  test.use({ boards: 'none' })

  test('the first start shows the demo board, whose workers find their scripts and the command', async ({
    launch,
  }) => {
    const { board, page } = await launch()
    await expect(page).toHaveTitle('Demo · Runboard')
    await expect(board.cardIn('Done', 'Count the lines of the project')).toBeVisible({ timeout: 30_000 })
    await expect(board.cardIn('Done', 'Write the brief for the release notes')).toBeVisible({
      timeout: 30_000,
    })
  })
})

test('a task created in the window is done by a worker that reports through the package’s own command', async ({
  home,
  launch,
}) => {
  await home.addProfile('reporter', 'runboard complete --summary "Reported by $RUNBOARD_BIN"')
  const { board, page } = await launch()
  await page.getByRole('button', { name: 'New task' }).first().click()
  await board.dialog('New task').getByLabel('Title').fill('Report back')
  await board.dialog('New task').getByLabel('Assignee').selectOption('reporter')
  await page.keyboard.press('Control+Enter')
  await expect(board.cardIn('Done', 'Report back')).toBeVisible()
  await board.cardIn('Done', 'Report back').getByRole('link').click()
  await expect(new TaskDrawer(page).rows).toContainText(`Reported by ${home.path}/bin/runboard`)
})

test('a board is backed up and checked by threads from inside the archive', async ({
  folder,
  home,
  launch,
}) => {
  const { page } = await launch()
  await page.goto(`${page.url().split('#', 1)[0]}#/settings/data`)
  await page.getByRole('button', { name: 'Back up now' }).click()
  await expect(page.getByText('by hand')).toBeVisible()

  // Tests the thread itself: if the archive lacked it, the app would silently work without it, only slower.
  const script = `const { Worker } = require('worker_threads')
    const [file, path] = process.argv.slice(1)
    const input = { path, reason: 'by-hand', target: path + '.copy', now: 1 }
    const worker = new Worker(file, { workerData: { name: 'backup', input } })
    worker.on('message', (answer) => console.log(JSON.stringify(answer)))`
  const { stdout } = await promisify(execFile)(
    join(folder, 'runboard-desktop'),
    [
      '-e',
      script,
      join(folder, 'resources/app.asar/out/main/job-thread.cjs'),
      join(home.path, 'boards/work/board.db'),
    ],
    { env: { ...environmentOf(home.path), ELECTRON_RUN_AS_NODE: '1' } },
  )
  expect(JSON.parse(stdout)).toMatchObject({ value: { path: join(home.path, 'boards/work/board.db.copy') } })
})

test('a second start shows the place of its link in the first window, and ends', async ({
  folder,
  home,
  launch,
}) => {
  const id = await home.create('Linked to')
  const { board, page } = await launch()
  await expect(board.card('Linked to')).toBeVisible()
  expect(await PackagedApp.startAgain(folder, home, `runboard://board/work/task/${id}`)).toBe(0)
  await expect(page).toHaveURL(new RegExp(`#/board/work/task/${id}$`))
})

test("workers get the PATH of the user's login shell", async ({ home, launch }) => {
  const tools = join(home.path, 'tools')
  mkdirSync(tools)
  writeFileSync(join(tools, 'only-in-the-shell'), '#!/bin/sh\necho found\n')
  writeFileSync(join(tools, 'shell'), `#!/bin/sh\nexport PATH='${tools}':"$PATH"\nshift 3\neval "$1"\n`)
  for (const name of ['only-in-the-shell', 'shell']) chmodSync(join(tools, name), 0o755)
  await home.cli('profiles', 'add', 'tool', '--completion', 'exit-code', '--', 'only-in-the-shell')
  const id = await home.create('Find it', '--assignee', 'tool')
  const { board } = await launch({ env: { SHELL: join(tools, 'shell') } })
  await expect(board.cardIn('Done', 'Find it')).toBeVisible()
  expect(await home.runs(id)).toMatchObject([{ outcome: 'completed', summary: 'found' }])
})

test('it starts with the session if that is set, and not if it is unset again', async ({
  folder,
  home,
  launch,
}) => {
  const config = join(home.path, 'config')
  const entry = join(config, 'autostart/runboard.desktop')
  await launch({ env: { XDG_CONFIG_HOME: config } })
  await home.cli('settings', 'set', 'start_at_login=true')
  await expect.poll(() => existsSync(entry)).toBe(true)
  expect(readFileSync(entry, 'utf8')).toContain(`\nExec="${join(folder, 'runboard-desktop')}" --hidden\n`)
  await home.cli('settings', 'set', 'start_at_login=false')
  await expect.poll(() => existsSync(entry)).toBe(false)
})

test('started with the session, but without a tray, it shows its window', async ({ home, launch }) => {
  await home.create('Here')
  const { board } = await launch({ words: ['--hidden'] })
  await expect(board.card('Here')).toBeVisible()
})

/** A worker reports after the app has quit and its files are gone. */
async function reportsLate(
  home: Home,
  launch: () => Promise<PackagedApp>,
  gone: () => unknown,
): Promise<void> {
  await home.addProfile(
    'late',
    `echo begun; ${home.gate('end')}; runboard complete --summary "Late, but done"`,
  )
  const id = await home.create('Outlive the app', '--assignee', 'late')
  const app = await launch()
  await expect(app.board.cardIn('Running', 'Outlive the app')).toBeVisible({ timeout: 30_000 })
  await app.quit()
  await gone()
  home.openGate('end')
  const cli = (...words: string[]) =>
    promisify(execFile)(join(home.path, 'bin/runboard'), words, { env: environmentOf(home.path) })
  await expect
    .poll(async () => JSON.parse((await cli('show', id, '--json')).stdout) as object)
    .toMatchObject({
      task: { status: 'done' },
      runs: [{ outcome: 'completed', summary: 'Late, but done' }],
    })
}

test.describe('from a mount that disappears when the app quits, as for an AppImage', () => {
  test.use({
    folder: async ({ folder }, use, info) => {
      const mount = info.outputPath('mount')
      cpSync(folder, mount, { recursive: true, verbatimSymlinks: true })
      await use(mount)
    },
  })

  test('a worker reports after the app has quit', async ({ folder, home, launch }) => {
    const env = { APPIMAGE: join(folder, '../Runboard.AppImage'), APPDIR: folder }
    await reportsLate(
      home,
      () => launch({ env }),
      () => {
        renameSync(folder, `${folder}-gone`)
      },
    )
    renameSync(`${folder}-gone`, folder) // the fixture's own command is in there
  })
})

test.describe('the AppImage', () => {
  const file = findAppImage()
  test.skip(file === null, 'none has been made, or nothing can mount it')

  test('starts from its mount, and a worker reports after the mount is gone', async ({ home, launch }) => {
    const mounts = () => readFileSync('/proc/mounts', 'utf8').match(/ \/tmp\/\.mount_\S+/g) ?? []
    const before = mounts()
    await reportsLate(
      home,
      async () => {
        const app = await launch({ program: file ?? '' })
        expect(mounts()).toHaveLength(before.length + 1)
        return app
      },
      () => expect.poll(mounts).toEqual(before),
    )
  })

  test('has an entry that starts it with the sandbox', () => {
    const words = ['-cat', '-offset', '4096', file ?? '', 'runboard.desktop']
    const entry = execFileSync('unsquashfs', words, { encoding: 'utf8' })
    expect(entry).toMatch(/^Exec=AppRun %U$/m)
    expect(entry).toMatch(/^MimeType=x-scheme-handler\/runboard;$/m)
  })
})
