import AxeBuilder from '@axe-core/playwright'
import type { Locator, Page } from '@playwright/test'
import { expect, test } from '../fixtures.ts'
import { root } from '../home.ts'
import { greetingTask, workUntilReview } from '../project.ts'

// Without animations, axe never sees an element that is half transparent.
test.use({ contextOptions: { reducedMotion: 'reduce' } })

// Each axe run takes a second or more.
test.slow()

/** axe finds no serious or critical violation on this screen, in both themes. */
async function expectNoBarriers(page: Page, screen: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    await expect(page.locator('html')).toHaveAttribute('data-theme', colorScheme)
    const { violations } = await new AxeBuilder({ page }).analyze()
    const barriers = violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) =>
        nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary ?? ''}`),
      )
    expect.soft(barriers, `${screen}, ${colorScheme}`).toEqual([])
  }
}

test('axe finds no violation on the board and its overlays', async ({ board, home, open, page }) => {
  await home.addProfile('shaky', 'echo "error: it is broken" >&2; exit 3', '--failure-limit', '1')
  await home.addProfile('long', `echo begun; runboard heartbeat --note "half way"; ${home.gate('never')}`)
  await home.addProfile('author', 'runboard request-review --summary "A draft"')
  const failing = ['--assignee', 'shaky', '--priority', '2', '--tenant', 'web'] as const
  const failed = await home.create('Upload it', ...failing)
  await home.create('Profile it', '--assignee', 'long')
  await home.create('Write it', '--assignee', 'author')
  await home.create('Later', '--parent', failed)
  await home.create('An idea', '--triage')
  await open()
  await expect(board.cardIn('Blocked', 'Upload it')).toBeVisible()
  await expect(board.cardIn('Review', 'Write it')).toBeVisible()
  await expect(board.cardIn('Running', 'Profile it')).toContainText('half way')
  await expectNoBarriers(page, 'board')

  await open('/board/work?layout=list')
  await expect(page.getByRole('row', { name: /^Upload it/ })).toContainText('crashed')
  await expectNoBarriers(page, 'list')
  await open('/board/work?layout=stages')
  await expect(board.card('Upload it')).toContainText('Blocked')
  await expectNoBarriers(page, 'stages')

  await open('/board/work')
  await expect(board.card('Upload it')).toBeVisible()
  await page.keyboard.press('Control+k')
  await expect(board.dialog('Search and commands').getByRole('combobox')).toBeFocused()
  await page.keyboard.type('new board')
  await page.getByRole('option', { name: /New board/ }).click()
  await expect(board.dialog('New board').getByRole('textbox', { name: 'Project folder' })).toBeFocused()
  await expectNoBarriers(page, 'new board')
  await page.keyboard.press('Escape')
  await expect(board.dialog('New board')).toBeHidden()

  await board.card('Upload it').focus()
  await page.keyboard.press('x')
  await expect(page.getByRole('toolbar', { name: '1 selected' })).toBeVisible()
  await page.keyboard.press('.')
  await expect(board.menu('Actions')).toBeVisible()
  await expectNoBarriers(page, 'selection and menu')

  await page.keyboard.press('Escape')
  await expect(board.menu('Actions')).toBeHidden()
  await page.keyboard.press('Control+k')
  const palette = board.dialog('Search and commands')
  await expect(palette.getByRole('option').first()).toBeVisible()
  await expectNoBarriers(page, 'palette')

  await page.keyboard.press('Escape')
  await expect(palette).toBeHidden()
  await page.keyboard.press('?')
  await expect(board.dialog('Keyboard shortcuts')).toBeVisible()
  await expectNoBarriers(page, 'keys')

  await page.keyboard.press('Escape')
  await expect(board.dialog('Keyboard shortcuts')).toBeHidden()
  await page.keyboard.press('c')
  const dialog = board.dialog('New task')
  await dialog.getByRole('button', { name: /verify command/ }).click()
  await dialog.getByRole('combobox', { name: 'Blocked by' }).fill('it')
  await expect(page.getByRole('option', { name: 'Upload it' })).toBeVisible()
  await expectNoBarriers(page, 'create')
})

test('axe finds no violation in the drawer', async ({ drawer, home, open, page }) => {
  const flags = ['--backoff', '0', '--failure-limit', '4'] as const
  await home.addProfile('shaky', 'echo "error: it is broken" >&2; exit 3', ...flags)
  await home.addProfile('asker', 'runboard block --reason "Which **one**?"')
  await home.addProfile('long', `cat ${root}/formats/testing/claude.jsonl; ${home.gate('never')}`)
  const handoff = `runboard request-review --summary "A draft" --metadata '{"changed_files":["a.md"],"x":{"y":1}}'`
  await home.addProfile('author', handoff)
  const failed = await home.create('Upload it', '--assignee', 'shaky')
  const asked = await home.create('Name it', '--assignee', 'asker', '--parent', failed)
  const running = await home.create('Profile it', '--assignee', 'long')
  const body = 'A [link](https://example.org) and `code`'
  const reviewed = await home.create('Write it', '--assignee', 'author', '--body', body)
  await home.cli('comment', reviewed, 'Looks *good*')

  await open(`/board/work/task/${failed}/run/4`)
  await expect(drawer.log(4)).toContainText('broken', { timeout: 20_000 })
  await expectNoBarriers(page, 'a failed run')

  await home.cli('unlink', failed, asked)
  await open(`/board/work/task/${asked}`)
  await expect(drawer.verdict.getByRole('textbox', { name: 'Your answer' })).toBeVisible()
  await expectNoBarriers(page, 'a question')

  await open(`/board/work/task/${running}/run/1`)
  await expect(drawer.log(1)).toContainText('■ Finished')
  await drawer.log(1).getByRole('button', { name: 'JSON of this event' }).last().click()
  await expect(drawer.log(1).getByRole('region', { name: 'JSON of the event' })).toBeVisible()
  await expectNoBarriers(page, 'a running run, with an event opened')

  await open(`/board/work/task/${reviewed}/run/1`)
  await expect(await drawer.tab(1, 'Summary')).toContainText('a.md')
  await expect(await drawer.tab(1, 'Prompt')).toContainText('Write it')
  await expectNoBarriers(page, 'a review, and what it was given')

  await expect(await drawer.tab(1, 'Process')).toContainText('Command')
  await expectNoBarriers(page, 'process')
})

test('axe finds no violation in the other views', async ({ home, open, page }) => {
  await open()
  await expect(page.getByRole('heading', { name: 'No tasks yet' })).toBeVisible()
  await expectNoBarriers(page, 'empty board')

  await home.addProfile('shaky', 'echo "error: it is broken" >&2; exit 3', '--failure-limit', '1')
  await home.addProfile('long', `echo begun; runboard heartbeat --note "half way"; ${home.gate('never')}`)
  await home.create('Upload it', '--assignee', 'shaky')
  await home.create('Profile it', '--assignee', 'long')
  await open('/board/work/workers')
  await expect(page.getByRole('list', { name: 'Live processes' })).toContainText('Profile it')
  await expect(page.getByRole('region', { name: /^Log of Profile it/ })).toContainText('begun')
  await expectNoBarriers(page, 'workers')

  await open('/board/work/inbox')
  await expect(page.getByRole('main')).toContainText('Upload it')
  await expectNoBarriers(page, 'inbox')
  await page.getByRole('main').getByRole('link', { name: 'Upload it' }).click()
  await expect(page.getByRole('complementary', { name: /^Task/ })).toBeVisible()
  await expectNoBarriers(page, 'inbox with a task')

  for (const [place, name] of [
    ['/board/work/runs', 'runs'],
    ['/board/work/workflows?name=feature', 'workflows'],
    ['/board/work/workflows?name=feature&tab=file', 'workflow-file'],
    ['/board/work/runs?group=error', 'runs by error'],
    ['/board/work/usage', 'usage'],
    ['/settings', 'settings'],
    ['/settings/notifications', 'settings-notifications'],
    ['/settings/app', 'settings-app'],
    ['/settings/keys', 'settings-keys'],
    ['/settings/about', 'settings-about'],
  ] as const) {
    await open(place)
    await expect(page.getByRole('main').getByRole('heading').first()).toBeVisible()
    await expectNoBarriers(page, name)
  }
})

test.describe('without any board', () => {
  test.use({ boards: 'none' })

  test('axe finds no violation on the first start', async ({ page, serve }) => {
    await page.goto(serve.address())
    await expect(page.getByRole('form', { name: 'Your first board' })).toBeVisible()
    await expectNoBarriers(page, 'first start')
  })
})

test('axe finds no violation in the graph', async ({ cli, home, open, page }) => {
  const first = await home.create('First')
  const second = await home.create('Second', '--parent', first)
  await home.create('Third', '--parent', second)
  await cli('block', first, '--reason', 'How?')
  await open('/board/work/graph')
  await expect(page.getByRole('link', { name: /^Third, Todo/ })).toBeVisible()
  await expectNoBarriers(page, 'graph')
  await page.getByRole('link', { name: /^Second/ }).click()
  await expect(page.getByRole('complementary', { name: /^Task/ })).toBeVisible()
  await expectNoBarriers(page, 'graph with a task')
})

test('axe finds no violation in a diff', async ({ home, open, page, serve: _dispatching }) => {
  test.slow()
  const { id } = await greetingTask(home)
  await workUntilReview(home, id)
  await open(`/board/work/diff/task/${id}`)
  const line = page.getByRole('button', { name: /^Remark on line 2, added/ })
  await expect(line).toBeVisible({ timeout: 60_000 }) // many git calls
  await expectNoBarriers(page, 'diff')
  await line.click()
  await page.getByRole('textbox', { name: 'Remark on line 2' }).fill('Why?')
  await expectNoBarriers(page, 'diff with a remark that is written')
  await page.keyboard.press('Control+Enter')
  await expect(page.getByRole('button', { name: /^Change the remark/ })).toBeVisible()
  await expectNoBarriers(page, 'diff with a remark')
})

test('axe finds no violation in a profile test, and where no card matches', async ({
  board,
  home,
  open,
  page,
}) => {
  await home.addProfile('fine', 'echo "\\033[32mready\\033[0m"; runboard complete --summary Hello')
  await home.create('Something', '--hold')
  await open('/settings/profiles')
  await page.getByRole('button', { name: 'Test', exact: true }).click()
  const dialog = board.dialog('Test of fine')
  await expect(dialog.getByRole('status')).toContainText('fine works', { timeout: 30_000 })
  await expect(dialog.getByRole('region', { name: 'What it wrote' })).toContainText('ready')
  await expectNoBarriers(page, 'test of a profile')

  await open('/board/work?q=marmalade')
  await expect(page.getByRole('heading', { name: 'No matching tasks' })).toBeVisible()
  await expectNoBarriers(page, 'nothing fits')
  await open('/board/nowhere')
  await expect(page.getByRole('heading', { name: 'Board “nowhere” not found' })).toBeVisible()
  await expectNoBarriers(page, 'no such board')
})

test.describe('at 200 % of 1280 × 800', () => {
  test.use({ viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 })

  test('axe finds no violation in the main views', async ({ board, drawer, home, open, page }) => {
    await home.addProfile('shaky', 'echo "error: it is broken" >&2; exit 3', '--failure-limit', '1')
    const { id } = await greetingTask(home)
    const failed = await home.create('Upload it', '--assignee', 'shaky')
    await open()
    await workUntilReview(home, id)
    await expect.poll(async () => (await home.task(failed)).status, { timeout: 60_000 }).toBe('blocked')
    for (const [place, name] of [
      ['/board/work', 'board'],
      ['/board/work?layout=list', 'list'],
      ['/board/work?layout=stages', 'stages'],
      ['/board/work/inbox', 'inbox'],
      ['/board/work/runs', 'runs'],
      ['/board/work/usage', 'usage'],
      ['/board/work/workflows?name=feature', 'workflows'],
      ['/settings', 'settings'],
    ] as const) {
      await open(place)
      await expect(
        page.getByRole('main').getByRole('heading').or(page.getByRole('table')).first(),
      ).toBeAttached()
      await expectNoBarriers(page, `${name} at 200 %`)
    }
    await open(`/board/work/task/${failed}/run/1`)
    await expect(drawer.log(1)).toContainText('broken')
    await expectNoBarriers(page, 'drawer at 200 %')
    await open(`/board/work/diff/task/${id}`)
    await expect(page.getByRole('group', { name: 'Lines of greet.py' })).toContainText('hello 1')
    await expectNoBarriers(page, 'diff at 200 %')
    await open()
    await page.keyboard.press('c')
    await expect(board.dialog('New task').getByLabel('Title')).toBeFocused()
    await expectNoBarriers(page, 'new task at 200 %')
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+k')
    await expect(board.dialog('Search and commands').getByRole('combobox')).toBeFocused()
    await page.keyboard.type('new board')
    await expect(page.getByRole('option').first()).toContainText('New board')
    await page.keyboard.press('Enter')
    await expect(board.dialog('New board').getByRole('textbox', { name: 'Project folder' })).toBeFocused()
    await expectNoBarriers(page, 'new board at 200 %')
  })
})

test('no animation runs on the board where motion is reduced', async ({ board, home, open, page }) => {
  await home.addProfile('long', `runboard heartbeat --note "half way"; ${home.gate('never')}`)
  await home.create('Profile it', '--assignee', 'long')
  await open()
  await expect(board.cardIn('Running', 'Profile it')).toContainText('half way')
  await board.card('Profile it').focus()
  await page.keyboard.press('x')
  await expect(page.getByRole('toolbar', { name: '1 selected' })).toBeVisible()
  const longest = () =>
    page.evaluate(() => {
      const times = [...document.querySelectorAll('*')].map((element) => getComputedStyle(element))
      const moving = times.filter(({ animationName }) => animationName !== 'none')
      const seconds = moving.flatMap(({ animationDuration }) => animationDuration.split(',').map(parseFloat))
      return { animated: moving.length, longest: Math.max(0, ...seconds) * 1000 }
    })
  expect((await longest()).longest).toBeLessThanOrEqual(1)
  // With motion, something on this board moves, so the measurement above can fail.
  await page.emulateMedia({ reducedMotion: 'no-preference' })
  expect((await longest()).longest).toBeGreaterThan(1)
})

test('list, stages and New board are read in their visible order, and every control has a name', async ({
  board,
  home,
  open,
  page,
}) => {
  const parent = await home.create('Upload it', '--tenant', 'web', '--priority', '2')
  await home.create('Later', '--parent', parent)
  /** @returns the lines of the accessibility tree with a control that has no name */
  const unnamed = async (within: Locator) => {
    const lines = (await within.ariaSnapshot()).split('\n')
    return lines.filter((line) =>
      /^\s*- (?:button|link|textbox|combobox|radio|checkbox|searchbox)(?::|$| \[)/.test(line),
    )
  }
  const main = page.getByRole('main')

  await open('/board/work?layout=list')
  await expect(main).toMatchAriaSnapshot(`
    - search:
      - textbox "Filter by text"
      - button "Needs me"
      - button "Display"
    - table "Tasks":
      - row /^Title Status Profile/:
        - columnheader "Title":
          - button "Title"
        - columnheader "Status":
          - button "Status"
      - row "Later, todo, nobody assigned, Blocked by “Upload it”":
        - cell "Later":
          - link "Later"
        - cell "Todo"
      - row /^Upload it, ready, nobody assigned, priority 2, 0 of 1 child done/:
        - cell "Upload it":
          - link "Upload it"
        - cell "Ready"
  `)
  expect(await unnamed(page.locator('body'))).toEqual([])

  await open('/board/work?layout=stages')
  await expect(main).toMatchAriaSnapshot(`
    - search:
      - textbox "Filter by text"
    - combobox "Stages of"
    - region "Stages":
      - region "Without this workflow, 2 tasks":
        - heading "Without this workflow" [level=2]
        - list:
          - listitem:
            - article /^Later, todo/:
              - heading "Later" [level=3]
          - listitem:
            - article /^Upload it, ready/:
              - heading "Upload it" [level=3]
  `)
  expect(await unnamed(page.locator('body'))).toEqual([])

  await page.keyboard.press('Control+k')
  await expect(board.dialog('Search and commands').getByRole('combobox')).toBeFocused()
  await page.keyboard.type('new board')
  await page.getByRole('option', { name: /New board/ }).click()
  const dialog = board.dialog('New board')
  await expect(dialog).toMatchAriaSnapshot(`
    - heading "New board" [level=2]
    - button "Close"
    - textbox "Project folder"
    - textbox "Name"
    - group "Who does the work":
      - radio /^later Nobody yet/ [checked]
      - radio /^shell/
    - button "Create the board"
  `)
  expect(await unnamed(dialog)).toEqual([])
})
