import type { Profile } from '../contract/index.ts'

/**
 * What is known of each coding agent and its sessions, as data: how its session is named, how it goes on with one, how it says
 * that it cannot, and what it counts over the whole session. docs/profiles.md says with which versions each was seen.
 */

export const AGENT_NAMES = ['claude-code', 'codex', 'gemini', 'opencode', 'qwen', 'copilot'] as const
export type AgentName = (typeof AGENT_NAMES)[number]

/** A number of the usage that an agent reports. */
export type Counted = 'cost_usd' | 'input_tokens' | 'cached_input_tokens' | 'output_tokens'

/** Words to put into a command, `{id}` being the session. `prompt`: right before the prompt, which is its last word. */
interface SessionWords {
  words: readonly string[]
  at: 'start' | 'prompt'
  /** With `prompt`: options without a value. What stands behind one of them is not its value. */
  switches?: readonly string[]
}

export interface AgentFacts {
  title: string
  /** Its program, and the npm package by which `npx` starts it. */
  program: string
  package: string
  /** How it speaks the Agent Client Protocol: by a program of its own, or its own program; and whether it resumes there. */
  acp: { adapter: { program: string; package: string } | null; resumes: boolean }
  /** The subcommand that works without a person, in all its spellings; null when there is none. */
  subcommand: readonly string[] | null
  parser: Exclude<Profile['usage_parser'], 'none'>
  /** How a run goes on with a session. */
  resume: SessionWords
  /** How a run names its new session; null when only the agent can. */
  preset: SessionWords | null
  /** Options by which a command chooses its session itself. Such a command is left as it is. */
  own: readonly string[]
  /** How it says that it does not have the session. */
  refused: RegExp
  /** What it counts over the whole session, so that a run that went on used the difference. */
  counts: readonly Counted[]
  /** How a person goes on with a session in a terminal. */
  takeOver: readonly string[]
}

const TOKENS: readonly Counted[] = ['input_tokens', 'cached_input_tokens', 'output_tokens']

export const AGENTS: Readonly<Record<AgentName, AgentFacts>> = {
  'claude-code': {
    title: 'Claude Code',
    program: 'claude',
    package: '@anthropic-ai/claude-code',
    acp: {
      adapter: { program: 'claude-agent-acp', package: '@agentclientprotocol/claude-agent-acp' },
      resumes: true,
    },
    subcommand: null,
    parser: 'claude-json',
    resume: { words: ['--resume', '{id}'], at: 'start' },
    preset: { words: ['--session-id', '{id}'], at: 'start' },
    own: ['-c', '--continue', '-r', '--resume', '--session-id', '--fork-session', '--no-session-persistence'],
    refused: /No conversation found with session ID/i,
    counts: ['cost_usd'],
    takeOver: ['claude', '--resume', '{id}'],
  },
  codex: {
    title: 'Codex',
    program: 'codex',
    package: '@openai/codex',
    acp: { adapter: { program: 'codex-acp', package: '@agentclientprotocol/codex-acp' }, resumes: true },
    subcommand: ['exec', 'e'],
    parser: 'codex-json',
    // `exec` takes its own options only before `resume`.
    resume: {
      words: ['resume', '{id}'],
      at: 'prompt',
      switches: [
        '--json',
        '--experimental-json',
        '--skip-git-repo-check',
        '--full-auto',
        '--dangerously-bypass-approvals-and-sandbox',
        '--oss',
      ],
    },
    preset: null,
    own: ['resume', 'review', '--ephemeral'],
    refused: /no rollout found for|thread\/resume failed|no saved session/i,
    counts: TOKENS,
    takeOver: ['codex', 'resume', '{id}'],
  },
  gemini: {
    title: 'Gemini CLI',
    program: 'gemini',
    package: '@google/gemini-cli',
    // Loading a session destroys it there: github.com/google-gemini/gemini-cli/issues/28775
    acp: { adapter: null, resumes: false },
    subcommand: null,
    parser: 'gemini-json',
    resume: { words: ['--resume', '{id}'], at: 'start' },
    preset: null,
    own: ['-r', '--resume', '--session-id'],
    refused: /Error resuming session|Invalid session identifier|No previous sessions found/i,
    counts: [],
    takeOver: ['gemini', '--resume', '{id}'],
  },
  opencode: {
    title: 'OpenCode',
    program: 'opencode',
    package: 'opencode-ai',
    acp: { adapter: null, resumes: true },
    subcommand: ['run'],
    parser: 'opencode-json',
    resume: { words: ['--session', '{id}'], at: 'start' },
    preset: null,
    own: ['-c', '--continue', '-s', '--session', '--fork'],
    refused: /Session not found/i,
    counts: [],
    takeOver: ['opencode', '--session', '{id}'],
  },
  qwen: {
    title: 'Qwen Code',
    program: 'qwen',
    package: '@qwen-code/qwen-code',
    acp: { adapter: null, resumes: true },
    subcommand: null,
    // It writes the events of Claude Code.
    parser: 'claude-json',
    resume: { words: ['--resume', '{id}'], at: 'start' },
    preset: { words: ['--session-id', '{id}'], at: 'start' },
    own: ['-c', '--continue', '-r', '--resume', '--session-id', '--fork-session'],
    refused: /No saved session found with ID/i,
    counts: [],
    takeOver: ['qwen', '--resume', '{id}'],
  },
  copilot: {
    title: 'GitHub Copilot CLI',
    program: 'copilot',
    package: '@github/copilot',
    acp: { adapter: null, resumes: true },
    subcommand: null,
    parser: 'copilot-json',
    resume: { words: ['--resume={id}'], at: 'start' },
    preset: { words: ['--session-id={id}'], at: 'start' },
    own: ['--continue', '-r', '--resume', '--session-id', '--connect'],
    refused: /No session, task, or name matched/i,
    counts: TOKENS,
    takeOver: ['copilot', '--resume={id}'],
  },
}

/** An id that may stand in a command: it is never an option, a path or anything for a shell. */
const SESSION_ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,199}$/

/** @returns whether what an agent wrote may be used as the id of its session */
export function isSessionId(id: string): boolean {
  return SESSION_ID.test(id)
}

/** @returns the agent of a run, from its column `agent`: the name, and perhaps a version behind it */
export function agentNamed(agent: string | null): AgentName | null {
  const name = agent?.split(' ', 1)[0]
  return AGENT_NAMES.find((each) => each === name) ?? null
}

/** Programs that start another one. */
const STARTERS = ['npx', 'bunx', 'pnpx', 'env']
/** The agent comes within this many words of such a command. */
const WITHIN = 8

/** @returns the file name of a program, without the endings of Windows */
function programName(word: string): string {
  return (word.split(/[\\/]/).at(-1) ?? word).replace(/\.(?:exe|cmd|ps1)$/i, '')
}

/** The agent that a command starts, and where its program stands in it. */
export interface AgentCommand {
  name: AgentName
  at: number
}

function agentAt(word: string, at: number): AgentCommand | null {
  const name = AGENT_NAMES.find((each) => {
    const { acp, package: own, program } = AGENTS[each]
    return [{ program, package: own }, acp.adapter].some(
      (way) =>
        way !== null &&
        (programName(word) === way.program || word === way.package || word.startsWith(`${way.package}@`)),
    )
  })
  return name === undefined ? null : { name, at }
}

/** @returns null for a command that starts none of the agents that we know, or a shell line */
export function agentCommand(command: readonly string[] | null): AgentCommand | null {
  const [program, ...more] = command ?? []
  if (program === undefined) return null
  if (!STARTERS.includes(programName(program))) return agentAt(program, 0)
  for (const [index, word] of more.slice(0, WITHIN).entries()) {
    const found = agentAt(word, index + 1)
    if (found !== null) return found
  }
  return null
}

/** @returns the agent of a profile, by its command, else by the events that it says its output holds */
export function agentOf(profile: Pick<Profile, 'command' | 'usage_parser'>): AgentName | null {
  const found = agentCommand(profile.command)
  if (found !== null) return found.name
  return AGENT_NAMES.find((name) => AGENTS[name].parser === profile.usage_parser) ?? null
}

/** @returns the command by which a person goes on with the session of a run; null without one that is known */
export function takeOverCommand(agent: string | null, sessionId: string | null): string[] | null {
  const name = agentNamed(agent)
  if (name === null || sessionId === null || !isSessionId(sessionId)) return null
  return AGENTS[name].takeOver.map((word) => word.replace('{id}', sessionId))
}
