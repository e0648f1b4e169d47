import type { Locator, Page } from '@playwright/test'
import { expect, test } from '../fixtures.ts'
import { controlsOf, tabStopsOf } from '../tab-stops.ts'

/** Sends an action as the menu of the desktop app does, whatever is open. */
async function act(page: Page, action: string): Promise<void> {
  await page.evaluate((id) => window.postMessage(`runboard:action ${id}`), action)
}

/** Checks that nothing covers the middle of the layer. */
async function expectOnTop(layer: Locator): Promise<void> {
  await expect(layer).toBeVisible()
  await expect
    .poll(() =>
      layer.evaluate((element) => {
        const { left, top, width, height } = element.getBoundingClientRect()
        const points = [0.05, 0.5, 0.95].map((at) =>
          document.elementFromPoint(left + width * at, top + height * at),
        )
        return points.every((hit) => hit !== null && element.contains(hit))
      }),
    )
    .toBe(true)
  await expect.poll(() => layer.evaluate((element) => element.contains(document.activeElement))).toBe(true)
}

test.describe('S1: a dialog or menu that opens later is on top, has the focus, and is closed by Esc first', () => {
  test('a question over the open task, each time it is asked', async ({
    board,
    drawer,
    home,
    open,
    page,
  }) => {
    const id = await home.create('Sweep the floor')
    await open(`/board/work/task/${id}`)
    await expect(drawer.panel).toContainText('Sweep the floor')
    for (let time = 0; time < 2; time++) {
      await drawer.choose('Mark done…')
      await expectOnTop(board.dialog('Mark this task done'))
      await page.keyboard.press('Escape')
      await expect(board.dialog('Mark this task done')).toBeHidden()
      await expect(drawer.panel).toBeVisible()
    }
  })

  test('a question over a dialog, the second time too', async ({ board, home, open, page }) => {
    await home.create('Sweep the floor')
    await open()
    await page.keyboard.press('c')
    const create = board.dialog('New task')
    await expectOnTop(create)
    for (let time = 0; time < 2; time++) {
      await act(page, 'app.new-board')
      const question = board.dialog('New board')
      await expectOnTop(question)
      await page.keyboard.press('Escape')
      await expect(question).toBeHidden()
      await expectOnTop(create)
    }
    await page.keyboard.press('Escape')
    await expect(create).toBeHidden()
  })

  test('the palette over a dialog, and a dialog over the palette', async ({ board, home, open, page }) => {
    await home.create('Sweep the floor')
    await open()
    const palette = board.dialog('Search and commands')
    const create = board.dialog('New task')
    await act(page, 'app.new-task')
    await expectOnTop(create)
    await act(page, 'app.palette')
    await expectOnTop(palette)
    await page.keyboard.press('Escape')
    await expectOnTop(create)
    await page.keyboard.press('Escape')

    await act(page, 'app.palette')
    await expectOnTop(palette)
    await act(page, 'app.new-task')
    await expectOnTop(create)
    await page.keyboard.press('Escape')
    await expectOnTop(palette)
  })

  test('a menu over the open task, and the question that it opens', async ({ board, drawer, home, open }) => {
    const id = await home.create('Sweep the floor')
    await open(`/board/work/task/${id}`)
    await drawer.button('All actions').click()
    await expectOnTop(board.menu('All actions'))
    await board.menu('All actions').getByRole('menuitem', { name: 'Block…', exact: true }).click()
    await expectOnTop(board.dialog('Block this task'))
  })

  test('Enter pressed by habit stops nothing and removes nothing', async ({ board, home, open, page }) => {
    await home.addProfile('worker', home.gate('never'))
    await home.create('Sweep the floor', '--assignee', 'worker')
    await open()
    await expect(board.cardIn('Running', 'Sweep the floor')).toBeVisible()
    await board.card('Sweep the floor').focus()
    await page.keyboard.press('s')
    const question = board.dialog('Stop this worker?')
    await expect(question.getByRole('button', { name: 'Cancel' })).toBeFocused()
    await page.keyboard.press('Enter')
    await expect(question).toBeHidden()
    await expect(board.cardIn('Running', 'Sweep the floor')).toBeVisible()
    await page.keyboard.press('s')
    await expect(question).toBeVisible()
    await page.keyboard.press('Control+Enter')
    await expect(board.column('Running')).toHaveAccessibleName('Running, 0 tasks')
  })
})

test.describe('S2: Tab reaches every control in order, and leaves it again', () => {
  async function expectReachable(page: Page, root: Locator): Promise<void> {
    const controls = await controlsOf(root)
    expect(controls.length).toBeGreaterThan(1)
    const stops = await tabStopsOf(page, root)
    expect(controls.filter((control) => !stops.includes(control))).toEqual([])
    // One full round: rotated so that it begins at the first stop.
    const first = stops.findIndex((stop) => stop === [...stops].sort()[0])
    expect([...stops.slice(first), ...stops.slice(0, first)]).toEqual([...stops].sort())
  }

  test('in New task, folded and unfolded', async ({ board, home, open, page }) => {
    for (let number = 0; number < 15; number++) await home.create(`Leaflet ${number}`)
    await open()
    await page.keyboard.press('c')
    const dialog = board.dialog('New task')
    await expect(dialog.getByLabel('Workflow')).toBeVisible() // the last part of the form to be read
    await expectReachable(page, dialog)
    await dialog.getByRole('button', { name: /^Labels, due date/ }).click()
    await dialog.getByLabel('Start').selectOption('later')
    await dialog.getByLabel('Title').fill('With a draft there is one more button')
    await dialog.getByRole('combobox', { name: /^Workspace/ }).selectOption('dir')
    await expectReachable(page, dialog)
  })

  test('in the dialogs of a profile, a question and the keys, and in the palette', async ({
    board,
    open,
    page,
  }) => {
    await open('/settings/profiles')
    await page.getByRole('button', { name: 'New profile' }).click()
    await board.menu('New profile').getByRole('menuitem', { name: 'From scratch' }).click()
    const profile = board.dialog('New profile')
    await profile.locator('summary').click()
    await expectReachable(page, profile)
    await page.keyboard.press('Escape')
    await page.getByRole('button', { name: /^Board: / }).click()
    await board.menu('Boards').getByRole('menuitem', { name: 'New board…' }).click()
    await expectReachable(page, board.dialog('New board'))
  })

  test('in the open task, while a search for a link is open', async ({ drawer, home, open, page }) => {
    for (let number = 0; number < 15; number++) await home.create(`Leaflet ${number}`)
    const id = await home.create('Sweep the floor', '--body', 'All of it.')
    await open(`/board/work/task/${id}`)
    await expect(drawer.panel).toContainText('All of it.')
    await drawer.button('Add a blocking task').click()
    const field = drawer.panel.getByRole('combobox', { name: 'Blocked by' })
    await expect(field).toBeFocused()
    await expect(drawer.panel.getByRole('option').first()).toBeVisible()
    await page.keyboard.press('Tab')
    await expect(field).toBeHidden()
    expect(await drawer.panel.evaluate((panel) => panel.contains(document.activeElement))).toBe(true)
    const stops = await tabStopsOf(page, drawer.panel)
    const controls = await controlsOf(drawer.panel)
    expect(controls.filter((control) => !stops.includes(control))).toEqual([])
  })

  test('Enter in an empty search adds nothing; the arrows select', async ({
    board,
    drawer,
    home,
    open,
    page,
  }) => {
    const done = await home.create('Long done')
    await home.cli('complete', done, '--summary', 'x')
    await open()
    await page.keyboard.press('c')
    const dialog = board.dialog('New task')
    const field = dialog.getByRole('combobox', { name: 'Blocked by' })
    await field.focus()
    await expect(dialog.getByRole('option', { name: /Long done/ })).toBeVisible()
    await page.keyboard.press('Enter')
    await expect(dialog.getByRole('button', { name: 'Remove Long done' })).toBeHidden()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await expect(dialog.getByRole('button', { name: 'Remove Long done' })).toBeVisible()
    await page.keyboard.press('Escape')
    await page.keyboard.press('Escape')

    const id = await home.create('Sweep the floor')
    await open(`/board/work/task/${id}`)
    for (const label of ['Add a blocking task', 'Add a blocked task']) {
      await drawer.button(label).click()
      await expect(drawer.panel.getByRole('option').first()).toBeVisible()
      await page.keyboard.press('Enter')
      await expect(drawer.panel.getByRole('button', { name: /^Remove the link/ })).toBeHidden()
      await page.keyboard.press('Escape')
    }
  })
})

test.describe('S5: Ctrl+Enter submits a form, wherever the focus is in it', () => {
  test('from every control of New task, also with pasted lines', async ({ board, context, open, page }) => {
    await context.grantPermissions(['clipboard-read', 'clipboard-write'])
    await open()
    await page.evaluate(() => navigator.clipboard.writeText('- one\n- two\n- three\n'))
    await page.keyboard.press('c')
    const dialog = board.dialog('New task')
    await dialog.getByLabel('Title').press('Control+v')
    await expect(dialog.getByRole('button', { name: 'Create 3 tasks' })).toBeFocused()
    await page.keyboard.press('Control+Enter')
    await expect(dialog).toBeHidden()
    await expect(board.cardsIn('Ready')).toHaveCount(3)

    const places = [
      dialog.getByLabel('Description'),
      dialog.getByLabel('Priority'),
      dialog.getByLabel('Start'),
      dialog.getByRole('combobox', { name: 'Blocked by' }),
      dialog.getByRole('button', { name: /^Labels, due date/ }),
      dialog.getByRole('button', { name: 'Create more' }),
      dialog.getByRole('button', { name: 'Close' }),
    ]
    for (const [index, place] of places.entries()) {
      await page.keyboard.press('c')
      await dialog.getByLabel('Title').fill(`From place ${index}`)
      await place.focus()
      await page.keyboard.press('Control+Enter')
      await expect(dialog).toBeHidden()
      await expect(board.cardsIn('Ready')).toHaveCount(4 + index)
    }
  })

  test('in a profile and in a question', async ({ board, home, open, page }) => {
    await open('/settings/profiles')
    await page.getByRole('button', { name: 'New profile' }).click()
    await board.menu('New profile').getByRole('menuitem', { name: 'From scratch' }).click()
    const profile = board.dialog('New profile')
    await profile.getByRole('textbox', { name: /^Name / }).fill('quick')
    await profile.getByLabel('Command line').fill('true')
    await profile.getByLabel('A task is done').focus()
    await page.keyboard.press('Control+Enter')
    await expect(profile).toBeHidden()
    await expect(page.getByRole('main')).toContainText('quick')

    await home.create('Sweep the floor')
    await open('/board/work')
    await board.card('Sweep the floor').focus()
    await board.choose('Sweep the floor', /^Block…/)
    const question = board.dialog('Block this task')
    await question.getByRole('textbox').fill('No broom')
    await question.getByRole('button', { name: 'Cancel' }).focus()
    await page.keyboard.press('Control+Enter')
    await expect(board.cardIn('Blocked', 'Sweep the floor')).toContainText('No broom')
  })
})

test.describe('S12: unsent text is restored', () => {
  test('a new task, with all its fields, after Esc and after a reload', async ({
    board,
    home,
    open,
    page,
  }) => {
    await home.addProfile('painter', 'true')
    await home.addProfile('smith', 'true')
    await open()
    await page.keyboard.press('c')
    const dialog = board.dialog('New task')
    await dialog.getByLabel('Title').fill('Paint the door')
    await dialog.getByLabel('Description').fill('Red.')
    await dialog.getByLabel('Assignee').selectOption('painter')
    for (const leave of [() => page.keyboard.press('Escape'), () => page.reload()]) {
      await leave()
      await expect(page.getByRole('navigation', { name: 'Views' })).toBeVisible()
      await page.keyboard.press('c')
      await expect(dialog.getByLabel('Title')).toHaveValue('Paint the door')
      await expect(dialog.getByLabel('Description')).toHaveValue('Red.')
      await expect(dialog.getByLabel('Assignee')).toHaveValue('painter')
    }
    await dialog.getByRole('button', { name: 'Discard draft' }).click()
    await board.notice('Draft discarded').getByRole('button', { name: 'Undo' }).click()
    await expect(dialog.getByLabel('Title')).toHaveValue('Paint the door')
    await page.keyboard.press('Control+Enter')
    await expect(board.card('Paint the door')).toBeVisible()
    await page.keyboard.press('c')
    await expect(dialog.getByLabel('Title')).toHaveValue('')
  })

  test('the line in a column, which continues in the dialog', async ({ board, home, open, page }) => {
    await home.create('The first one')
    await open()
    const add = board.column('Ready').getByRole('button', { name: 'New task in Ready' })
    const form = page.getByRole('form', { name: 'New task' })
    await add.click()
    await form.getByLabel('Title').fill('The second one')
    await page.keyboard.press('Escape')
    await add.click()
    await expect(form.getByLabel('Title')).toHaveValue('The second one')
    await page.keyboard.press('Control+Enter')
    const dialog = board.dialog('New task')
    await expect(dialog.getByLabel('Title')).toHaveValue('The second one')
    await page.keyboard.press('Escape')
    await page.keyboard.press('c')
    await expect(dialog.getByLabel('Title')).toHaveValue('')
    await page.keyboard.press('Escape')
    await add.click()
    await expect(form.getByLabel('Title')).toHaveValue('The second one')
  })

  test('an answer, only for its own task', async ({ board, home, open, page }) => {
    for (const title of ['Sweep the floor', 'Paint the door']) {
      await home.cli('block', await home.create(title), '--reason', 'How?')
    }
    await open()
    await board.choose('Sweep the floor', 'Answer…')
    const question = board.dialog('Answer')
    await question.getByRole('textbox').fill('With the broom')
    await page.keyboard.press('Escape')
    await board.choose('Paint the door', 'Answer…')
    await expect(question.getByRole('textbox')).toHaveValue('')
    await page.keyboard.press('Escape')
    await board.choose('Sweep the floor', 'Answer…')
    await expect(question.getByRole('textbox')).toHaveValue('With the broom')
    await page.keyboard.press('Control+Enter')
    await expect(board.cardIn('Ready', 'Sweep the floor')).toBeVisible()
  })

  test('a profile', async ({ board, home, open, page }) => {
    await home.addProfile('painter', 'true')
    await open('/settings/profiles')
    const dialog = board.dialog('Profile painter')
    const edit = page.getByRole('button', { name: 'Edit' })
    await edit.click()
    await dialog.getByLabel('Command line').fill('npm run paint')
    await page.keyboard.press('Escape')
    await edit.click()
    await expect(dialog.getByLabel('Command line')).toHaveValue('npm run paint')
    await dialog.getByRole('button', { name: 'Discard changes' }).click()
    await board.notice('Changes discarded').getByRole('button', { name: 'Undo' }).click()
    await expect(dialog.getByLabel('Command line')).toHaveValue('npm run paint')
    await dialog.getByRole('button', { name: 'Discard changes' }).click()
    await edit.click()
    await expect(dialog.getByLabel('Command line')).toHaveValue('true')
  })
})
