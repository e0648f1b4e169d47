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
    await expect(board.cardIn('Ready', title)).toContainText('All workers busy (1 of 1)')
  }
  const tried = ['Try A', 'Try B', 'Try C']
  for (const title of tried) await home.create(title, '--assignee', 'broken')
  for (const title of tried) {
    await expect(board.cardIn('Ready', title)).toContainText('Profile broken is held')
  }
  await cli('profiles', 'release', 'broken')
  for (const title of tried) await expect(board.cardIn('Ready', title)).not.toContainText('is held')
})

/** Text as people and workers write it: without spaces, without letters, from right to left, and very long. */
const TITLES = [
  'Short',
  'Cache the resolved executable so that a claim does not stat PATH again for every single task',
  'Pneumonoultramicroscopicsilicovolcanoconiosis_'.repeat(4),
  '日本語のタイトルはとても長くて改行する場所がないので注意が必要です、そしてさらにずっと続きます',
  'مهمة طويلة جدا باللغة العربية مع نص من اليمين إلى اليسار يجب ألا يخرج من البطاقة مهما حدث',
  '🚀🔥🎉🧨🪄✨👩‍👩‍👧‍👦🏳️‍🌈'.repeat(6),
  'https://example.org/a/very/long/path?with=parameters&and=more#and-a-fragment-that-goes-on',
]

/** @returns the parts of these cards that leave their card, or are cut without a tooltip although they have a meaning */
function faultsOf(cards: Locator): Promise<string[]> {
  return cards.evaluateAll((elements) => {
    const clip = (part: Element) => {
      let [left, right, bottom] = [-Infinity, Infinity, Infinity]
      for (let box = part.parentElement; box !== null && !box.matches('li'); box = box.parentElement) {
        if (getComputedStyle(box).overflowX !== 'hidden') continue
        const edge = box.getBoundingClientRect()
        left = Math.max(left, edge.left)
        right = Math.min(right, edge.right)
        bottom = Math.min(bottom, edge.bottom)
      }
      return { left, right, bottom }
    }
    return elements.flatMap((card) => {
      const name = card.getAttribute('aria-label')?.slice(0, 30)
      const edge = card.getBoundingClientRect()
      const parts = [...card.querySelectorAll('*')].filter(
        (part) => part.closest('.visually-hidden') === null,
      )
      return parts.flatMap((part) => {
        const boxes = [...part.getClientRects()]
        const { left, right, bottom } = clip(part)
        const isOut = boxes.some(
          (box) => box.left >= left && box.right <= right && (box.left < edge.left || box.right > edge.right),
        )
        const isCut = part.scrollWidth > part.clientWidth + 1 || part.scrollHeight > part.clientHeight + 2
        const clips = getComputedStyle(part).overflowX === 'hidden' && isCut
        const hasTip = part.closest('[data-tip], [data-tip-at], [data-tip-cut]') !== null
        const isWhole = boxes.every(
          (box) => box.left >= left - 1 && box.right <= right + 1 && box.bottom <= bottom + 1,
        )
        return [
          ...(isOut ? [`${name}: leaves the card: ${part.outerHTML.slice(0, 80)}`] : []),
          ...(clips && !hasTip ? [`${name}: cut without a tooltip: ${part.outerHTML.slice(0, 80)}`] : []),
          ...(part.matches('[data-whole]') && !isWhole
            ? [`${name}: cut: ${part.outerHTML.slice(0, 80)}`]
            : []),
        ]
      })
    })
  })
}

test('at 1280 px a card keeps any text inside, and cuts nothing that has a meaning', async ({
  board,
  home,
  open,
  page,
  serve,
}) => {
  const profiles = ['quiet', 'reviewer-of-everything-with-a-name-that-goes-on-and-on', 'third']
  const [quiet = '', asks = '', other = ''] = profiles
  await home.addProfile(quiet, 'echo tidied')
  await home.addProfile(asks, `runboard block --reason "${TITLES[1]} ${TITLES[2]}"`)
  await home.addProfile(other, 'exit 0', '--max-concurrent', '1')
  const create = async (fields: object) => {
    const response = await fetch(`${serve.url}/api/tasks?board=work`, {
      method: 'POST',
      headers: { authorization: `Bearer ${serve.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(fields),
    })
    expect(response.ok, await response.text()).toBe(true)
  }
  for (const [index, title] of TITLES.entries()) {
    const facts = {
      priority: index * 1000,
      due_at: Date.now() - index * 86_400_000,
      tenant: TITLES[6]?.slice(0, 90),
    }
    const labels = [TITLES[2]?.slice(0, 45), '緊急', 'قريب']
    await create({ title, ...facts, labels, assignee: quiet })
    await create({ title, ...facts, assignee: asks })
    await create({ title, labels, assignee: other, held: true })
    await create({ title, ...facts, labels, triage: true })
  }
  await page.setViewportSize({ width: 1280, height: 2400 })
  await open('/board/work')
  await expect(board.column('Blocked')).toHaveAccessibleName(`Blocked, ${TITLES.length + 3} tasks`, {
    timeout: 30_000, // after three equal endings, their profile is held
  })
  const cards = page.getByRole('article')
  expect(await faultsOf(cards)).toEqual([])
  const widths = await cards.evaluateAll((all) => all.map((card) => card.getBoundingClientRect().width))
  expect(Math.min(...widths)).toBeGreaterThanOrEqual(220)

  await page.getByRole('button', { name: 'Display' }).click()
  await board.menu('Display').getByRole('menuitem', { name: 'Compact' }).click()
  await expect(board.menu('Display')).toBeHidden()
  expect(await faultsOf(cards)).toEqual([])
})

test('a column ends in view or is cut by the window’s edge, and shows only titles if chosen', async ({
  board,
  home,
  open,
  page,
}) => {
  await home.create('An idea', '--triage')
  await home.create('To do')
  await page.setViewportSize({ width: 900, height: 800 })
  await open('/board/work')
  for (const name of ['Todo', 'Review', 'Blocked'] as const) {
    await board
      .column(name)
      .getByRole('button', { name: `${name} 0` })
      .click()
  }
  const edges = () =>
    page
      .getByRole('region', { name: 'Columns' })
      .locator('section')
      .evaluateAll((all) =>
        all
          .map((column) => column.getBoundingClientRect())
          .filter((box) => box.left < window.innerWidth && box.right > window.innerWidth)
          .map((box) => Math.min(window.innerWidth - box.left, box.right - window.innerWidth)),
      )
  await expect.poll(async () => (await edges())[0]).toBeGreaterThan(40)

  await board.column('Triage').getByRole('button', { name: 'Column Triage' }).click()
  await board.menu('Column Triage').getByRole('menuitem', { name: 'Titles only' }).click()
  await expect.poll(async () => (await board.column('Triage').boundingBox())?.width).toBe(148)
  await page.reload()
  await expect(board.cardIn('Triage', 'An idea')).toBeVisible()
  expect((await board.column('Triage').boundingBox())?.width).toBe(148)
})

test('a card of a workflow has one line of facts, in the narrowest column too', async ({
  board,
  home,
  open,
  page,
}) => {
  for (const name of ['builder-of-everything', 'critic']) await home.addProfile(name, 'exit 0')
  await home.cli('pause')
  home.write(
    'looped.yaml',
    `runboard: 1
name: looped
title: Looped
steps:
  - {key: plan, kind: work, profile: critic, prompt: Plan., on: {done: build}}
  - {key: build, kind: work, profile: builder-of-everything, prompt: Build., on: {done: test}}
  - {key: test, kind: work, profile: critic, prompt: Test., verdicts: [good, bad], on: {good: over, bad: {to: build, max_rounds: 4}}}
  - {key: over, kind: end, state: succeeded}
`,
  )
  await home.cli('workflows', 'add', `${home.path}/looped.yaml`)
  const id = await home.create('A dark theme that follows the system', '--workflow', 'looped')
  await home.cli('skip', id, '--verdict', 'done', '--reason', 'Planned')
  await home.cli('skip', id, '--verdict', 'done', '--reason', 'Built')
  await home.cli('skip', id, '--verdict', 'bad', '--reason', 'Broken')
  await page.setViewportSize({ width: 900, height: 800 })
  await open('/board/work')
  const card = board.cardIn('Ready', 'A dark theme that follows the system')
  await expect(card).toContainText('build · round 1 of 4')
  await expect(card).toContainText('builder-of-everything')
  // As in the narrowest column: columns grow where there is room.
  await card.evaluate((element) => (element.style.width = '222px'))
  const tops = await card
    .locator('.facts > :not(.dots)')
    .evaluateAll((all) => all.map((fact) => Math.round(fact.getBoundingClientRect().top)))
  expect(tops.length).toBeGreaterThan(1)
  expect(Math.max(...tops) - Math.min(...tops)).toBeLessThan(6)
  expect(await faultsOf(page.getByRole('article'))).toEqual([])
})

test('a pointer at an age shows the exact time', async ({ board, home, open, page }) => {
  await home.create('Old enough', '--hold')
  await open('/board/work')
  await board.card('Old enough').locator('time').hover()
  await expect(page.getByRole('tooltip')).toHaveText(/^Ready since .*\b\d{4}\b.*:\d\d/)
})
