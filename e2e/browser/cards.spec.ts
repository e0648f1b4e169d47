import type { Locator } from '@playwright/test'
import { expect, test } from '../fixtures.ts'

/** The parts of a card that extend beyond its left or right edge. */
function outside(card: Locator): Promise<string[]> {
  return card.evaluate((element) => {
    const edge = element.getBoundingClientRect()
    return [...element.querySelectorAll('*')]
      .filter((part) => part.closest('.visually-hidden') === null)
      .flatMap((part) => [...part.getClientRects()].map((box) => ({ part, box })))
      .filter(({ box }) => box.right > edge.right || box.left < edge.left)
      .map(({ part, box }) => `${part.outerHTML.slice(0, 120)}: ${Math.round(box.right - edge.right)} px`)
  })
}

test('S7: at 1280 px nothing extends beyond a card', async ({ board, home, open, page }) => {
  const name = 'reviewer-of-everything-with-a-name-that-goes-on-and-on'
  const long = 'Pneumonoultramicroscopicsilicovolcanoconiosis_'.repeat(3)
  await home.addProfile(name, 'exit 0')
  await home.addProfile('quiet', 'echo tidied')
  await home.addProfile('busy', home.gate('never'))
  await home.addProfile('broken', 'echo "403 forbidden"; exit 1', '--backoff', '1h')
  const labels = ['--priority', '1000000', '--tenant', 'a-tenant-whose-name-goes-on-and-on']
  const parent = await home.create('Kept', '--assignee', name, '--hold', ...labels)
  await home.create('Waits', '--assignee', name, '--parent', parent, ...labels)
  await home.create(long, '--assignee', name, '--hold', ...labels)
  await home.create('Idea', '--triage', '--assignee', name, ...labels)
  for (const profile of ['quiet', 'busy', 'broken']) {
    await home.create(`By ${profile}`, '--assignee', profile, ...labels)
  }
  await page.setViewportSize({ width: 1280, height: 900 })
  await page.clock.setFixedTime(Date.now() + 37 * 60_000)
  await open('/board/work')
  await expect(board.cardIn('Blocked', 'By quiet')).toContainText('ended without a report')
  await expect(board.cardIn('Running', 'By busy')).toBeVisible()
  await expect(board.cardIn('Ready', 'By broken')).toContainText('crashed')
  await expect(board.cardIn('Ready', 'Kept')).toContainText(/held.*37 min/)
  const cards = await page.getByRole('article').all()
  expect(cards.length).toBe(7)
  for (const card of cards) expect(await outside(card)).toEqual([])
})

test('S13: no view writes to the console, while it loads and while keys are pressed', async ({
  complaints,
  home,
  open,
  page,
}) => {
  const parent = await home.create('First')
  await home.create('Second', '--parent', parent)
  for (const view of ['', '/graph', '/inbox', '/runs', '/workers', '/settings']) {
    await open(`/board/work${view}`)
    await expect(page.getByRole('main')).toBeVisible()
    await page.keyboard.press('Shift')
    await page.keyboard.press('j')
  }
  await open('/board/work/graph')
  await expect(page.getByRole('main').getByText('Second')).toBeVisible()
  await page.keyboard.press('Control')
  await page.keyboard.press('j')
  // A keydown event without a key, as the browser sends when it fills in a field.
  await page.evaluate(() => document.body.dispatchEvent(new Event('keydown', { bubbles: true })))
  expect(complaints.unexpected).toEqual([])
})

test('B9: every card shows at once that its profile is full, held or released', async ({
  board,
  cli,
  home,
  open,
}) => {
  await home.addProfile('one', home.gate('go'), '--max-concurrent', '1')
  await home.addProfile('broken', 'echo "403 forbidden"; exit 1', '--backoff', '1h')
  await home.create('Runs', '--assignee', 'one')
  await open('/board/work')
  await expect(board.cardIn('Running', 'Runs')).toBeVisible()
  for (const title of ['Second', 'Third']) await home.create(title, '--assignee', 'one')
  for (const title of ['Second', 'Third']) {
    await expect(board.cardIn('Ready', title)).toContainText('Waiting for a free one worker (1 of 1 busy).')
  }
  const tried = ['Try A', 'Try B', 'Try C']
  for (const title of tried) await home.create(title, '--assignee', 'broken')
  for (const title of tried) {
    await expect(board.cardIn('Ready', title)).toContainText('Profile broken is held')
  }
  await cli('profiles', 'release', 'broken')
  for (const title of tried) await expect(board.cardIn('Ready', title)).not.toContainText('is held')
})
