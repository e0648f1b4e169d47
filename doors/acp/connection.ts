import type { ClientConnection, Stream } from '@agentclientprotocol/sdk'
import { type Json, object } from '../../formats/json.ts'

/**
 * Answers a request of the agent. `signal` is aborted when the agent withdraws the request or exits.
 *
 * @returns undefined for an unknown method
 */
export type OnRequest = (method: string, params: Json, signal: AbortSignal) => Promise<unknown> | undefined

/** The agent answered with an error. docs/profiles.md says what agents mean by codes such as `-32603`. */
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
 * schemas, because those drop the fields that vendors add.
 */
export class AgentConnection {
  readonly #connection: ClientConnection

  private constructor(connection: ClientConnection) {
    this.#connection = connection
  }

  static async open(stream: Stream, onRequest: OnRequest): Promise<AgentConnection> {
    // Loaded here because it takes longer than the rest of the bridge: the agent starts meanwhile.
    const { client, RequestError } = await import('@agentclientprotocol/sdk')
    const app = client({ name: 'runboard' }).onRequest('*', async ({ method, params, signal }) => {
      const answer = onRequest(method, object(params), signal)
      if (answer === undefined) throw RequestError.methodNotFound(method)
      return answer
    })
    return new AgentConnection(app.connect(stream))
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
      // Agents read files, write files and run commands themselves, within their own sandbox and permissions.
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
}
