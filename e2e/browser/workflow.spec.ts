import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import { expect, test } from '../fixtures.ts'
import type { Home } from '../home.ts'

const FILE = `runboard: 1
name: agreed
title: Agree and build
inputs: {goal: {type: text, required: true}}
steps:
  - key: plan
    kind: check
    run: echo "a plan"
    on: {passed: agree, failed: agree}
  - key: agree
    kind: approve
    question: "Shall {{inputs.goal}} be built?"
    show: [steps.plan.summary]
    on:
      approved: build
      changes: {to: plan, max_rounds: 3}
      rejected: dropped
  - key: build
    kind: check
    run: "true"
    on: {passed: over, failed: {to: build, max_rounds: 1}}
  - {key: over, kind: end, state: succeeded}
  - {key: dropped, kind: end, state: cancelled}
`

/** Makes a card whose workflow asks a person. */
async function asked(home: Home): Promise<string> {
  const path = join(home.path, 'agreed.yaml')
  writeFileSync(path, FILE)
  await home.cli('workflows', 'add', path)
  return home.create('A dark theme', '--workflow', 'agreed', '--input', 'goal=a dark theme')
}

/** @returns the steps and ways outside of the frame. Runs in the page */
function partsOutside(frame: HTMLElement): string[] {
  const edges = frame.getBoundingClientRect()
  const parts = [...frame.querySelectorAll('rect, text, path[d]')].filter((part) => !part.closest('defs'))
  const outside = parts.filter((part) => {
    const { left, right } = part.getBoundingClientRect()
    return left < edges.left || right > edges.right
  })
  return outside.map((part) => part.outerHTML.slice(0, 100))
}

test('a question of a workflow is answered in the drawer, by mouse and by keyboard', async ({
  drawer,
  home,
  open,
  page,
  serve: _dispatching,
}) => {
  const id = await asked(home)
  await open(`/board/work/task/${id}`)
  const walk = drawer.panel.getByRole('region', { name: 'Agree and build' })
  await expect(walk.getByText('Shall a dark theme be built?')).toBeVisible({ timeout: 60_000 })
  await expect(walk.getByRole('listitem')).toHaveText(['plan', 'agree', 'build'])
  await expect(walk.locator('[aria-current=step]')).toHaveText('agree')
  await expect(walk.getByRole('button', { name: 'agree: here now' })).toBeVisible()
  await expect(walk.getByText('a plan')).toBeVisible()
  const { violations } = await new AxeBuilder({ page }).include('aside').analyze()
  expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([])

  await walk.getByRole('textbox', { name: 'Note' }).fill('Say which colours')
  await walk.getByRole('button', { name: 'Request changes' }).click()
  await expect(walk.getByRole('button', { name: 'agree: here now, 2 visits' })).toBeVisible({
    timeout: 60_000,
  })
  await expect(walk.getByText('version 1 · Round 1 of 3 from agree')).toBeVisible()

  await walk.getByRole('button', { name: 'Approve' }).focus()
  await page.keyboard.press('Enter')
  await expect(walk.getByText('version 1 · succeeded')).toBeVisible({ timeout: 60_000 })
  await expect.poll(async () => (await home.task(id)).status).toBe('done')
})

test('a person moves a card by keyboard: go to a step, skip, cancel, each with a reason', async ({
  board,
  drawer,
  home,
  open,
  page,
  serve: _dispatching,
}) => {
  const id = await asked(home)
  await open(`/board/work/task/${id}`)
  const walk = drawer.panel.getByRole('region', { name: 'Agree and build' })
  await expect(walk.getByText('Shall a dark theme be built?')).toBeVisible({ timeout: 60_000 })

  await walk.getByRole('button', { name: 'plan: passed' }).focus()
  await page.keyboard.press('Enter')
  const visits = walk.getByRole('list', { name: 'Visits of plan' })
  await expect(visits).toContainText('Visit 1')
  await expect(visits).toContainText('a plan')
  await visits.getByRole('button', { name: 'Attempt 1' }).press('Enter')
  await expect(page).toHaveURL(/run\/1/)

  const choose = async (label: string) => {
    await walk.getByRole('button', { name: 'Workflow', exact: true }).press('Enter')
    await board.menu('Workflow').getByRole('menuitem', { name: label }).press('Enter')
  }
  await choose('Go to step…')
  const goTo = board.dialog('Go to step')
  await goTo.getByRole('radio', { name: 'plan' }).check()
  await goTo.getByLabel('Reason').fill('Another plan')
  await page.keyboard.press('Control+Enter')
  await expect(walk.getByRole('button', { name: 'agree: here now, 2 visits' })).toBeVisible({
    timeout: 60_000,
  })

  await choose('Skip this step…')
  const skip = board.dialog('Skip “agree”')
  await skip.getByRole('radio', { name: 'Request changes → plan' }).check()
  await skip.getByLabel('Reason').fill('Once more')
  await page.keyboard.press('Control+Enter')
  await expect(walk.getByRole('button', { name: 'agree: here now, 3 visits' })).toBeVisible({
    timeout: 60_000,
  })

  await choose('Cancel the workflow…')
  await board.dialog('Cancel the workflow').getByLabel('Reason').fill('Not needed')
  await page.keyboard.press('Control+Enter')
  await expect(walk.getByText('cancelled')).toBeVisible()
  const { walks } = await home.cli.json<{ walks: { end_state: string }[] }>('walk', id)
  expect(walks).toMatchObject([{ end_state: 'cancelled' }])
})

test('a workflow is started with its inputs, from a new task and on an existing card', async ({
  board,
  drawer,
  home,
  open,
  page,
  serve: _dispatching,
}) => {
  const path = join(home.path, 'agreed.yaml')
  writeFileSync(path, FILE)
  await home.cli('workflows', 'add', path)
  await open()
  await page.keyboard.press('c')
  const dialog = board.dialog('New task')
  await dialog.getByLabel('Title').fill('With a workflow')
  await dialog.getByLabel('Workflow').selectOption('Agree and build (home)')
  await expect(dialog.getByLabel('goal')).toBeVisible()
  await page.keyboard.press('Control+Enter')
  await expect(dialog.getByRole('alert')).toHaveText('“goal” needs a value.')
  await dialog.getByLabel('goal').fill('a light theme')
  // The typed text is kept when the form is closed.
  await page.keyboard.press('Escape')
  await page.keyboard.press('c')
  await expect(dialog.getByLabel('goal')).toHaveValue('a light theme')
  await expect(dialog.getByText('echo "a plan"')).toBeHidden()
  await dialog.getByText('What it runs').click()
  await expect(dialog.getByText('echo "a plan"')).toBeVisible()
  await page.keyboard.press('Control+Enter')
  await expect(dialog).toBeHidden()
  await expect(board.cardIn('Review', 'With a workflow')).toBeVisible({ timeout: 60_000 })

  const id = await home.create('A card that exists', '--triage')
  await open(`/board/work/task/${id}`)
  await drawer.panel.getByRole('button', { name: 'All actions' }).click()
  await page.getByRole('menuitem', { name: 'Start a workflow…' }).click()
  const start = board.dialog('Start a workflow')
  await start.getByLabel('Workflow').selectOption('Agree and build (home)')
  await start.getByLabel('goal').fill('a third theme')
  await page.keyboard.press('Control+Enter')
  await expect(start).toBeHidden()
  const walk = drawer.panel.getByRole('region', { name: 'Agree and build' })
  await expect(walk.getByText('Shall a third theme be built?')).toBeVisible({ timeout: 60_000 })
})

test('a workflow is read, tried, allowed and changed in its own view', async ({
  board,
  complaints,
  home,
  open,
  page,
}) => {
  complaints.expect(/400 \(Bad Request\)/) // the browser logs this for each answer that names mistakes
  const project = join(home.path, 'project')
  mkdirSync(join(project, '.runboard', 'workflows'), { recursive: true })
  writeFileSync(join(project, '.runboard', 'workflows', 'agreed.yaml'), FILE)
  await home.cli('boards', 'set', 'work', `project_dir=${project}`)
  await open()
  await page.keyboard.press('g')
  await page.keyboard.press('f')
  const list = page.getByRole('navigation', { name: 'Workflows' })
  await list.getByRole('link', { name: /^Agree and build/ }).press('Enter')
  await expect(page.getByRole('heading', { name: 'Agree and build' })).toBeVisible()
  await expect(page.getByRole('row', { name: /^plan / })).toContainText('echo "a plan"')
  await expect(page.getByRole('img', { name: '5 steps and their ways' })).toBeVisible()
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([])

  // All of the drawing is in its frame, also that of a longer workflow in a narrow window.
  const drawing = page.getByRole('region', { name: 'Drawing of the steps' })
  await list.getByRole('link', { name: /^Build a feature/ }).click()
  for (const width of [900, 1280]) {
    await page.setViewportSize({ width, height: 800 })
    await expect(drawing.getByRole('img', { name: '11 steps and their ways' })).toBeVisible()
    await expect.poll(() => drawing.evaluate(partsOutside), `${width} px`).toEqual([])
  }
  await list.getByRole('link', { name: /^Agree and build/ }).click()
  await expect(page.getByRole('img', { name: '5 steps and their ways' })).toBeVisible()

  await expect(list.getByRole('link', { name: /Not allowed to run yet/ })).toBeVisible()
  await page.getByRole('button', { name: 'Allow what is shown' }).press('Enter')
  await expect(list.getByRole('link', { name: /Not allowed to run yet/ })).toBeHidden()

  await page.getByRole('tab', { name: 'Try' }).click()
  await page.getByRole('button', { name: 'passed' }).press('Enter')
  await expect(page.getByText('The card is at agree.')).toBeVisible()
  await page.getByRole('button', { name: 'approved' }).press('Enter')
  await page.getByRole('button', { name: 'passed' }).press('Enter')
  await expect(page.getByText('The walk ended at over: succeeded.')).toBeVisible()
  await page.getByRole('button', { name: 'Back' }).press('Enter')
  await expect(page.getByText('The card is at build.')).toBeVisible()

  await page.getByRole('tab', { name: 'File' }).click()
  const file = page.getByRole('textbox', { name: 'File of Agree and build' })
  await file.fill(FILE.replace('kind: approve', 'kind: aprove'))
  await expect(page.getByRole('status', { name: 'Mistakes' })).toContainText('11:')
  await expect(page.getByRole('button', { name: 'Save a copy' })).toHaveAttribute('aria-disabled', 'true')
  // The typed text is still there after a reload.
  await page.reload()
  await expect(file).toHaveValue(/kind: aprove/)
  await file.fill(FILE.replace('name: agreed', 'name: mine').replace('Agree and build', 'My own'))
  await page.getByRole('button', { name: 'Save a copy' }).click()
  await expect(board.notice(/^Saved as .*mine\.yaml/)).toBeVisible()
  await expect(page.getByRole('heading', { name: 'My own' })).toBeVisible()
  await page.getByRole('button', { name: 'Put aside…' }).click()
  await board.dialog('Put “My own” aside?').getByRole('button', { name: 'Put aside' }).click()
  await expect(list.getByRole('link', { name: /^My own/ })).toBeHidden()
})

test('the board by stages shows where cards are, and sends them by keyboard and by dragging', async ({
  board,
  home,
  open,
  page,
  serve: _dispatching,
}) => {
  const id = await asked(home)
  await home.create('Without a workflow')
  await open()
  await expect(board.cardIn('Review', 'A dark theme')).toBeVisible({ timeout: 60_000 })
  await page.keyboard.press('Shift+v')
  await expect(page).toHaveURL(/layout=stages/)
  await page.getByLabel('Stages of').selectOption('Agree and build (1 running)')
  const lane = (name: string) => page.getByRole('region', { name: new RegExp(`^${name}, `) })
  await expect(lane('agree').getByRole('article', { name: /^A dark theme/ })).toContainText('Review')
  await expect(
    lane('Without this workflow').getByRole('article', { name: /^Without a workflow/ }),
  ).toBeVisible()
  await expect(lane('Ended')).toHaveAccessibleName('Ended, 0 tasks')
  const { violations } = await new AxeBuilder({ page }).analyze()
  expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([])

  await lane('agree')
    .getByRole('article', { name: /^A dark theme/ })
    .focus()
  await page.keyboard.press('m')
  const menu = board.menu('Move to')
  await expect(menu.getByRole('menuitem', { name: 'Ended' })).toBeDisabled()
  await menu.getByRole('menuitem', { name: 'plan' }).press('Enter')
  await board.dialog('Go to “plan”').getByLabel('Reason').fill('Plan it again')
  await page.keyboard.press('Control+Enter')
  // The check of the plan passes at once, and the workflow asks again. The lane alone would not show that it has been away.
  const timesAsked = async () => {
    const { walks } = await home.cli.json<{ walks: { visits: { step: string }[] }[] }>('walk', id)
    return walks[0]?.visits.filter(({ step }) => step === 'agree').length
  }
  await expect.poll(timesAsked, { timeout: 60_000 }).toBe(2)
  await expect(lane('agree').getByRole('article', { name: /^A dark theme/ })).toContainText('Review', {
    timeout: 60_000,
  })

  await board.dragOver(lane('agree').getByRole('article', { name: /^A dark theme/ }), lane('build'))
  await board.dialog('Go to “build”').getByLabel('Reason').fill('It is agreed')
  await page.keyboard.press('Control+Enter')
  await expect(lane('Ended').getByRole('article', { name: /^A dark theme/ })).toContainText('Done', {
    timeout: 60_000,
  })
})
