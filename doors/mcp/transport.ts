import type { Readable, Writable } from 'node:stream'
import type {
  JSONRPCMessage,
  MessageExtraInfo,
  Transport,
  TransportSendOptions,
} from '@modelcontextprotocol/server'
import { StdioServerTransport } from '@modelcontextprotocol/server/stdio'
import { BoundedLines, LINE_LIMIT_BYTES, tooLongAnswer } from '../shared/bounded-lines.ts'

/** How long a client that has closed its end still gets answers, in milliseconds. */
const DRAIN_MS = 10_000

type RequestId = string | number

function requestIdOf(message: JSONRPCMessage): RequestId | undefined {
  return 'method' in message && 'id' in message ? message.id : undefined
}

function answeredIdOf(message: JSONRPCMessage): RequestId | undefined {
  return 'method' in message ? undefined : message.id
}

function cancelledIdOf(message: JSONRPCMessage): RequestId | undefined {
  if (!('method' in message) || message.method !== 'notifications/cancelled') return undefined
  return message.params?.['requestId'] as RequestId | undefined
}

/**
 * Standard input and output, closed only when every request has been answered. The SDK's transport drops pending
 * requests when standard input ends, so a client that sends its report and leaves would not learn the result.
 */
export class DrainingTransport implements Transport {
  onclose?: () => void
  onerror?: (error: Error) => void
  onmessage?: <T extends JSONRPCMessage>(message: T, extra?: MessageExtraInfo) => void
  /** Resolves when the transport is closed. */
  readonly closed: Promise<void>
  readonly #inner: StdioServerTransport
  readonly #open = new Set<RequestId>()
  #settled: (() => void) | undefined
  #markClosed: () => void = () => undefined
  /** Reading the stream keeps the process alive. */
  readonly #release: () => void

  constructor(stdin: Readable, stdout: Writable) {
    this.closed = new Promise((resolve) => {
      this.#markClosed = resolve
    })
    const lines = new BoundedLines((id) => void stdout.write(tooLongAnswer(id)))
    stdin.on('error', (error) => lines.destroy(error))
    stdin.on('close', () => lines.end())
    this.#release = () => {
      stdin.unpipe(lines)
      stdin.pause()
    }
    this.#inner = new StdioServerTransport(stdin.pipe(lines), stdout, { maxBufferSize: 2 * LINE_LIMIT_BYTES })
    const close = this.#inner._onstdinclose
    this.#inner._onstdinclose = () => {
      void this.#drained().then(close)
    }
  }

  async start(): Promise<void> {
    this.#inner.onmessage = (message) => {
      const id = requestIdOf(message)
      if (id !== undefined) this.#open.add(id)
      this.#settle(cancelledIdOf(message))
      this.onmessage?.(message)
    }
    this.#inner.onerror = (error) => this.onerror?.(error)
    this.#inner.onclose = () => {
      this.#release()
      this.onclose?.()
      this.#markClosed()
    }
    await this.#inner.start()
  }

  async send(message: JSONRPCMessage, _options?: TransportSendOptions): Promise<void> {
    try {
      await this.#inner.send(message)
    } finally {
      this.#settle(answeredIdOf(message))
    }
  }

  close(): Promise<void> {
    return this.#inner.close()
  }

  #settle(id: RequestId | undefined): void {
    if (id === undefined || !this.#open.delete(id)) return
    if (this.#open.size === 0) this.#settled?.()
  }

  #drained(): Promise<void> {
    if (this.#open.size === 0) return Promise.resolve()
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, DRAIN_MS)
      this.#settled = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  }
}
