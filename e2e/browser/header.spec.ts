import type { Locator } from '@playwright/test'
import { expect, test } from '../fixtures.ts'

test('the header fits every width, and its icons have names where labels have no room', async ({
  cli,
  home,
  open,
  page,
}) => {
  await cli('boards', 'rename', 'work', 'A board with a rather long name')
  const id = await home.create('Paint the door')
  await open()
  const header = page.getByRole('banner')
  const overflow = () => header.evaluate((element) => element.scrollWidth - element.clientWidth)
  for (const width of [600, 900, 1024, 1280, 1440, 1920]) {
    await page.setViewportSize({ width, height: 800 })
    await expect.poll(overflow).toBe(0)
    for (const name of ['Board', 'Inbox', 'Runs', 'Workers', 'Graph', 'Workflows'])
      await expect(header.getByRole('link', { name })).toBeInViewport()
    for (const name of ['Search and commands', 'Settings', 'New task'])
      await expect(header.getByRole('button', { name })).toBeInViewport()
    await expect(header.getByText('Search', { exact: true })).toBeVisible({ visible: width >= 1440 })
  }
  // An open task makes the header narrower.
  await open(`/board/work/task/${id}`)
  await expect(header.getByText('Search', { exact: true })).toBeHidden()
  await expect.poll(overflow).toBe(0)
})

/**
 * @returns the cut texts of the header, and its overlapping controls. Texts hidden on purpose, such as the names of icons,
 *   are 1 px wide and do not count
 */
function faultsOf(header: Locator): Promise<string[]> {
  return header.evaluate((root) => {
    const shown = (element: Element) => element.getClientRects().length > 0 && element.clientWidth !== 1
    const named = (element: Element) => element.getAttribute('aria-label') ?? element.textContent.trim()
    const cut = [...root.querySelectorAll<HTMLElement>('*')]
      .filter((element) => shown(element) && getComputedStyle(element).overflowX !== 'visible')
      .filter(
        ({ clientHeight, clientWidth, scrollHeight, scrollWidth }) =>
          scrollWidth > clientWidth || scrollHeight > clientHeight + 1,
      )
      .map((element) => `cut: ${named(element)}`)
    const controls = [...root.querySelectorAll('a, button, [role=status]')].filter(shown)
    const boxes = controls.map((element) => ({ name: named(element), box: element.getBoundingClientRect() }))
    const overlaps = boxes.flatMap(({ name, box }, index) =>
      boxes
        .slice(index + 1)
        .filter(({ box: other }) => other.left < box.right - 0.5 && box.left < other.right - 0.5)
        .map((other) => `overlap: ${name}, ${other.name}`),
    )
    const edges = root.getBoundingClientRect()
    const outside = boxes
      .filter(({ box }) => box.left < edges.left || box.right > edges.right)
      .map(({ name }) => `outside: ${name}`)
    return [...cut, ...overlaps, ...outside]
  })
}

test('the header cuts no name and no count on a busy board', async ({ board, cli, home, open, page }) => {
  const name = 'Runboard desktop app and website'
  await cli('boards', 'rename', 'work', name)
  await home.addProfile('shaky', 'exit 3', '--failure-limit', '1')
  await home.addProfile('long', home.gate('never'))
  for (let number = 1; number <= 12; number++) {
    const asked = await home.create(`Question ${number}`)
    await cli('block', asked, '--reason', 'Which one?')
  }
  for (let number = 1; number <= 3; number++) await home.create(`Fails ${number}`, '--assignee', 'shaky')
  for (let number = 1; number <= 4; number++) await home.create(`Runs ${number}`, '--assignee', 'long')
  await open()
  const header = page.getByRole('banner')
  await expect(board.cardsIn('Running')).toHaveCount(4)
  await expect(header.getByRole('button', { name: '3 failed' })).toBeVisible()
  await expect(header.getByRole('button', { name: '15 need you' })).toBeVisible()
  await expect(header.getByRole('status')).toContainText('4 of 4')
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme })
    for (const width of [580, 680, 740, 780, 820, 860, 900, 1024, 1280, 1366, 1440, 1600, 1920]) {
      await page.setViewportSize({ width, height: 800 })
      await expect.poll(() => faultsOf(header), `${width} px, ${colorScheme}`).toEqual([])
    }
  }
})
