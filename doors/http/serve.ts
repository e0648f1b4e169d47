import { pathToFileURL } from 'node:url'
import { OperationError } from '../../contract/index.ts'
import type { Dispatching, Kernel } from '../../kernel/index.ts'
import { knowsPeers } from './open-code.ts'
import { openInBrowser } from './open-browser.ts'
import { isServed, readServeFile, removeServeFile, writeServeFile } from './serve-file.ts'
import { type RunningServer, startServer } from './server.ts'
import { keepToken, lastingToken, makeToken, removeOpenPage, writeOpenPage } from './token-file.ts'

/** Used by default if it is free, so that the address stays the same from day to day. */
const USUAL_PORT = 7420

const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

export interface ServeOptions {
  /** Only this port. By default the usual one, or a free one if that is taken. */
  port?: number | undefined
  /** Replaces the usual port in tests, because the machine's own may be taken at any time. */
  usualPort?: number
  /** Whether to open the page in the browser. */
  open: boolean
  /** Whether to renew the token, which locks out tabs and scripts that have the old one. */
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
      `Port ${port} is in use by another program: pass another --port, or none to use a free one.`,
      { port },
    )
  }
  if (code === 'EACCES') {
    return new OperationError('CONFLICT', `Port ${port} is privileged: use a port from 1024 up.`, {
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
  } catch (error) {
    if (port !== undefined || (error as NodeJS.ErrnoException).code !== 'EADDRINUSE') {
      throw portError(error, port ?? usualPort)
    }
    return startServer(kernel, { port: 0, token })
  }
}

/** A home is served once: two servers would overwrite each other's serve.json. */
async function refuseSecondServer(home: string): Promise<void> {
  const current = await readServeFile(home)
  if (current === null || !(await isServed(current))) return
  throw new OperationError(
    'CONFLICT',
    `Runboard is already served at ${current.url} by process ${current.pid}: open that, or stop it first.`,
    { url: current.url, pid: current.pid },
  )
}

/** Resolves when a signal or the caller asks it to end. */
function untilStopped(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const stop = () => {
      // A second signal has its default effect: it ends the process without waiting.
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
 * The address for a browser's command line, which every user of the machine can read: it never contains the token.
 *
 * @returns the address with a code that only this user's processes can exchange, if the system can tell users apart;
 *   else the address of a file that only this user can read
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
 * Serves the board over HTTP until it is stopped, and dispatches meanwhile. Workers keep running after it.
 *
 * @throws OperationError CONFLICT if the home is served already, or the given port is taken
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
    // On a disk that cannot be written these files stay, and point to no server. That must not keep this one open.
    await removeServeFile(kernel.home, server.token).catch(() => undefined)
    await removeOpenPage(kernel.home).catch(() => undefined)
    await Promise.all([dispatching?.stop(), server.close()])
  }
}
