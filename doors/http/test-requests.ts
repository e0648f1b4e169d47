import { type IncomingHttpHeaders, request } from 'node:http'
import { connect, type Socket } from 'node:net'
import type { RunningServer } from './server.ts'

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  text: string
  json: () => { error: { code: string; message: string; data?: unknown } } & Record<string, unknown>
}

export interface Ask {
  method?: string
  path: string
  headers?: Record<string, string>
  body?: unknown
  /** Sent unchanged, in place of `body` as JSON. */
  raw?: string | Buffer
  token?: string | null
}

/**
 * Sends exactly these headers and this path, which `fetch` would not: it normalizes paths and forbids Host and Origin.
 */
export function ask(server: RunningServer, options: Ask): Promise<Answer> {
  const { method = 'GET', path, body, token = server.token } = options
  const payload = options.raw ?? (body === undefined ? undefined : JSON.stringify(body))
  const headers: Record<string, string> = { ...options.headers }
  if (token !== null) headers['authorization'] = `Bearer ${token}`
  if (payload !== undefined) headers['content-type'] ??= 'application/json'
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port: server.port, method, path, headers, agent: false },
      (got) => {
        const chunks: Buffer[] = []
        got.on('data', (chunk: Buffer) => chunks.push(chunk))
        got.once('error', reject)
        got.once('end', () => {
          const text = Buffer.concat(chunks).toString()
          const { statusCode = 0, headers: gotHeaders } = got
          resolve({ status: statusCode, headers: gotHeaders, text, json: () => JSON.parse(text) })
        })
      },
    )
    sent.once('error', reject)
    sent.end(payload)
  })
}

/** A bare connection that has sent a request and reads only when the test does. */
export function rawRequest(server: RunningServer, path: string): Socket {
  const socket = connect(server.port, '127.0.0.1')
  socket.pause()
  socket.write(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${server.port}\r\nAuthorization: Bearer ${server.token}\r\n\r\n`,
  )
  return socket
}

export interface SentEvent {
  event?: string
  id?: string
  data?: unknown
}

/** One open stream of server-sent events, read line by line. */
export class EventStream {
  readonly status: number
  readonly comments: string[] = []
  readonly #abort: AbortController
  readonly #events: AsyncGenerator<SentEvent>

  private constructor(response: Response, abort: AbortController) {
    this.status = response.status
    this.#abort = abort
    this.#events = this.#read(response)
  }

  static async open(
    server: RunningServer,
    path: string,
    headers: Record<string, string> = {},
  ): Promise<EventStream> {
    const abort = new AbortController()
    const response = await fetch(`${server.url}${path}`, {
      headers: { authorization: `Bearer ${server.token}`, ...headers },
      signal: abort.signal,
    })
    return new EventStream(response, abort)
  }

  /** @returns the next event, undefined when the stream has ended */
  async next(): Promise<SentEvent | undefined> {
    const step = await this.#events.next()
    return step.done === true ? undefined : step.value
  }

  leave(): void {
    this.#abort.abort()
  }

  async *#read(response: Response): AsyncGenerator<SentEvent> {
    let rest = ''
    if (response.body === null) return
    for await (const chunk of response.body.pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + chunk).split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) {
        const event = this.#parse(block)
        if (event !== null) yield event
      }
    }
  }

  #parse(block: string): SentEvent | null {
    const event: SentEvent = {}
    for (const line of block.split('\n')) {
      if (line.startsWith(':')) this.comments.push(line.slice(1))
      else if (line.startsWith('id: ')) event.id = line.slice(4)
      else if (line.startsWith('event: ')) event.event = line.slice(7)
      else if (line.startsWith('data: ')) event.data = JSON.parse(line.slice(6))
    }
    return Object.keys(event).length === 0 ? null : event
  }
}
