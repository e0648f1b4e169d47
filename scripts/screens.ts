// `npm run screens`: takes the pictures in docs/screens/ of the running app: the demo board, whose tasks real processes
// have worked on, and a few tasks beside it. Needs a build, and a browser as the end-to-end tests do.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Browser, chromium, expect, type Page } from '@playwright/test'
import { BoardPage } from '../e2e/board-page.ts'
import { findBrowser } from '../e2e/find-browser.ts'
import { Home, root } from '../e2e/home.ts'
import { Serve } from '../e2e/serve.ts'
import { TaskDrawer } from '../e2e/task-drawer.ts'

const folder = join(root, 'docs/screens')
const themes = ['light', 'dark'] as const
const wide = { width: 1280, height: 800 }
const narrow = { width: 480, height: 800 }

/** The demo takes about this long to come to rest, on a slow machine. */
const PATIENCE = { timeout: 60_000 }

/** Beside the demo: workers that go on for as long as the pictures take, a review, what waits. */
async function addTasks(home: Home): Promise<void> {
  const on = ['--board', 'demo'] as const
  const building = [
    'echo "\\033[1mStep 1/6\\033[0m resolving packages"',
    'echo "\\033[1mStep 2/6\\033[0m compiling 214 modules"',
    'runboard heartbeat --note "compiling, 140 of 214 modules"',
    home.gate('never'),
  ]
  await home.addProfile('builder', building.join('\n'), '--description', 'Builds the images')
  const draft = 'runboard request-review --summary "A first version of the guide: three pages, two pictures."'
  await home.addProfile(
    'writer',
    `echo "reading the sources"; ${draft}`,
    '--description',
    'Writes for people',
  )
  await home.create('Build the image for arm64', '--assignee', 'builder', '--priority', '4', ...on)
  await home.create('Rewrite the installation guide', '--assignee', 'writer', '--tenant', 'release', ...on)
  await home.create('Sign the packages', '--assignee', 'builder', '--not-before', '+8h', ...on)
  await home.create('Move the website to the new host', '--assignee', 'builder', '--hold', ...on)
}

class Screens {
  readonly #browser: Browser
  readonly #serve: Serve

  constructor(browser: Browser, serve: Serve) {
    this.#browser = browser
    this.#serve = serve
  }

  /**
   * @param place what follows the `#` in the address
   * @param arrange brings the page to what is to be seen, and waits for it
   */
  async take(
    name: string,
    place: string,
    arrange: (page: Page) => Promise<void>,
    options: { size?: typeof wide; themes?: readonly (typeof themes)[number][] } = {},
  ): Promise<void> {
    for (const colorScheme of options.themes ?? themes) {
      const viewport = options.size ?? wide
      const context = await this.#browser.newContext({ viewport, colorScheme, reducedMotion: 'reduce' })
      const page = await context.newPage()
      await page.goto(this.#serve.address(place))
      await arrange(page)
      const file = `${name}${options.themes?.length === 1 ? '' : `-${colorScheme}`}.png`
      await page.screenshot({ path: join(folder, file), animations: 'disabled' })
      console.log(file)
      await context.close()
    }
  }
}

/** @returns the id of the task of that title on the demo board */
async function idOf(home: Home, title: string): Promise<string> {
  const { tasks } = await home.cli.json<{ tasks: { id: string; title: string }[] }>('list', '--board', 'demo')
  const found = tasks.find((task) => task.title === title)
  if (found === undefined) throw new Error(`There is no task “${title}”`)
  return found.id
}

async function takeAll(screens: Screens, home: Home): Promise<void> {
  const only = { themes: ['light'] as const }
  const settled = async (page: Page) => {
    const board = new BoardPage(page)
    await expect(board.cardsIn('Done')).toHaveCount(4, PATIENCE)
    await expect(board.cardsIn('Blocked')).toHaveCount(3, PATIENCE)
    await expect(board.cardsIn('Review')).toHaveCount(1, PATIENCE)
  }
  await screens.take('board', '/board/demo', settled)

  const retried = await idOf(home, 'Mend the flaky login test')
  await screens.take('task', `/board/demo/task/${retried}`, async (page) => {
    await expect(new TaskDrawer(page).rows).toHaveCount(2)
  })
  await screens.take('run', `/board/demo/task/${retried}/run/1`, async (page) => {
    await expect(new TaskDrawer(page).log(1)).toContainText('connection refused')
  })
  await screens.take('handoff', `/board/demo/task/${retried}/run/2`, async (page) => {
    await expect(new TaskDrawer(page).log(2)).toContainText('Attempt 2')
  })
  const question = await idOf(home, 'Choose a name for the export command')
  await screens.take('question', `/board/demo/task/${question}`, async (page) => {
    await expect(new TaskDrawer(page).verdict.getByRole('textbox', { name: 'Your answer' })).toBeVisible()
  })
  await screens.take('workers', '/board/demo/workers', async (page) => {
    await expect(page.getByRole('region', { name: /^Log of Build the image/ })).toContainText('Step 2/6')
  })
  for (const view of ['inbox', 'runs']) {
    await screens.take(view, `/board/demo/${view}`, async (page) => {
      await expect(page.getByRole('main')).toContainText('Upload the coverage report')
    })
  }
  await screens.take(
    'create',
    '/board/demo',
    async (page) => {
      await settled(page)
      await page.keyboard.press('c')
      const dialog = new BoardPage(page).dialog('New task')
      await dialog.getByLabel('Title').fill('Publish the release on the website')
      await dialog.getByLabel('Description').fill('The notes and the packages, in **that** order.')
      await dialog.getByLabel('Assignee').selectOption('builder')
    },
    only,
  )
  await screens.take(
    'palette',
    '/board/demo',
    async (page) => {
      await settled(page)
      await page.keyboard.press('Control+k')
      await page.keyboard.type('re')
      await expect(page.getByRole('option', { name: /Rewrite the installation guide/ })).toBeVisible()
    },
    only,
  )
  await screens.take('narrow', '/board/demo', settled, { ...only, size: narrow })
  await screens.take(
    'narrow-task',
    `/board/demo/task/${retried}`,
    async (page) => expect(new TaskDrawer(page).rows).toHaveCount(2),
    { ...only, size: narrow },
  )
  await home.cli('boards', 'create', 'empty')
  await screens.take('empty', '/board/empty', async (page) =>
    expect(page.getByRole('heading', { name: 'No tasks yet' })).toBeVisible(),
  )
}

async function firstStart(browser: Browser): Promise<void> {
  const home = await Home.make()
  const serve = await Serve.start(home)
  await new Screens(browser, serve).take('first-start', '/', async (page) =>
    expect(page.getByRole('form', { name: 'Your first board' })).toBeVisible(),
  )
  await serve.stop()
  await home.remove()
}

mkdirSync(folder, { recursive: true })
const found = await findBrowser()
const browser = await chromium.launch({ executablePath: found.executablePath, args: found.args })
const home = await Home.make()
await home.cli('demo')
await addTasks(home)
const serve = await Serve.start(home)
try {
  await takeAll(new Screens(browser, serve), home)
  await firstStart(browser)
} finally {
  await serve.stop()
  await home.remove()
  await browser.close()
}
