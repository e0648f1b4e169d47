import { pathToFileURL } from 'node:url'
import { OperationError } from '../../contract/index.ts'
import type { Dispatching, Kernel } from '../../kernel/index.ts'
import { knowsPeers } from './open-code.ts'
import { openInBrowser } from './open-browser.ts'
import { isServed, readServeFile, removeServeFile, writeServeFile } from './serve-file.ts'
import { startServer } from './server.ts'
import type { RunningServer } from './server.ts'
import { keepToken, lastingToken, makeToken, removeOpenPage, writeOpenPage } from './token-file.ts'

/** Taken when nobody says otherwise and it is free, so that the address stays the same from day to day. */
const USUAL_PORT = 7420

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export interface ServeOptions {
  /** Only this one; without it the usual one, or a free one where that is taken. */
  port?: number | undefined
  /** The usual one is another, for tests: that of this machine may come and go meanwhile. */
  usualPort?: number
  /** Whether to open the page in the browser. */
  open: boolean
  /** Whether the token is renewed; tabs and scripts that have the old one are then locked out. */
  newToken?: boolean
  /** Whether to claim and start work while serving. */
  dispatch: boolean
  stdout?: { write(text: string): unknown } | undefined
  /** Ends it, as SIGINT and SIGTERM do. */
  signal?: AbortSignal | undefined
}

function portError(cause: unknown, port: number): unknown {
  const code = (cause as NodeJS.ErrnoException).code
  if (code === 'EADDRINUSE') {
    return new OperationError(
      'CONFLICT',
      `Port ${port} is taken by another program: give another --port, or none to take a free one.`,
      { port },
    )
  }
  if (code === 'EACCES') {
    return new OperationError('CONFLICT', `Port ${port} may not be used by you: give one from 1024 on.`, {
      port,
    })
  }
  return cause
}

async function startOnPort(
  kernel: Kernel,
  { port, usualPort = USUAL_PORT, newToken = false }: ServeOptions,
): Promise<RunningServer> {
  const token = newToken ? makeToken() : await lastingToken(kernel.home)
  try {
    return await startServer(kernel, { port: port ?? usualPort, token })
  } catch (cause) {
    if (port !== undefined || (cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') {
      throw portError(cause, port ?? usualPort)
    }
    return startServer(kernel, { port: 0, token })
  }
}

/** One home is served once: two would write over each other's serve.json. */
async function refuseSecondServer(home: string): Promise<void> {
  const current = await readServeFile(home)
  if (current === null || !(await isServed(current))) return
  throw new OperationError(
    'CONFLICT',
    `Runboard is already served at ${current.url} by process ${current.pid}: open that, or stop it first.`,
    { url: current.url, pid: current.pid },
  )
}

/** Resolves when the person, the system or the caller wants it to end. */
function untilStopped(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      // The next signal acts as it does without us: whoever sends two wants no waiting.
      for (const name of STOP_SIGNALS) process.removeListener(name, stop)
      signal?.removeEventListener('abort', stop)
      resolve()
    }
    for (const name of STOP_SIGNALS) process.once(name, stop)
    signal?.addEventListener('abort', stop, { once: true })
    if (signal?.aborted === true) stop()
  })
}

/**
 * What goes onto the command line of a browser, where every user of the machine can read it: never the token.
 *
 * @returns the address with a code that only this user's processes can exchange, where the system can tell them apart; else
 *   that of a file that only this user can read
 */
async function addressToOpen(home: string, { url, token, codes }: RunningServer): Promise<string> {
  if (await knowsPeers()) return `${url}/#code=${codes.issue()}`
  return pathToFileURL(writeOpenPage(home, `${url}/#token=${token}`)).href
}

async function announce(kernel: Kernel, server: RunningServer, options: ServeOptions): Promise<void> {
  const stdout = options.stdout ?? process.stdout
  const { url, token } = server
  const address = `${url}/#token=${token}`
  await keepToken(kernel.home, token)
  writeServeFile(kernel.home, { url, token, pid: process.pid })
  stdout.write(`Runboard is at ${address}\n`)
  if (options.open && !(await openInBrowser(await addressToOpen(kernel.home, server)))) {
    stdout.write('No browser could be opened: open that address yourself.\n')
  }
}

/**
 * Serves the board over HTTP until it is told to stop, and dispatches meanwhile. Workers live on after it.
 *
 * @throws OperationError CONFLICT where the home is served already, or the given port is taken
 */
export async function serve(kernel: Kernel, options: ServeOptions): Promise<void> {
  await refuseSecondServer(kernel.home)
  const stopped = untilStopped(options.signal)
  const server = await startOnPort(kernel, options)
  let dispatching: Dispatching | undefined
  try {
    if (options.dispatch) dispatching = kernel.startDispatching()
    await announce(kernel, server, options)
    await stopped
  } finally {
    // Where the disk takes no change these files stay, and lead to nobody; that must keep no server open.
    await removeServeFile(kernel.home, server.token).catch(() => undefined)
    await removeOpenPage(kernel.home).catch(() => undefined)
    await Promise.all([dispatching?.stop(), server.close()])
  }
}
