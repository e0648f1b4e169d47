import { word } from '../../formats/json.ts'
import type { AgentKind } from './agents.ts'
import type { BoardLink, Message } from './board-link.ts'
import { type AgentConnection, AgentGone, AgentRefusal } from './connection.ts'
import type { Reporter } from './reporter.ts'

/** @returns the prompt for a message; it names the sender, so that the agent does not take it for part of the task */
export function messagePrompt(text: string): string {
  return `A message from the person whose board this is:\n\n${text}`
}

/** Outcomes of `_session/steering` after which the agent has the message. */
const TAKEN = ['injected', 'startedNewTurn']

interface MailboxOptions {
  board: BoardLink
  connection: AgentConnection
  reporter: Reporter
  kind: AgentKind
  sessionId: string
  /** Aborted when the bridge ends. */
  signal: AbortSignal
  report: (text: string) => void
}

/** Hands the messages of a person to the agent: during a turn if it can take them there, else after it. */
export class Mailbox {
  readonly #options: MailboxOptions
  /** Messages that wait for the end of the turn, or until the agent asks for them; oldest first. */
  readonly #waiting: Message[] = []
  #isTurn = false
  /** One message is handed over at a time, so that they keep their order. */
  #handing: Promise<void> = Promise.resolve()

  constructor(options: MailboxOptions) {
    this.#options = options
  }

  /** Reads messages until the bridge ends. */
  async run(): Promise<void> {
    const { board, signal } = this.#options
    for await (const message of board.messages(signal)) {
      this.#handing = this.#handing.then(() => this.#put(message))
      await this.#handing
    }
  }

  turnBegins(): void {
    this.#isTurn = true
  }

  turnEnds(): void {
    this.#isTurn = false
  }

  /** @returns the next message that needs its own turn; waits until none is being handed over */
  async next(): Promise<Message | null> {
    await this.#handing
    return this.#waiting.shift() ?? null
  }

  /** Records that the agent has a message. */
  async handed(message: Message, how: string): Promise<void> {
    this.#options.reporter.line({ acp: 'told', text: message.text, how })
    await this.#options.board.delivered(message, how, this.#options.signal)
  }

  /** Qwen Code asks for messages between the steps of a turn. */
  async drain(): Promise<string[]> {
    const drained = this.#waiting.splice(0)
    for (const message of drained) await this.handed(message, 'during the turn')
    return drained.map(({ text }) => messagePrompt(text))
  }

  async #put(message: Message): Promise<void> {
    const { kind, connection, sessionId } = this.#options
    if (this.#isTurn && kind.messages === 'steering' && (await this.#steer(message))) return
    this.#waiting.push(message)
    // Other agents get it during the turn.
    if (this.#isTurn && message.now && kind.messages === 'next_turn') await connection.cancel(sessionId)
  }

  /** @returns whether the agent took the message into the turn */
  async #steer(message: Message): Promise<boolean> {
    const { connection, sessionId, report } = this.#options
    try {
      const answer = await connection.request('_session/steering', {
        sessionId,
        prompt: [{ type: 'text', text: messagePrompt(message.text) }],
        // Otherwise an agent whose turn has just ended would begin a turn that we do not wait for.
        _meta: { steering: { idleBehavior: 'promptRequired' } },
      })
      // “promptRequired”: the turn has just ended. “failed”: the agent takes no message now.
      if (!TAKEN.includes(word(answer['outcome']))) return false
      await this.handed(message, 'during the turn')
      return true
    } catch (error) {
      if (error instanceof AgentGone) return false
      if (!(error instanceof AgentRefusal)) throw error
      report(`the agent did not take a message during its turn: ${error.message}`)
      return false
    }
  }
}
