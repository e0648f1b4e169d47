import { createORPCClient } from '@orpc/client'
import { RPCLink as FetchLink } from '@orpc/client/fetch'
import { RPCLink as PortLink } from '@orpc/client/message-port'
import type { Client } from '../../contract/index.ts'
import './shell-facts.ts'
import { toasts } from './toasts.svelte.ts'

const TOKEN_KEY = 'runboard:token'
const TOKEN_PATTERN = /^#(token|code)=([^&]+)/
const PORT_MESSAGE = 'runboard:port'
/** Sent once this page listens, so that a preload that was earlier sends its port again. */
const READY_MESSAGE = 'runboard:ready'

/** The desktop menu's request for an action of the page: this, and the action's id. */
const ACTION_MESSAGE = 'runboard:action '

/** What was asked for before anybody listened: the screens are loaded after this module. */
const early: string[] = []
let runAction = (id: string): void => void early.push(id)

window.addEventListener('message', ({ source, data }: MessageEvent<unknown>) => {
  if (source !== window || typeof data !== 'string' || !data.startsWith(ACTION_MESSAGE)) return
  runAction(data.slice(ACTION_MESSAGE.length))
})

/** @returns a function that ends it */
export function listenForActions(run: (id: string) => void): () => void {
  runAction = run
  for (const id of early.splice(0)) run(id)
  return () => {
    runAction = (id) => void early.push(id)
  }
}

export const isDesktop = window.runboardShell !== undefined

/**
 * Receives the port to the main process. The listener is in place when this module has run, which is before the page is
 * loaded; only then is the preload notified. A later port (the main process created a new one) goes to `onPort` as
 * well.
 */
function listenForPort(onPort: (port: MessagePort) => void): void {
  window.addEventListener('message', (event) => {
    const [port] = event.ports
    if (event.source !== window || event.data !== PORT_MESSAGE || port === undefined) return
    port.start()
    // Chromium 114 crashes when a page is left while it holds a port of Electron's main process.
    window.addEventListener('pagehide', () => port.close(), { once: true })
    onPort(port)
  })
  window.postMessage(READY_MESSAGE, window.location.origin === 'null' ? '*' : window.location.origin)
}

/**
 * The token, or a code for it, comes once, in the fragment, and is removed from the address before it can be copied.
 *
 * @returns null when neither the address nor this tab has a token, or the code is no longer valid
 */
async function takeToken(): Promise<string | null> {
  const match = TOKEN_PATTERN.exec(window.location.hash)
  if (match?.[2] !== undefined) {
    const rest = window.location.hash.slice(match[0].length).replace(/^&/, '')
    window.history.replaceState(null, '', `${window.location.pathname}#${rest === '' ? '/' : rest}`)
    const given = decodeURIComponent(match[2])
    const token = match[1] === 'code' ? await redeem(given) : given
    if (token !== null) sessionStorage.setItem(TOKEN_KEY, token)
  }
  return sessionStorage.getItem(TOKEN_KEY)
}

/** The header's name is `CODE_HEADER` on the server. */
async function redeem(code: string): Promise<string | null> {
  try {
    const answer = await fetch(`${window.location.origin}/token`, {
      method: 'POST',
      headers: { 'x-runboard-code': code },
    })
    return answer.ok ? ((await answer.json()) as { token: string }).token : null
  } catch {
    // The server is gone: the first call reports it.
    return null
  }
}

function overHttp(): Client {
  const token = takeToken()
  // Pasting the address of a restarted server over the old one only changes the fragment.
  window.addEventListener('hashchange', () => {
    if (!TOKEN_PATTERN.test(window.location.hash)) return
    void takeToken().then(() => {
      window.location.reload()
    })
  })
  const link = new FetchLink({
    ...showingWarnings,
    url: `${window.location.origin}/rpc`,
    headers: async () => {
      const value = await token
      return value === null ? {} : { authorization: `Bearer ${value}` }
    },
  })
  return createORPCClient(link)
}

/** Calls wait for the port; after another port arrives, they use that one. */
function overPort(): Client {
  let given: (client: Client) => void
  let current = new Promise<Client>((resolve) => (given = resolve))
  listenForPort((port) => {
    const client = createORPCClient<Client & object>(new PortLink({ port, ...showingWarnings }))
    given(client)
    current = Promise.resolve(client)
  })
  return createORPCClient<Client & object>({
    call: async (path, input, options) => {
      const [group, verb] = path
      const client = (await current) as unknown as Record<string, Record<string, Call> | undefined>
      const call = client[group ?? '']?.[verb ?? '']
      if (call === undefined) throw new TypeError(`No operation ${path.join('.')}`)
      return call(input, options)
    },
  })
}

type Call = (input: unknown, options: unknown) => Promise<unknown>

/** Warnings of task operations are shown whichever screen made the call; screens show other warnings themselves. */
const showingWarnings = {
  interceptors: [
    async ({ next, path }: { next: () => Promise<unknown>; path: readonly string[] }): Promise<unknown> => {
      const answer = await next()
      const { warnings } = (path[0] === 'task' ? (answer ?? {}) : {}) as { warnings?: string[] }
      for (const warning of warnings ?? []) toasts.show(warning, { tone: 'waiting' })
      return answer
    },
  ],
}

/** The typed client of the contract, over the desktop shell's port or over HTTP. Created once, when the page starts. */
export function connect(): Client {
  return isDesktop ? overPort() : overHttp()
}
