import { once } from 'node:events'
import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Serve } from './serve.ts'

/** A connection between a page and its server, like a tunnel, that a test can unplug and plug in again. */
export class Cable {
  readonly #server: Server
  #port = 0

  private constructor(serve: Serve) {
    this.#server = createServer((incoming, answer) => {
      // The server accepts only requests for its own address.
      const { origin: _, ...headers } = incoming.headers
      const outgoing = request(
        serve.url + String(incoming.url),
        { method: incoming.method, headers: { ...headers, host: new URL(serve.url).host } },
        (response) => {
          answer.writeHead(response.statusCode ?? 502, response.headers)
          response.pipe(answer)
        },
      )
      outgoing.on('error', () => answer.destroy())
      answer.on('close', () => outgoing.destroy())
      incoming.pipe(outgoing)
    })
  }

  static async between(serve: Serve): Promise<Cable> {
    const cable = new Cable(serve)
    await cable.putIn()
    cable.#port = (cable.#server.address() as AddressInfo).port
    return cable
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  async putIn(): Promise<void> {
    this.#server.listen(this.#port, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  async pullOut(): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }
}
