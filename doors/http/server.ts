import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { CompressionPlugin, type NodeHttpHandler, RPCHandler } from '@orpc/server/node'
import { OperationError } from '../../contract/index.ts'
import { type Caller, callerFromEnvironment, type Kernel } from '../../kernel/index.ts'
import { type Report, reportToStderr } from '../shared/errors.ts'
import { findPageFolder, PAGE_HEADERS, readPageFile } from '../shared/page.ts'
import { buildRouter, type DoorContext } from '../shared/router.ts'
import { BODY_LIMIT_BYTES, readJson } from './body.ts'
import { refuseForeign, requireToken } from './guard.ts'
import { openApiDocument } from './openapi.ts'
import { OpenCodes } from './open-code.ts'
import { Refusal, sendJson, sendRefusal } from './refusal.ts'
import { HEARTBEAT_MS, restHandler } from './rest.ts'
import { sendBytes } from './send-bytes.ts'
import { makeToken } from './token-file.ts'

const LOOPBACK = '127.0.0.1'

/** How long running calls may take to finish when the server closes, in milliseconds. */
const CLOSING_MS = 3_000

export interface ServerOptions {
  /** 0, the default, takes any free port. */
  port?: number
  /** A new one by default. */
  token?: string
  /** The codes that a page can exchange for the token. */
  codes?: OpenCodes
  /** Absolute path of the built page; found by default, null serves none. */
  pageFolder?: string | null
  /** Names the person at this machine. */
  env?: Record<string, string | undefined>
  report?: Report
  /** How often an idle stream sends a heartbeat, in milliseconds. */
  heartbeatMs?: number
  /**
   * How long a stream waits for a reader that does not read, in milliseconds. The reader can resume from its cursor.
   */
  stallMs?: number
  bodyLimitBytes?: number
}

export interface RunningServer {
  /** Without the token: `http://127.0.0.1:<port>`. */
  url: string
  port: number
  token: string
  codes: OpenCodes
  /** Ends the streams, lets running calls finish for a moment, and frees the port. May be called twice. */
  close(): Promise<void>
}

/** The server's state while it runs. */
class HttpDoor {
  readonly token: string
  readonly codes: OpenCodes
  readonly closing = new AbortController()
  readonly #kernel: Kernel
  readonly #options: ServerOptions
  readonly #report: Report
  readonly #pageFolder: string | null
  readonly #rest: NodeHttpHandler<DoorContext>
  readonly #rpc: NodeHttpHandler<DoorContext>
  #port = 0
  #document: Promise<Record<string, unknown>> | undefined

  constructor(kernel: Kernel, options: ServerOptions) {
    this.#kernel = kernel
    this.#options = options
    this.#report = options.report ?? reportToStderr
    this.#pageFolder = options.pageFolder === undefined ? findPageFolder() : options.pageFolder
    this.codes = options.codes ?? new OpenCodes()
    this.token = options.token ?? makeToken()
    const heartbeatMs = options.heartbeatMs ?? HEARTBEAT_MS
    const router = buildRouter(this.#kernel, this.#report)
    this.#rest = restHandler(router, this.#report, heartbeatMs)
    this.#rpc = new RPCHandler<DoorContext>(router, {
      eventIteratorKeepAliveInterval: heartbeatMs,
      plugins: [new CompressionPlugin()],
    })
  }

  /** Known only once the socket is bound; the Host header is compared with it. */
  set port(port: number) {
    this.#port = port
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(PAGE_HEADERS)) response.setHeader(name, value)
    try {
      refuseForeign(request, this.#port)
      const pathname = pathnameOf(request)
      const [, first] = pathname.split('/', 2)
      if (pathname === '/api/health') this.#answerHealth(request, response)
      else if (first === 'api') await this.#answerApi(pathname, request, response)
      else if (pathname === '/token') await this.#answerToken(request, response)
      else if (first === 'rpc') await this.#answerRpc(request, response)
      else await this.#answerPage(pathname, request, response)
    } catch (error) {
      sendRefusal(response, error, this.#report)
    }
  }

  #answerHealth(request: IncomingMessage, response: ServerResponse): void {
    if (request.method !== 'GET' && request.method !== 'HEAD') throw notFound(request)
    sendJson(response, 200, { ok: true })
  }

  /** A page that was opened with a code exchanges it for the token. */
  async #answerToken(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'POST') throw notFound(request)
    await this.codes.redeem(request)
    sendJson(response, 200, { token: this.token })
  }

  async #answerApi(pathname: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    requireToken(request, this.token)
    if (pathname === '/api/openapi.json' && request.method === 'GET') {
      const document = await (this.#document ??= openApiDocument())
      await sendBytes(request, response, Buffer.from(JSON.stringify(document)), {
        'content-type': 'application/json; charset=utf-8',
        'cache-control': 'no-cache',
      })
      return
    }
    await this.#carry(this.#rest, '/api', callerFromEnvironment(this.#env, 'api'), request, response)
  }

  /** The protocol of our own page; its calls count as made by hand. */
  async #answerRpc(request: IncomingMessage, response: ServerResponse): Promise<void> {
    requireToken(request, this.token)
    await this.#carry(this.#rpc, '/rpc', callerFromEnvironment(this.#env, 'human'), request, response)
  }

  get #env(): Record<string, string | undefined> {
    return this.#options.env ?? process.env
  }

  async #carry(
    handler: NodeHttpHandler<DoorContext>,
    prefix: `/${string}`,
    caller: Caller,
    request: IncomingMessage & { body?: unknown },
    response: ServerResponse,
  ): Promise<void> {
    // Read here, so that the handler reads nothing itself and the limit holds.
    const limit = this.#options.bodyLimitBytes ?? BODY_LIMIT_BYTES
    request.body = request.method === 'GET' ? null : ((await readJson(request, limit)) ?? null)
    response.setHeader('cache-control', 'no-store')
    const context: DoorContext = {
      caller,
      closing: this.closing.signal,
      onStream: () => {
        // A written heartbeat counts as activity, so this cuts off only a reader that does not read.
        const stallMs = this.#options.stallMs ?? 4 * HEARTBEAT_MS
        response.setTimeout(stallMs, () => response.destroy())
      },
    }
    const { matched } = await handler.handle(request, response, { prefix, context })
    if (!matched) throw notFound(request)
  }

  async #answerPage(pathname: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') throw notFound(request)
    if (this.#pageFolder === null) {
      throw new Refusal(404, 'NOT_FOUND', 'The screens are not built here: run `npm run build`. /api works.')
    }
    const file = await readPageFile(this.#pageFolder, pathname)
    if (file === null) throw notFound(request)
    await sendBytes(request, response, file.content, file.headers)
  }
}

function pathnameOf(request: IncomingMessage): string {
  return (request.url ?? '/').split('?', 1)[0] ?? '/'
}

function notFound(request: IncomingMessage): Refusal {
  return new Refusal(
    404,
    'NOT_FOUND',
    `There is no ${request.method ?? 'GET'} ${pathnameOf(request)}: see /api/openapi.json.`,
  )
}

/** A request that is not HTTP gets an answer in the same form, if one can still be written. */
function answerBrokenRequest(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy()
    return
  }
  const status =
    error.code === 'HPE_HEADER_OVERFLOW' ? '431 Request Header Fields Too Large' : '400 Bad Request'
  const body = JSON.stringify(new OperationError('INVALID_INPUT', 'This is not an HTTP request.').toBody())
  socket.end(
    `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, LOOPBACK, () => {
      server.removeListener('error', reject)
      resolve((server.address() as AddressInfo).port)
    })
  })
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve) => {
    // A kept-alive connection becomes idle when its answer ends, which may be after this call.
    const sweep = setInterval(() => {
      server.closeIdleConnections()
    }, 20)
    const hurry = setTimeout(() => {
      server.closeAllConnections()
    }, CLOSING_MS)
    server.close(() => {
      clearInterval(sweep)
      clearTimeout(hurry)
      resolve()
    })
  })
}

/**
 * Serves the board over HTTP on the loopback address: REST at /api, our own page's protocol at /rpc, the page
 * elsewhere.
 *
 * @throws the error of `listen`, EADDRINUSE when the port is taken
 */
export async function startServer(kernel: Kernel, options: ServerOptions = {}): Promise<RunningServer> {
  const door = new HttpDoor(kernel, options)
  const server = createServer({ requireHostHeader: false }, (request, response) => {
    void door.answer(request, response)
  })
  server.on('clientError', answerBrokenRequest)
  const port = await listen(server, options.port ?? 0)
  door.port = port
  let closed: Promise<void> | undefined
  return {
    url: `http://${LOOPBACK}:${port}`,
    port,
    token: door.token,
    codes: door.codes,
    close: () => {
      door.closing.abort()
      return (closed ??= closeServer(server))
    },
  }
}
