import { once } from 'node:events'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { setImmediate } from 'node:timers/promises'
import {
  asOperationError,
  HTTP_STATUS,
  OperationError,
  operationList,
  type OperationName,
  type OperationSpec,
} from '../../contract/index.ts'
import type { Caller, Kernel } from '../../kernel/index.ts'
import type { Report } from '../shared/errors.ts'
import { readUrlFields } from '../shared/query.ts'
import { resumed } from '../shared/router.ts'
import { sendJson } from './refusal.ts'

/** How often an idle stream sends a heartbeat (a comment that clients ignore), in milliseconds. */
export const HEARTBEAT_MS = 15_000

export interface StreamRoute {
  name: OperationName
  spec: OperationSpec
}

/** @returns the streaming operation that a REST request asks for; null when it asks for something else */
export function streamAt(method: string | undefined, path: string): StreamRoute | null {
  for (const [name, spec] of operationList)
    if (spec.kind === 'stream' && spec.http?.method === method && spec.http?.path === path)
      return { name, spec }
  return null
}

interface StreamOptions {
  kernel: Kernel
  caller: Caller
  report: Report
  /** Aborted when the door closes: the stream then ends in order. */
  closing: AbortSignal
  heartbeatMs: number
  /** How long the stream waits for a reader that does not read. */
  stallMs: number
}

/**
 * Sends a stream of the kernel as server-sent events. Written by hand and not by oRPC, so that fifty readers cost
 * little: what they all get is encoded once, and each gets all that is new in one write.
 */
export async function sendStream(
  { name, spec }: StreamRoute,
  request: IncomingMessage,
  response: ServerResponse,
  options: StreamOptions,
): Promise<void> {
  const leaving = new AbortController()
  const leave = () => leaving.abort()
  response.once('close', leave)
  options.closing.addEventListener('abort', leave, { once: true })
  // Connections that are kept open bring requests until they are closed.
  if (options.closing.aborted) leave()
  try {
    const batches = options.kernel.batchesByName(name, inputOf(spec, request), options.caller, leaving.signal)
    await send(batches[Symbol.asyncIterator](), response, leaving.signal, options)
  } catch (error) {
    if (!leaving.signal.aborted) refuse(response, error, name, options.report)
  } finally {
    options.closing.removeEventListener('abort', leave)
    response.end()
  }
}

function inputOf(spec: OperationSpec, request: IncomingMessage): unknown {
  const { searchParams } = new URL(request.url ?? '/', 'http://localhost')
  const lastId = request.headers['last-event-id']
  return resumed(
    spec,
    readUrlFields(searchParams, spec.input.shape),
    typeof lastId === 'string' ? lastId : undefined,
  )
}

async function send(
  batches: AsyncIterator<readonly unknown[]>,
  response: ServerResponse,
  left: AbortSignal,
  { heartbeatMs, stallMs }: StreamOptions,
): Promise<void> {
  let step = batches.next()
  // A refusal comes at once, and becomes a normal answer.
  await Promise.race([step, setImmediate()])
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  response.write(HEARTBEAT)
  // A written heartbeat counts as activity, so this cuts off only a reader that does not read.
  response.setTimeout(stallMs, () => response.destroy())
  const heartbeat = setInterval(() => {
    if (!response.writableNeedDrain) response.write(HEARTBEAT)
  }, heartbeatMs)
  try {
    for (let next = await step; next.done !== true; next = await step) {
      if (left.aborted) return
      if (!response.write(encoded(next.value))) await once(response, 'drain', { signal: left })
      step = batches.next()
    }
  } finally {
    clearInterval(heartbeat)
    await batches.return?.()
  }
}

const HEARTBEAT = ': \n\n'

/** What was sent of each batch, for its other readers. */
const encodings = new WeakMap<readonly unknown[], Buffer>()

function encoded(batch: readonly unknown[]): Buffer {
  let bytes = encodings.get(batch)
  if (bytes === undefined) {
    bytes = Buffer.from(batch.map((item) => eventOf('message', item)).join(''))
    encodings.set(batch, bytes)
  }
  return bytes
}

/** With the id from which a reader that lost the stream resumes, if the item has one. */
function eventOf(event: string, data: unknown): string {
  const hasId = typeof data === 'object' && data !== null && 'id' in data && typeof data.id === 'number'
  const id = hasId ? `id: ${String(data.id)}\n` : ''
  return `event: ${event}\n${id}data: ${JSON.stringify(data)}\n\n`
}

function refuse(response: ServerResponse, cause: unknown, name: OperationName, report: Report): void {
  const error = asOperationError(cause)
  // The kernel has already reported what it throws as INTERNAL.
  if (!(cause instanceof OperationError)) report(`${name} failed`, cause)
  if (response.headersSent) response.write(eventOf('error', error.toBody()))
  else sendJson(response, HTTP_STATUS[error.code], error.toBody())
}
