import type { AcpLine } from '../../formats/acp-lines.ts'
import { type Json, object, textOrNull, word } from '../../formats/json.ts'
import { MINUTE } from '../../formats/time.ts'
import { AgentProcess } from './agent-process.ts'
import { agentEnvironment, type AgentKind, agentKind } from './agents.ts'
import type { BoardLink } from './board-link.ts'
import { AgentConnection, AgentGone, AgentRefusal } from './connection.ts'
import { answerElicitation } from './elicitation.ts'
import { errorLine, goneLine, refusalLine, threadFailure } from './failure.ts'
import { Mailbox } from './mailbox.ts'
import { messageStream } from './message-stream.ts'
import { Permissions } from './permission.ts'
import { Pulse } from './pulse.ts'
import { Reporter } from './reporter.ts'
import {
  NotOffered,
  NotResumed,
  type OpenedSession,
  sessionMethods,
  SessionOpener,
  type SessionOptions,
} from './session.ts'
import { Turns } from './turns.ts'
import { UsageMeter } from './usage.ts'

export interface BridgeOptions extends SessionOptions {
  /** The agent's command, its program as an absolute path. */
  command: readonly string[]
  env: Readonly<Record<string, string | undefined>>
  /** The context of the task: the first prompt. */
  prompt: string
  version: string
  board: BoardLink
  /** Writes a line of the log. */
  write: (line: AcpLine) => void
  /** Writes a line that the agent printed, unchanged. */
  print: (line: string) => void
  /** Aborted when the worker must stop. */
  signal: AbortSignal
  onFrame?: ((direction: 'to' | 'from', line: string) => void) | undefined
}

/** How long an agent may take to answer `initialize` (npx may have to download it), and to open a session. */
const START_LIMIT_MS = 5 * MINUTE
/** How long a cancelled turn may take to end. The dispatcher stops the whole tree soon after. */
const CANCEL_MS = 3_000
/** How long an agent may take to close its session. */
const CLOSE_MS = 2_000

/** The exit codes of the bridge. With 0, the agent's report decides whether the task is done. */
const FAILED = 1
const STOPPED = 143

/** An agent did not answer in time. */
class TooSlow extends Error {}

/**
 * Runs an agent that speaks the Agent Client Protocol: starts it, opens a session, sends the prompts, and logs what
 * the agent does. Only the agent's report completes the task, never the end of a turn: some agents end a failed turn
 * like any other.
 *
 * @returns the exit code
 */
export async function runBridge(options: BridgeOptions): Promise<number> {
  const bridge = new Bridge(options)
  try {
    return await bridge.run()
  } finally {
    await bridge.stop()
  }
}

class Bridge {
  readonly #options: BridgeOptions
  readonly #agent: AgentProcess
  readonly #reporter: Reporter
  readonly #permissions: Permissions
  readonly #pulse: Pulse
  /** Aborted when the bridge ends, for any reason. This withdraws the questions that are still open. */
  readonly #over = new AbortController()
  #usage: UsageMeter | null = null
  #mailbox: Mailbox | null = null
  /** Not yet while the agent opens its session: it may repeat the history, which an earlier run has in its log. */
  #isReady = false
  #canClose = false
  /** What Codex says of a turn that failed. */
  #threadFailure: string | null = null

  constructor(options: BridgeOptions) {
    this.#options = options
    const { board, command, cwd, env, print, write } = options
    this.#reporter = new Reporter(write)
    this.#permissions = new Permissions(board, this.#reporter)
    this.#pulse = new Pulse(board)
    const agentEnv = agentEnvironment(agentKind(command, null), env)
    this.#agent = new AgentProcess({ command, cwd, env: agentEnv, onErrorLine: print })
  }

  async run(): Promise<number> {
    try {
      return await this.#work()
    } catch (error) {
      if (this.#options.signal.aborted) return STOPPED
      const line = await this.#lineFor(error)
      this.#reporter.line(line)
      return FAILED
    }
  }

  async stop(): Promise<void> {
    this.#over.abort()
    this.#pulse.stop()
    this.#reporter.flush()
    await this.#agent.stop()
  }

  async #work(): Promise<number> {
    const connection = await this.#connect()
    const answer = await this.#within(connection.initialize(this.#options.version), 'initialize')
    const info = object(answer['agentInfo'])
    const name = textOrNull(info['name'])
    const kind = agentKind(this.#options.command, name)
    const agent = [textOrNull(info['title']) ?? name ?? kind.name, textOrNull(info['version']) ?? '']
    const session = await this.#open(connection, kind, object(answer['agentCapabilities']))
    this.#noteStart(agent.join(' ').trim(), session)
    const mailbox = new Mailbox({
      board: this.#options.board,
      connection,
      reporter: this.#reporter,
      kind,
      sessionId: session.id,
      signal: this.#over.signal,
      report: (text) => this.#reporter.line({ acp: 'note', text }),
    })
    this.#mailbox = mailbox
    this.#usage = new UsageMeter(kind.usageOf, session.how === 'new')
    this.#read(mailbox)
    return this.#take(connection, kind, session, mailbox)
  }

  async #take(
    connection: AgentConnection,
    kind: AgentKind,
    session: OpenedSession,
    mailbox: Mailbox,
  ): Promise<number> {
    const turns = new Turns({
      board: this.#options.board,
      reporter: this.#reporter,
      permissions: this.#permissions,
      mailbox,
      endsAfterRefusal: kind.afterRefusal === 'ends_turn',
      prompt: async (text) => {
        const answer = await this.#orStopped(connection, session, connection.prompt(session.id, text))
        const usage = this.#usage?.endTurn(answer)
        const reason = word(answer['stopReason'] ?? 'end_turn')
        this.#reporter.line({ acp: 'end', reason, ...(usage !== undefined && { usage }) })
        return { reason, failure: this.#takeThreadFailure() }
      },
    })
    this.#isReady = true
    const end = await turns.take(this.#options.prompt)
    if (end !== null) this.#reporter.line(errorLine(end))
    await this.#close(connection, session)
    return end === null ? 0 : FAILED
  }

  /** Agents end what they have started for a session when it is closed. */
  async #close(connection: AgentConnection, { id }: OpenedSession): Promise<void> {
    if (!this.#canClose) return
    const closed = connection.request('session/close', { sessionId: id }).catch(() => undefined)
    let timer: NodeJS.Timeout | undefined
    await Promise.race([closed, new Promise((resolve) => (timer = setTimeout(resolve, CLOSE_MS)))])
    clearTimeout(timer)
  }

  async #connect(): Promise<AgentConnection> {
    const { onFrame, print } = this.#options
    const stream = messageStream({
      output: this.#agent.output,
      input: this.#agent.input,
      onNoise: print,
      onNotification: (method, params) => {
        this.#pulse.beat()
        if (method === 'session/update') this.#onUpdate(object(params['update']))
      },
      onFrame,
    })
    return AgentConnection.open(stream, (method, params, signal) => this.#onRequest(method, params, signal))
  }

  #onUpdate(update: Json): void {
    if (!this.#isReady) return
    this.#usage?.note(update)
    const failure = threadFailure(update)
    if (failure !== null) this.#threadFailure = failure === 'recovered' ? null : failure.message
    this.#reporter.update(update)
  }

  #onRequest(method: string, params: Json, withdrawn: AbortSignal): Promise<unknown> | undefined {
    this.#pulse.beat()
    const { signal, release } = eitherOf(withdrawn, this.#over.signal)
    const released = <T>(work: Promise<T>) => work.finally(release)
    switch (method) {
      case 'session/request_permission':
        return released(this.#permissions.answer(params, signal))
      case 'elicitation/create':
        return released(
          answerElicitation(params, { board: this.#options.board, reporter: this.#reporter, signal }),
        )
      case 'craft/drainMidTurnQueue':
      case '_craft/drainMidTurnQueue':
        release()
        return (this.#mailbox?.drain() ?? Promise.resolve([])).then((messages) => ({ messages }))
      default:
        release()
        return undefined
    }
  }

  #open(connection: AgentConnection, kind: AgentKind, capabilities: Json): Promise<OpenedSession> {
    this.#canClose = sessionMethods(capabilities).includes('close')
    const opener = new SessionOpener(connection, kind, this.#options)
    return this.#within(opener.open(capabilities), 'session/new')
  }

  /** The dispatcher reads the session from this line, so that a later attempt can resume it. */
  #noteStart(agent: string, session: OpenedSession): void {
    const { how, id, mode, notes, offers } = session
    this.#reporter.line({ acp: 'start', agent, session: id, how, mode, offers })
    for (const text of notes) this.#reporter.line({ acp: 'note', text })
  }

  #read(mailbox: Mailbox): void {
    mailbox.run().catch((error: unknown) => {
      if (this.#over.signal.aborted) return
      const text = error instanceof Error ? error.message : String(error)
      this.#reporter.line({ acp: 'note', text: `messages can no longer be read: ${text}` })
    })
  }

  #takeThreadFailure(): string | null {
    const failure = this.#threadFailure
    this.#threadFailure = null
    return failure
  }

  /** Waits for a turn. When the worker must stop, cancels the turn and gives the agent a moment to end it. */
  async #orStopped(connection: AgentConnection, { id }: OpenedSession, turn: Promise<Json>): Promise<Json> {
    const { signal } = this.#options
    let late: NodeJS.Timeout | undefined
    const stopped = new Promise<never>((_resolve, reject) => {
      const cancel = () => {
        // First withdraw the agent's requests that wait for a person. Otherwise the agent would still wait for them.
        this.#over.abort()
        void connection.cancel(id).catch(() => undefined)
        late = setTimeout(() => reject(new TooSlow('It did not end its turn.')), CANCEL_MS)
      }
      if (signal.aborted) cancel()
      else signal.addEventListener('abort', cancel, { once: true })
    })
    try {
      const answer = await Promise.race([turn, stopped])
      if (signal.aborted) throw new AgentGone('stopped')
      return answer
    } finally {
      clearTimeout(late)
      turn.catch(() => undefined)
    }
  }

  async #within<T>(work: Promise<T>, what: string): Promise<T> {
    const { signal } = this.#options
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(
        () =>
          reject(new TooSlow(`The agent did not answer ${what} within ${START_LIMIT_MS / MINUTE} minutes.`)),
        START_LIMIT_MS,
      )
      const leave = () => reject(new AgentGone('stopped'))
      if (signal.aborted) leave()
      else signal.addEventListener('abort', leave, { once: true })
    })
    try {
      return await Promise.race([work, late])
    } finally {
      clearTimeout(timer)
      work.catch(() => undefined)
    }
  }

  async #lineFor(error: unknown): Promise<AcpLine> {
    if (error instanceof AgentRefusal) return refusalLine(error)
    if (error instanceof AgentGone) {
      const when = this.#mailbox === null ? 'before its session had begun' : 'in the middle of a turn'
      return goneLine(await this.#agent.stop(), when, this.#agent.lastErrorLine)
    }
    if (error instanceof NotOffered || error instanceof NotResumed || error instanceof TooSlow)
      return errorLine(error.message)
    throw error
  }
}

/** `AbortSignal.any`, which Node 18 does not have. */
function eitherOf(one: AbortSignal, other: AbortSignal): { signal: AbortSignal; release: () => void } {
  const either = new AbortController()
  const abort = () => either.abort()
  for (const signal of [one, other]) {
    if (signal.aborted) abort()
    else signal.addEventListener('abort', abort, { once: true })
  }
  const release = () => {
    for (const signal of [one, other]) signal.removeEventListener('abort', abort)
  }
  return { signal: either.signal, release }
}
