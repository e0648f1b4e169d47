import { expect, test } from '../fixtures.ts'

test('a fan-out in the graph: held-up tasks are marked, a task opens, the keys move along the links', async ({
  cli,
  drawer,
  home,
  open,
  page,
}) => {
  const plan = await home.create('Plan the release')
  const build = await home.create('Build it', '--parent', plan)
  const write = await home.create('Write the notes', '--parent', plan)
  const ship = await home.create('Ship it', '--parent', build, '--parent', write)
  await home.create('Water the plants')
  await open('/board/work')
  await page.keyboard.press('g')
  await page.keyboard.press('g')
  await expect(page.getByRole('status').filter({ hasText: '4 linked tasks, 1 without links' })).toBeVisible()
  const node = (name: string | RegExp) => page.getByRole('link', { name })
  await expect(node(/^Plan the release, Ready/)).toBeVisible()
  await expect(node(/^Ship it, Todo, blocked by 2/)).toBeVisible()
  await expect(node(/plants/)).toBeHidden()

  // Changes by other processes appear live, and the path they hold up is highlighted.
  await cli('complete', plan)
  await cli('block', build, '--reason', 'Which compiler?')
  await expect(node(/^Build it, Blocked/)).toBeVisible()
  await expect(node(/^Ship it, Todo, blocked by 2, held up by a task that needs you/)).toBeVisible()
  await expect(node(/^Write the notes, Ready$/)).toBeVisible()

  // By keyboard alone: Tab reaches one task, the arrows move, Enter opens.
  await node(/^Plan the release/).focus()
  await page.keyboard.press('ArrowRight')
  await page.keyboard.press('ArrowRight')
  await expect(node(/^Ship it/)).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(drawer.panel.getByRole('heading', { name: 'Ship it' })).toBeVisible()
  await expect(page).toHaveURL(new RegExp(`/board/work/graph/task/${ship}$`))
  await page.keyboard.press('Escape')
  await expect(drawer.panel).toBeHidden()

  // A new link appears without a reload.
  const review = await home.create('Review the notes', '--parent', write)
  await expect(node(/^Review the notes/)).toBeVisible()
  await cli('unlink', write, review)
  await expect(node(/^Review the notes/)).toBeHidden()
})

test('without links, the graph says how to add one', async ({ home, open, page }) => {
  await home.create('On its own')
  await open('/board/work/graph')
  await expect(page.getByRole('heading', { name: 'No dependencies' })).toBeVisible()
})

test('a graph of six hundred tasks is laid out in a worker thread', async ({ open, page, serve }) => {
  const ids: string[] = []
  for (let index = 0; index < 600; index++) {
    const parents = index === 0 ? [] : [ids[Math.floor((index - 1) / 3)]]
    const response = await fetch(`${serve.url}/api/tasks?board=work`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${serve.token}` },
      body: JSON.stringify({ title: `Step ${index}`, parents }),
    })
    ids.push(((await response.json()) as { task: { id: string } }).task.id)
  }
  await open('/board/work/graph')
  await expect(page.getByRole('status').filter({ hasText: '600 linked tasks' })).toBeVisible({
    timeout: 30_000,
  })
  await page.keyboard.press('+')
  await expect(page.getByRole('link', { name: /^Step \d+, / }).first()).toBeVisible()
  expect(page.workers().map((worker) => worker.url())).toEqual([expect.stringContaining('layout-worker')])
})

test('the graph fits its frame again after a resize, until the user zooms it', async ({
  home,
  open,
  page,
}) => {
  const first = await home.create('First of all')
  let last = first
  for (const title of ['Second', 'Third', 'Fourth', 'Fifth'])
    last = await home.create(title, '--parent', last)
  await page.setViewportSize({ width: 1600, height: 800 })
  await open('/board/work/graph')
  const node = (name: RegExp) => page.getByRole('link', { name })
  await expect(node(/^Fifth/)).toBeVisible()
  const outside = async (width: number) => {
    const box = await node(/^Fifth/).boundingBox()
    return box === null || box.x + box.width > width
  }
  for (const width of [900, 1500, 760]) {
    await page.setViewportSize({ width, height: 800 })
    await expect.poll(() => outside(width), `${width} px`).toBe(false)
  }
  const scale = () =>
    page
      .locator('.svelte-flow__viewport')
      .evaluate((view) => new DOMMatrix(getComputedStyle(view).transform).a)
  const small = await scale()
  await page.getByRole('button', { name: 'Zoom in' }).click()
  await expect.poll(scale).toBeGreaterThan(small)
  const zoomed = await scale()
  await page.setViewportSize({ width: 1600, height: 800 })
  await expect(node(/^Fifth/)).toBeVisible()
  expect(await scale()).toBeCloseTo(zoomed)
  await page.getByRole('button', { name: 'Zoom out' }).click()
  await expect.poll(scale).toBeLessThan(zoomed)
  await page.getByRole('button', { name: 'Show the whole graph' }).click()
  // Wider than where it was zoomed, so the whole graph is larger.
  await expect.poll(scale).toBeGreaterThan(zoomed)
})
