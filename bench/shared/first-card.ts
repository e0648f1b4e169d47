import type { ChildProcess } from 'node:child_process'
import { setTimeout as delay } from 'node:timers/promises'

const RETRY_MS = 10

/** Resolves in the page with the time when a card has been painted, in milliseconds since the epoch. */
const FIRST_CARD = `new Promise((resolve) => {
  const seen = () => {
    if (document.querySelector('[data-card]') === null) return false
    requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.timeOrigin + performance.now())))
    return true
  }
  if (seen()) return
  const observer = new MutationObserver(() => { if (seen()) observer.disconnect() })
  observer.observe(document, { childList: true, subtree: true })
})`

async function debuggingPort(app: ChildProcess): Promise<string> {
  let said = ''
  for await (const chunk of app.stderr ?? []) {
    said += String(chunk)
    const port = /DevTools listening on ws:\/\/127\.0\.0\.1:(\d+)\//.exec(said)?.[1]
    if (port !== undefined) return port
  }
  throw new Error(`The app ended before its window was there: ${said}`)
}

async function pageAddress(port: string): Promise<string> {
  for (;;) {
    const answer = await fetch(`http://127.0.0.1:${port}/json/list`)
    const pages = (await answer.json()) as { url: string; webSocketDebuggerUrl: string }[]
    const page = pages.find(({ url }) => url.startsWith('runboard-app:'))
    if (page !== undefined) return page.webSocketDebuggerUrl
    await delay(RETRY_MS)
  }
}

/**
 * @param app started with `--remote-debugging-port=0`, its stderr piped
 * @returns when its window has painted its first card, in milliseconds since the epoch
 */
export async function firstCardAt(app: ChildProcess): Promise<number> {
  const socket = new WebSocket(await pageAddress(await debuggingPort(app)))
  const { promise, resolve, reject } = Promise.withResolvers<number>()
  const params = { expression: FIRST_CARD, awaitPromise: true, returnByValue: true }
  const ask = () => socket.send(JSON.stringify({ id: 1, method: 'Runtime.evaluate', params }))
  socket.onopen = ask
  socket.onmessage = ({ data }) => {
    const { id, result } = JSON.parse(String(data)) as {
      id?: number
      result?: { result?: { value?: number } }
    }
    const at = result?.result?.value
    if (at !== undefined) resolve(at)
    // The page is still loading and cannot run anything yet.
    else if (id === 1) setTimeout(ask, RETRY_MS)
  }
  socket.onerror = () => reject(new Error('The window could not be asked.'))
  try {
    return await promise
  } finally {
    socket.close()
  }
}
