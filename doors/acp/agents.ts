import { accessSync, constants } from 'node:fs'
import { basename, delimiter, isAbsolute, join } from 'node:path'
import type { Json } from '../../formats/json.ts'

/**
 * How agents that speak the Agent Client Protocol differ. docs/profiles.md has the same facts as a table, with the
 * versions in which we observed them.
 */
export interface AgentKind {
  name: string
  /** Matches the names of its programs and packages, and its own name in `initialize`. */
  known: RegExp
  /**
   * Modes in which a person decides what the agent may do, the best first. One of them is set if the profile names
   * none, because the default of some agents lets a model decide. In the first one the agent asks before each edit, if
   * it has such a mode: `allow_edits` of the profile decides then.
   */
  modes: readonly string[]
  /** Added to `session/new`, `session/load` and `session/resume`. */
  meta?: Json
  /**
   * How a message reaches a turn that is running. `steering`: by a request of its own; `drain`: the agent asks for
   * messages between its steps; `next_turn`: not at all.
   */
  messages: 'steering' | 'drain' | 'next_turn'
  /** After a refused permission the turn continues, or ends: then the reason has to be sent as a prompt. */
  afterRefusal: 'continues' | 'ends_turn'
  /** `session/load` of a session destroys it. */
  loadDestroys?: true
  /** It refuses MCP servers over standard input and output in `session/new`. Its preset passes ours as an argument. */
  refusesStdioServers?: true
  /** An adapter runs its own copy of the agent, unless this variable names the program that the user has installed. */
  installed?: { variable: string; program: string }
  /**
   * What the token counts in its answer to a prompt cover: the turn, its last request, or all turns since the agent was
   * started, which does not include those of an earlier process, whose session it has loaded.
   */
  usageOf: 'turn' | 'request' | 'process'
}

const OTHER: AgentKind = {
  name: 'other',
  known: /^/,
  modes: ['default'],
  messages: 'next_turn',
  afterRefusal: 'ends_turn',
  usageOf: 'turn',
}

export const AGENT_KINDS: readonly AgentKind[] = [
  {
    name: 'claude',
    known: /claude/i,
    modes: ['default', 'acceptEdits'],
    installed: { variable: 'CLAUDE_CODE_EXECUTABLE', program: 'claude' },
    meta: { claudeCode: { options: { allowedTools: ['mcp__runboard'] } } },
    messages: 'steering',
    afterRefusal: 'continues',
    usageOf: 'turn',
  },
  {
    name: 'codex',
    known: /codex/i,
    modes: ['workspace-write', 'read-only'],
    installed: { variable: 'CODEX_PATH', program: 'codex' },
    messages: 'steering',
    afterRefusal: 'ends_turn',
    usageOf: 'turn',
  },
  {
    name: 'opencode',
    known: /opencode/i,
    modes: [],
    messages: 'next_turn',
    afterRefusal: 'ends_turn',
    usageOf: 'request',
  },
  {
    name: 'gemini',
    known: /gemini/i,
    modes: ['default', 'autoEdit'],
    messages: 'next_turn',
    afterRefusal: 'continues',
    // github.com/google-gemini/gemini-cli/issues/28775
    loadDestroys: true,
    usageOf: 'turn',
  },
  {
    name: 'qwen',
    known: /qwen/i,
    modes: ['default'],
    messages: 'drain',
    afterRefusal: 'ends_turn',
    usageOf: 'turn',
  },
  {
    name: 'copilot',
    known: /copilot/i,
    modes: [],
    messages: 'next_turn',
    afterRefusal: 'ends_turn',
    refusesStdioServers: true,
    usageOf: 'process',
  },
]

/**
 * @param command the agent's command: its program, or a program that starts it (`npx PACKAGE`)
 * @param ownName the name that the agent gives in `initialize`, or null
 */
export function agentKind(command: readonly string[], ownName: string | null): AgentKind {
  // Later arguments may be anything: a prompt, a path.
  const words = command
    .slice(0, 4)
    .filter((word) => !word.startsWith('-'))
    .map((word) => (word.startsWith('/') ? basename(word) : word))
  const names = [ownName ?? '', ...words]
  for (const name of names) {
    const kind = AGENT_KINDS.find(({ known }) => known.test(name))
    if (kind !== undefined) return kind
  }
  return OTHER
}

type Environment = Readonly<Record<string, string | undefined>>

/** @returns the environment of the agent: ours, with the path of the installed program that its adapter should use */
export function agentEnvironment(kind: AgentKind, env: Environment): Environment {
  const { installed } = kind
  if (installed === undefined || (env[installed.variable] ?? '') !== '') return env
  const path = programOn(env['PATH'] ?? '', installed.program)
  return path === null ? env : { ...env, [installed.variable]: path }
}

function programOn(path: string, program: string): string | null {
  const candidates = path
    .split(delimiter)
    .filter((folder) => isAbsolute(folder))
    .map((folder) => join(folder, program))
  return candidates.find(isExecutable) ?? null
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
