import type { ClientConnection, Stream } from '@agentclientprotocol/sdk'
import { type Json, object } from '../../formats/json.ts'

/**
 * Answers a request of the agent. `signal` is aborted when the agent withdraws it or is gone.
 *
 * @returns undefined for a method that is not known
 */
export type OnRequest = (method: string, params: Json, signal: AbortSignal) => Promise<unknown> | undefined

/** An answer of the agent that is an error. `-32603` and others: see docs/profiles.md for what agents mean by them. */
export class AgentRefusal extends Error {
  readonly code: number
  readonly data: Json

  constructor(code: number, message: string, data: Json) {
    super(message)
    this.code = code
    this.data = data
  }
}

/** The connection ended before the agent answered. */
export class AgentGone extends Error {}

const PROTOCOL_VERSION = 1

/**
 * A client of the Agent Client Protocol, version 1, over a stream of messages. It reads answers without the SDK’s
 * schemas, because those drop what vendors add.
 */
export class AgentConnection {
  readonly #connection: ClientConnection

  private constructor(connection: ClientConnection) {
    this.#connection = connection
  }

  static async open(stream: Stream, onRequest: OnRequest): Promise<AgentConnection> {
    // Loading the SDK takes longer than the rest of the bridge; its agent starts meanwhile.
    const { client, RequestError } = await import('@agentclientprotocol/sdk')
    const app = client({ name: 'runboard' }).onRequest('*', async ({ method, params, signal }) => {
      const answer = onRequest(method, object(params), signal)
      if (answer === undefined) throw RequestError.methodNotFound(method)
      return answer
    })
    return new AgentConnection(app.connect(stream))
  }

  /** Resolves when the connection has ended. */
  get closed(): Promise<void> {
    return this.#connection.closed
  }

  /**
   * @throws AgentRefusal when the agent answers with an error
   * @throws AgentGone when the connection ends first
   */
  async request(method: string, params: Json): Promise<Json> {
    try {
      return object(await this.#connection.agent.request<unknown, Json>(method, params))
    } catch (error) {
      const { code, message, data } = object(error) as { code?: unknown; message?: unknown; data?: unknown }
      const text = error instanceof Error ? error.message : String(message)
      if (typeof code === 'number' && !this.#connection.signal.aborted)
        throw new AgentRefusal(code, text, object(data))
      throw new AgentGone(text, { cause: error })
    }
  }

  notify(method: string, params: Json): Promise<void> {
    return this.#connection.agent.notify(method, params)
  }

  initialize(version: string): Promise<Json> {
    return this.request('initialize', {
      protocolVersion: PROTOCOL_VERSION,
      clientInfo: { name: 'runboard', title: 'Runboard', version },
      // Agents read and write files, and run commands, by themselves: within their own sandbox and permissions.
      clientCapabilities: {
        fs: { readTextFile: false, writeTextFile: false },
        terminal: false,
        elicitation: { form: {} },
      },
    })
  }

  prompt(sessionId: string, text: string): Promise<Json> {
    return this.request('session/prompt', { sessionId, prompt: [{ type: 'text', text }] })
  }

  /** Asks the agent to end its turn; its answer to the prompt then says `cancelled`. */
  cancel(sessionId: string): Promise<void> {
    return this.notify('session/cancel', { sessionId })
  }

  close(): void {
    this.#connection.close()
  }
}
