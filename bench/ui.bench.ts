// The screens on a board of 10,000 cards, in Chromium on `runboard serve`. Needs a build. Limits (design §10): first
// paint within 0.5 s, no frame over 50 ms while scrolling and dragging, and one change renders one card.
import { chromium, expect, type Browser, type Page } from '@playwright/test'
import { BoardPage } from '../e2e/board-page.ts'
import { findBrowser } from '../e2e/find-browser.ts'
import { Home } from '../e2e/home.ts'
import { Serve } from '../e2e/serve.ts'
import { TaskDrawer } from '../e2e/task-drawer.ts'
import { type BigBoard, fillBoard, fillLongDiff, LOG_BYTES, RUNS } from './shared/big-board.ts'
import { framesDuring, memoryOf, scrollBy } from './shared/frames.ts'
import { median, ms, percentile, publish, table } from './shared/report.ts'

const CARDS = 10_000
const OPENINGS = 5
const CHANGES = 20
/** One per second, for an hour. */
const REPLAYED = 3600
const VIEWPORT = { width: 1280, height: 800 }

interface Bench {
  browser: Browser
  serve: Serve
  board: BigBoard
}

/** @param at the fixed time of the page's clock; by default the clock runs */
async function openPage({ browser, serve }: Bench, place: string, at: Date | null = null): Promise<Page> {
  const page = await (await browser.newContext({ viewport: VIEWPORT })).newPage()
  if (at !== null) await page.clock.setFixedTime(at)
  const whole = wholeBoard(page)
  await page.goto(serve.address(place))
  await whole
  return page
}

/**
 * Call it before the page is opened. Resolves when the first cards and then all others have been loaded and applied.
 */
async function wholeBoard(page: Page): Promise<void> {
  for (let views = 0; views < 2; views++) {
    const view = await page.waitForEvent('requestfinished', (request) =>
      request.url().endsWith('/rpc/board/view'),
    )
    await view.response()
  }
  await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)))
}

interface Openings {
  /** From the request of the page to the frame that shows its first cards, and until all are there. */
  first: number[]
  whole: number[]
}

/** @param place the address of a board with cards */
async function openings(bench: Bench, place = '/board/work'): Promise<Openings> {
  const times: Openings = { first: [], whole: [] }
  for (let n = 0; n < OPENINGS; n++) {
    const context = await bench.browser.newContext({ viewport: VIEWPORT })
    const page = await context.newPage()
    await page.addInitScript(() => {
      const seen = new Promise((resolve) => {
        const observer = new MutationObserver(() => {
          if (document.querySelector('[data-card]') === null) return
          observer.disconnect()
          requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now())))
        })
        observer.observe(document, { childList: true, subtree: true })
      })
      Reflect.set(window, 'benchSeen', seen)
    })
    // A small board has all its cards in the first answer.
    const whole = place === '/board/work' ? wholeBoard(page) : Promise.resolve()
    await page.goto(bench.serve.address(place))
    times.first.push(await page.evaluate(() => Reflect.get(window, 'benchSeen') as Promise<number>))
    await whole
    times.whole.push(await page.evaluate(() => performance.now()))
    await context.close()
  }
  return times
}

/** An empty page: how the machine itself delays frames at this time. */
async function nothing({ browser }: Bench): Promise<number[]> {
  const page = await (await browser.newContext({ viewport: VIEWPORT })).newPage()
  const frames = await framesDuring(page, () => page.waitForTimeout(5000))
  await page.context().close()
  return frames
}

async function scroll(bench: Bench): Promise<number[]> {
  const page = await openPage(bench, '/board/work')
  const first = new BoardPage(page).cardsIn('Ready').first()
  await first.waitFor()
  const frames = await framesDuring(page, () => scrollBy(first, 90, 300))
  await page.context().close()
  return frames
}

/** Scrolls the list and the lanes of the same board. */
async function scrollLayout(bench: Bench, layout: 'list' | 'stages'): Promise<number[]> {
  const page = await openPage(bench, `/board/work?layout=${layout}`)
  const main = page.getByRole('main')
  const first = layout === 'list' ? main.getByRole('row').nth(2) : main.getByRole('article').first()
  await first.waitFor()
  const frames = await framesDuring(page, () => scrollBy(first, 90, 300))
  await page.context().close()
  return frames
}

interface OpenedDiff {
  /** Milliseconds until the changes are shown, and from unfolding the long file until its first lines are. */
  shown: number
  unfolded: number
  frames: number[]
}

/** Measures a diff with a file of 5,000 changed lines: how fast it opens, and the frames while it is scrolled. */
async function longDiff({ browser, serve }: Bench, id: string): Promise<OpenedDiff> {
  const page = await (await browser.newContext({ viewport: VIEWPORT })).newPage()
  await page.goto(serve.address('/board/long'))
  await page.getByRole('navigation', { name: 'Views' }).waitFor()
  let from = performance.now()
  await page.evaluate((task) => (window.location.hash = `#/board/long/diff/task/${task}`), id)
  const head = page.getByRole('button', { name: /long\.ts/ }).first()
  await page.getByRole('region', { name: 'long.ts' }).waitFor()
  const shown = performance.now() - from
  const lines = page.getByRole('group', { name: 'Lines of long.ts' })
  from = performance.now()
  if (!(await lines.isVisible())) await head.click()
  await lines.getByText('value1 =').waitFor()
  const unfolded = performance.now() - from
  const frames = await framesDuring(page, async () => {
    for (let more = 0; more < 6; more++) {
      await scrollBy(lines, 400, 60)
      // Not by its role: that examines thousands of elements in one frame.
      const button = page.locator('[data-more]').first()
      if (await button.isVisible()) await button.click()
    }
  })
  await page.context().close()
  return { shown, unfolded, frames }
}

async function drag(bench: Bench): Promise<number[]> {
  const page = await openPage(bench, '/board/work')
  const board = new BoardPage(page)
  const card = board.cardsIn('Ready').nth(2)
  await card.waitFor()
  const box = await card.boundingBox()
  if (box === null) throw new Error('There is no card to drag')
  const [x, y] = [box.x + box.width / 2, box.y + 20]
  await page.mouse.move(x, y)
  await page.mouse.down()
  await page.mouse.move(x + 8, y + 8)
  const frames = await framesDuring(page, async () => {
    for (let step = 0; step < 600; step++) {
      const angle = (step / 60) * 2 * Math.PI
      await page.mouse.move(640 + 420 * Math.sin(angle), 400 + 220 * Math.sin(2 * angle))
    }
  })
  await page.keyboard.press('Escape')
  await page.mouse.up()
  await page.context().close()
  return frames
}

async function change(bench: Bench, id: string, text: string): Promise<void> {
  const { serve } = bench
  const response = await fetch(`${serve.url}/api/tasks/${id}/comments?board=work`, {
    method: 'POST',
    headers: { authorization: `Bearer ${serve.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ body: text }),
  })
  if (!response.ok) throw new Error(`A comment was refused: ${await response.text()}`)
}

/** How many cards the page renders again when one visible card changes. */
async function redrawn(bench: Bench): Promise<number[]> {
  // With a running clock, ages that change would be counted too.
  const page = await openPage(bench, '/board/work', new Date())
  const cards = new BoardPage(page).cardsIn('Ready')
  await cards.first().waitFor()
  const counts: number[] = []
  for (let n = 0; n < CHANGES; n++) {
    const card = cards.nth(n % 4)
    const id = (await card.getAttribute('data-card')) ?? ''
    await page.evaluate(() => {
      const drawn = new Set<string>()
      const observer = new MutationObserver((changes) => {
        for (const { target } of changes) {
          const element = target instanceof Element ? target : target.parentElement
          const of = element?.closest('[data-card]')?.getAttribute('data-card')
          if (of) drawn.add(of)
        }
      })
      const watched = { childList: true, subtree: true, characterData: true, attributes: true }
      observer.observe(document.querySelector('main') ?? document.body, watched)
      Reflect.set(window, 'benchDrawn', { drawn, observer })
    })
    await change(bench, id, `Change ${n}`)
    const comments = Math.floor(n / 4) + 1
    await expect(card).toContainText(String(comments))
    await page.waitForFunction(
      (one) => (Reflect.get(window, 'benchDrawn') as { drawn: Set<string> }).drawn.has(one),
      id,
    )
    // All its effects are drawn by the second frame after it.
    counts.push(
      await page.evaluate(
        () =>
          new Promise<number>((resolve) =>
            requestAnimationFrame(() =>
              requestAnimationFrame(() => {
                const { drawn, observer } = Reflect.get(window, 'benchDrawn') as {
                  drawn: Set<string>
                  observer: MutationObserver
                }
                observer.disconnect()
                resolve(drawn.size)
              }),
            ),
          ),
      ),
    )
  }
  await page.context().close()
  return counts
}

/** The page's memory before and after as many changes as an hour of busy work makes. */
async function replay(bench: Bench): Promise<{ before: Memory; after: Memory; frames: number[] }> {
  const page = await openPage(bench, '/board/work')
  const board = new BoardPage(page)
  await board.cardsIn('Ready').first().waitFor()
  const { ready } = bench.board
  for (let n = 0; n < 100; n++) await change(bench, ready[n] ?? '', 'To begin with')
  const before = await memoryOf(page)
  const frames = await framesDuring(page, async () => {
    for (let n = 0; n < REPLAYED; n += 4) {
      await Promise.all(
        [0, 1, 2, 3].map((one) => change(bench, ready[(n + one) % 500] ?? '', `Event ${n + one}`)),
      )
    }
  })
  const after = await memoryOf(page)
  await page.context().close()
  return { before, after, frames }
}

type Memory = Awaited<ReturnType<typeof memoryOf>>

interface Opened {
  runs: number
  log: number
  /** Frames while the rest of the log is read, and after that. */
  reading: number[]
  frames: number[]
}

/**
 * The drawer of the task with the long history: until its runs are visible, until the end of its log is, and scrolling
 * there.
 */
async function drawer(bench: Bench): Promise<Opened> {
  const { heavy } = bench.board
  const page = await openPage(bench, '/board/work')
  const [board, task] = [new BoardPage(page), new TaskDrawer(page)]
  await board.cardsIn('Ready').first().waitFor()
  let from = performance.now()
  await page.evaluate((id) => (window.location.hash = `#/board/work/task/${id}`), heavy)
  await task.head(RUNS).waitFor()
  const runs = performance.now() - from
  from = performance.now()
  await task.head(RUNS).click()
  const log = task.log(RUNS)
  await expect(log).toContainText('importer: row')
  const logTime = performance.now() - from
  const line = log.getByText('importer: row').first()
  const reading = await framesDuring(page, () => scrollBy(line, 400, 100))
  // All of it has been read when the list has its full height.
  await expect
    .poll(() => log.evaluate((element) => element.scrollHeight), { timeout: 60_000 })
    .toBeGreaterThan((LOG_BYTES / 100) * 17)
  const frames = await framesDuring(page, () => scrollBy(line, 400, 300))
  await page.context().close()
  return { runs, log: logTime, reading, frames }
}

function frameRow(name: string, frames: readonly number[]): string[] {
  const long = frames.filter((frame) => frame > 50).length
  return [
    name,
    String(frames.length),
    ms(median(frames)),
    ms(percentile(frames, 95)),
    ms(Math.max(...frames)),
    String(long),
  ]
}

const megabytes = (bytes: number) => (bytes / 1024 ** 2).toFixed(1)

const home = await Home.make()
await home.cli('init', '--name', 'work')
const board = await fillBoard(home.path, CARDS)
await home.cli('boards', 'create', 'small')
await home.create('One card', '--board', 'small')
const longId = await fillLongDiff(home)
const found = await findBrowser()
const browser = await chromium.launch({ executablePath: found.executablePath, args: found.args })
const serve = await Serve.start(home, '--no-dispatch')
try {
  const bench = { browser, serve, board }
  const small = await openings(bench, '/board/small')
  const opened = await openings(bench)
  const empty = await nothing(bench)
  const scrolled = await scroll(bench)
  const listed = await scrollLayout(bench, 'list')
  const staged = await scrollLayout(bench, 'stages')
  const dragged = await drag(bench)
  const diff = await longDiff(bench, longId)
  const drawn = await redrawn(bench)
  const task = await drawer(bench)
  const hour = await replay(bench)
  publish(
    'ui',
    [
      '## The screens',
      '',
      `A board of ${CARDS.toLocaleString('en-US')} cards, in ${found.name} without a graphics card, on \`runboard serve\`; browser, server and whatever else runs share the machine.`,
      '',
      `First paint of the cards (at most 500 ms): ${ms(median(opened.first))} ms, the median of ${OPENINGS} openings, ${ms(Math.max(...opened.first))} ms at worst. A board with one card, in the same run: ${ms(median(small.first))} ms, ${(median(opened.first) / median(small.first)).toFixed(2)} times as long with all cards. All cards are there after ${ms(median(opened.whole))} ms.`,
      '',
      table([
        ['frames', 'number', 'p50 ms', 'p95 ms', 'worst ms', 'over 50 ms'],
        frameRow('an empty page, to compare', empty),
        frameRow('scrolling a column of thousands', scrolled),
        frameRow('scrolling the list', listed),
        frameRow('scrolling a lane of the stages', staged),
        frameRow('dragging a card over the columns', dragged),
        frameRow('scrolling a diff of 5,000 lines, and drawing more of it', diff.frames),
        frameRow('scrolling a log while the rest is read', task.reading),
        frameRow(`scrolling a log of ${LOG_BYTES / 1e6} MB`, task.frames),
        frameRow(`while ${REPLAYED.toLocaleString('en-US')} changes are replayed`, hour.frames),
      ]),
      '',
      `One change draws ${median(drawn)} card in the middle of ${CHANGES} changes, ${Math.max(...drawn)} at most (1).`,
      '',
      `A diff with a file of 5,000 changed lines is shown after ${ms(diff.shown)} ms, and its first lines ${ms(diff.unfolded)} ms after it is unfolded.`,
      '',
      `The drawer of a task with ${RUNS} runs: its history is seen after ${ms(task.runs)} ms, the log of ${LOG_BYTES / 1e6} MB of a run ${ms(task.log)} ms after it is opened.`,
      '',
      table([
        ['after an hour’s worth of changes', 'heap MB', 'nodes', 'listeners'],
        ['before', megabytes(hour.before.heap), String(hour.before.nodes), String(hour.before.listeners)],
        ['after', megabytes(hour.after.heap), String(hour.after.nodes), String(hour.after.listeners)],
      ]),
    ].join('\n'),
  )
} finally {
  await serve.stop()
  await home.remove()
  await browser.close()
}
