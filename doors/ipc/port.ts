import { RPCHandler } from '@orpc/server/message-port'
import { z } from 'zod'
import type { Caller, Kernel } from '../../kernel/index.ts'
import { type Report, reportToStderr } from '../shared/errors.ts'
import { buildRouter, type DoorContext } from '../shared/router.ts'

/**
 * The end of a channel that stays here: Electron's MessagePortMain, or Node's MessagePort wrapped by `fromNodePort`.
 * Both deliver `{ data }`.
 */
export interface PortHere {
  on(event: 'message', listener: (message: { data: unknown }) => void): unknown
  on(event: 'close', listener: () => void): unknown
  start(): void
  postMessage(data: unknown): void
  close(): void
}

export interface ServedPort {
  /** Ends the calls and streams of this port, and closes it. */
  close(): void
}

/** Requests, and cancellations, as @orpc/client sends them: JSON as text. */
const message = z.looseObject({
  i: z.union([z.string(), z.number()]),
  t: z.int().optional(),
  p: z.looseObject({ u: z.string().startsWith('/').optional() }).optional(),
})

function isMessage(data: unknown): boolean {
  if (typeof data !== 'string') return false
  try {
    const parsed = message.parse(JSON.parse(data))
    // A message without a type is a request, and a request names its URL.
    return (parsed.t ?? 1) !== 1 || parsed.p?.u !== undefined
  } catch {
    // Not JSON, or JSON of another form: our page does not send it.
    return false
  }
}

/** oRPC accepts any message and fails where nothing can catch it; a compromised page must not get that far. */
function guarded(port: PortHere, report: Report): Pick<PortHere, 'on' | 'postMessage'> {
  return {
    on(event: string, listener: (payload: never) => void) {
      if (event !== 'message') return port.on('close', listener as () => void)
      return port.on('message', ({ data }) => {
        if (isMessage(data)) (listener as (payload: { data: unknown }) => void)({ data })
        else report('Dropped a message that is not a call')
      })
    },
    postMessage: (data) => {
      port.postMessage(data)
    },
  }
}

/**
 * Answers calls of the contract on one end of a MessagePort, until either end closes.
 *
 * How the page of the desktop shell gets its end: at each load of the page the main process creates a channel and sends
 * one end to the preload as the message `port`. The preload passes it on with `window.postMessage('runboard:port',
 * location.origin, [port])`, and the page listens for that message on `window` from its first script. The page uses it
 * as the port of `RPCLink` of @orpc/client/message-port. A page in a browser has no `window.runboardShell`; it uses
 * `RPCLink` of @orpc/client/fetch with the url `${location.origin}/rpc` and the header `authorization: Bearer <token>`
 * (doors/http). Either way the client is the contract's `Client`.
 *
 * @param caller who calls through this port
 */
export function serveKernelOverPort(
  kernel: Kernel,
  port: PortHere,
  caller: Caller,
  report: Report = reportToStderr,
): ServedPort {
  const closing = new AbortController()
  const handler = new RPCHandler<DoorContext>(buildRouter(kernel, report))
  handler.upgrade(guarded(port, report), { context: { caller, closing: closing.signal } })
  port.start()
  return {
    close: () => {
      closing.abort()
      port.close()
    },
  }
}
