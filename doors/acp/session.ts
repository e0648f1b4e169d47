import { type AcpOffers, RESUME_REFUSED } from '../../formats/acp-lines.ts'
import { type Json, object, objects, textOrNull, word } from '../../formats/json.ts'
import type { AgentKind } from './agents.ts'
import { type AgentConnection, AgentRefusal } from './connection.ts'

export interface SessionOptions {
  cwd: string
  mcpServers: readonly Json[]
  /** The session of an earlier run to continue, or null. */
  resume: string | null
  /** The mode that the profile asks for, or null. */
  mode: string | null
  model: string | null
}

export interface OpenedSession {
  id: string
  how: 'new' | 'resumed' | 'loaded'
  /** Its mode once it has been set; null for an agent without modes. */
  mode: string | null
  offers: AcpOffers
  /** What a reader of the log should know about how it was opened. */
  notes: string[]
}

/** The profile asks for something that the agent does not offer. */
export class NotOffered extends Error {}

/**
 * The agent does not resume the session of an earlier run. The dispatcher then starts the run again with a fresh session
 * and the whole context. The task has not failed.
 */
export class NotResumed extends Error {}

/**
 * @param capabilities of the agent, from its answer to `initialize`
 * @returns what it can do with sessions: `load`, `resume`, `close`, …
 */
export function sessionMethods(capabilities: Json): string[] {
  const more = Object.entries(object(capabilities['sessionCapabilities']))
  return [
    ...(capabilities['loadSession'] === true ? ['load'] : []),
    ...more.filter(([, value]) => value !== null && value !== false).map(([name]) => name),
  ]
}

/** What an agent offers to choose from: the modes of its session, or a value that it calls an option. */
interface Choice {
  current: string | null
  offered: readonly string[]
  set: (sessionId: string, value: string) => Promise<Json>
}

/** How many values of each kind the log names. */
const MOST_OFFERS = 100

/** Opens the session of a run, and puts it into the mode that the profile asks for. */
export class SessionOpener {
  readonly #connection: AgentConnection
  readonly #kind: AgentKind
  readonly #options: SessionOptions
  readonly #notes: string[] = []

  constructor(connection: AgentConnection, kind: AgentKind, options: SessionOptions) {
    this.#connection = connection
    this.#kind = kind
    this.#options = options
  }

  /**
   * @param capabilities of the agent, from its answer to `initialize`
   * @throws NotOffered
   * @throws NotResumed
   * @throws AgentRefusal
   */
  async open(capabilities: Json): Promise<OpenedSession> {
    const known = await this.#resumed(capabilities)
    const { id, how, answer } = known ?? (await this.#fresh())
    await this.#setModel(id, answer)
    const mode = await this.#setMode(id, answer)
    return { id, how, mode, offers: this.#offers(capabilities, answer), notes: this.#notes }
  }

  #offers(capabilities: Json, answer: Json): AcpOffers {
    const offered = (choice: Choice | null) => (choice?.offered ?? []).slice(0, MOST_OFFERS)
    return {
      sessions: sessionMethods(capabilities).slice(0, MOST_OFFERS),
      modes: offered(this.#modes(answer)),
      models: offered(this.#models(answer)),
    }
  }

  async #fresh() {
    const answer = await this.#connection.request('session/new', this.#fields())
    const id = textOrNull(answer['sessionId'])
    if (id === null) throw new AgentRefusal(0, 'It opened a session without an id.', {})
    return { id, how: 'new' as const, answer }
  }

  async #resumed(capabilities: Json) {
    const id = this.#options.resume
    if (id === null) return null
    const offered = sessionMethods(capabilities)
    const ways = [
      ...(offered.includes('resume') ? (['session/resume'] as const) : []),
      ...(offered.includes('load') && this.#kind.loadDestroys !== true ? (['session/load'] as const) : []),
    ]
    let why = 'it cannot resume any'
    for (const method of ways) {
      try {
        const answer = await this.#connection.request(method, { sessionId: id, ...this.#fields() })
        return { id, how: method === 'session/load' ? ('loaded' as const) : ('resumed' as const), answer }
      } catch (error) {
        if (!(error instanceof AgentRefusal)) throw error
        why = error.message
      }
    }
    throw new NotResumed(`${RESUME_REFUSED} ${id}: ${why}`)
  }

  #fields(): Json {
    const { cwd, mcpServers } = this.#options
    const servers = this.#kind.refusesStdioServers === true ? [] : mcpServers
    return { cwd, mcpServers: servers, ...(this.#kind.meta !== undefined && { _meta: this.#kind.meta }) }
  }

  async #setMode(sessionId: string, answer: Json): Promise<string | null> {
    const { mode } = this.#options
    const choice = this.#modes(answer)
    if (choice === null) {
      if (mode !== null) throw new NotOffered(`acp_mode is ${mode}, but this agent has no modes.`)
      return null
    }
    const wanted = mode ?? this.#kind.modes.find((known) => choice.offered.includes(known)) ?? null
    if (wanted === null) {
      this.#notes.push(
        `mode ${choice.current ?? 'unknown'}, the agent’s own; it offers ${list(choice.offered)}`,
      )
      return choice.current
    }
    if (!choice.offered.includes(wanted))
      throw new NotOffered(`acp_mode is ${wanted}, but this agent offers ${list(choice.offered)}.`)
    // Set it even if the agent says that it is the current one: that may not be true.
    await choice.set(sessionId, wanted)
    return wanted
  }

  #modes(answer: Json): Choice | null {
    const { availableModes, currentModeId } = object(answer['modes'])
    const offered = objects(availableModes).map(({ id }) => word(id))
    if (offered.length > 0) {
      return {
        current: textOrNull(currentModeId),
        offered,
        set: (sessionId, modeId) => this.#connection.request('session/set_mode', { sessionId, modeId }),
      }
    }
    return this.#option(answer, 'mode')
  }

  async #setModel(sessionId: string, answer: Json): Promise<void> {
    const { model } = this.#options
    if (model === null) return
    const choice = this.#models(answer)
    if (choice === null) {
      this.#notes.push(`model ${model}: this agent does not let its session choose one`)
      return
    }
    if (choice.current === model) return
    if (!choice.offered.includes(model))
      throw new NotOffered(`The model is ${model}, but this agent offers ${list(choice.offered)}.`)
    await choice.set(sessionId, model)
  }

  #models(answer: Json): Choice | null {
    const { availableModels, currentModelId } = object(answer['models'])
    const offered = objects(availableModels).map(({ modelId }) => word(modelId))
    if (offered.length === 0) return this.#option(answer, 'model')
    return {
      current: textOrNull(currentModelId),
      offered,
      set: (sessionId, modelId) => this.#connection.request('session/set_model', { sessionId, modelId }),
    }
  }

  #option(answer: Json, category: 'mode' | 'model'): Choice | null {
    const options = objects(answer['configOptions'])
    const found =
      options.find((option) => option['category'] === category) ??
      options.find((option) => option['id'] === category)
    if (found === undefined) return null
    return {
      current: textOrNull(found['currentValue']),
      offered: valuesOf(found['options']),
      set: (sessionId, value) =>
        this.#connection.request('session/set_config_option', { sessionId, configId: found['id'], value }),
    }
  }
}

/** The values of an option: a list, or a list of groups of them. */
function valuesOf(options: unknown): string[] {
  return objects(options).flatMap((option) =>
    Array.isArray(option['options']) ? valuesOf(option['options']) : [word(option['value'])],
  )
}

function list(offered: readonly string[]): string {
  return offered.length === 0 ? 'none' : offered.join(', ')
}
