import type { Page } from '@playwright/test'

/**
 * Simulates a machine that is slow to draw, on demand: `E2E_SLOW_FRAMES=250 npx playwright test --project=chromium`
 * delays each requested frame by this number of milliseconds, and gives scripts a third of the processor. This exposes
 * tests that pass only because a frame comes before the next key.
 */
export async function slowFrames(page: Page): Promise<void> {
  const held = Number(process.env.E2E_SLOW_FRAMES ?? 0)
  if (!(held > 0)) return
  await page.addInitScript((milliseconds) => {
    const next = window.requestAnimationFrame.bind(window)
    window.requestAnimationFrame = (draw) => next(() => setTimeout(() => next(draw), milliseconds))
  }, held)
  const devtools = await page.context().newCDPSession(page)
  await devtools.send('Emulation.setCPUThrottlingRate', { rate: 3 })
}
