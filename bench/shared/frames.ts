import type { Locator, Page } from '@playwright/test'

/** The duration of each frame while `body` ran, in milliseconds. */
export async function framesDuring(page: Page, body: () => Promise<unknown>): Promise<number[]> {
  await page.evaluate(() => {
    const frames: number[] = []
    let last = performance.now()
    const tick = (now: number) => {
      frames.push(now - last)
      last = now
      if (Reflect.get(window, 'benchFrames') === frames) requestAnimationFrame(tick)
    }
    Reflect.set(window, 'benchFrames', frames)
    requestAnimationFrame(tick)
  })
  await body()
  const frames = await page.evaluate(() => {
    const taken = Reflect.get(window, 'benchFrames') as number[]
    Reflect.set(window, 'benchFrames', null)
    return taken
  })
  return frames.slice(2)
}

/** Scrolls the scrolling ancestor of an element by `pixels` in each frame. */
export async function scrollBy(element: Locator, pixels: number, frames: number): Promise<void> {
  await element.evaluate(
    async (start, [step = 0, count = 0]) => {
      let scroller: Element | null = start
      while (scroller !== null && scroller.scrollHeight <= scroller.clientHeight + 1) {
        scroller = scroller.parentElement
      }
      if (scroller === null) throw new Error('Nothing scrolls here')
      for (let frame = 0; frame < count; frame++) {
        scroller.scrollTop += step
        await new Promise(requestAnimationFrame)
      }
    },
    [pixels, frames],
  )
}

/** Bytes of the page's heap, and the number of nodes and listeners, after garbage collection. */
export async function memoryOf(page: Page): Promise<{ heap: number; nodes: number; listeners: number }> {
  const session = await page.context().newCDPSession(page)
  await session.send('HeapProfiler.collectGarbage')
  await session.send('Performance.enable')
  const { metrics } = await session.send('Performance.getMetrics')
  const value = (name: string) => metrics.find((metric) => metric.name === name)?.value ?? Number.NaN
  await session.detach()
  return { heap: value('JSHeapUsedSize'), nodes: value('Nodes'), listeners: value('JSEventListeners') }
}
