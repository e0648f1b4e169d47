/** How long to wait for a busy page, in milliseconds. */
const LONGEST = 500

/** Resolves when the page has painted what it shows now and has nothing else to do, or is busy for too long. */
export function whenIdle(): Promise<unknown> {
  return new Promise((resolve) => {
    // Safari has no idle callbacks.
    if ('requestIdleCallback' in globalThis) requestIdleCallback(resolve, { timeout: LONGEST })
    else setTimeout(resolve, 50)
  })
}
