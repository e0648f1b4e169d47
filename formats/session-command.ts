import type { Profile } from '../contract/index.ts'
import { agentCommand, AGENTS, type AgentCommand, type AgentFacts } from './agents.ts'

/** The id of a session to resume, or the id for a new session. */
export type SessionArgument = { resume: string } | { begin: string }

/**
 * Makes the command of a profile for a session. With `driver=acp` the command stays as it is, because the bridge resumes the
 * session by the protocol.
 *
 * @returns null when the session cannot be resumed, or the new session cannot be named
 */
export function sessionCommand(
  { command, driver }: Pick<Profile, 'command' | 'driver'>,
  session: SessionArgument,
): string[] | null {
  if (driver !== 'acp') return withSession(command, session)
  const found = agentCommand(command)
  const resumes = 'resume' in session && found !== null && AGENTS[found.name].acp.resumes
  return resumes && command !== null ? [...command] : null
}

/**
 * Adds the session to the command of a profile. Each added word is one argument; no shell is involved.
 *
 * @param command a template, with its placeholders
 * @returns null when the session cannot be added: the command starts no agent that we know, or the agent in a way that needs
 *   a person, or it chooses its session itself, or the agent accepts no id for a new session
 */
export function withSession(command: readonly string[] | null, session: SessionArgument): string[] | null {
  const found = agentCommand(command)
  if (command === null || found === null) return null
  const facts = AGENTS[found.name]
  const start = startOfOptions(command, found, facts)
  if (start === null || choosesItself(command.slice(start), facts)) return null
  const how = 'resume' in session ? facts.resume : facts.begin
  if (how === null) return null
  const id = 'resume' in session ? session.resume : session.begin
  const words = how.words.map((word) => word.replace('{id}', id))
  if (how.at === 'start') return [...command.slice(0, start), ...words, ...command.slice(start)]
  const prompt = promptOf(command, start, how.switches ?? [])
  // For a command without a prompt, `-` makes the subcommand read it from standard input.
  return prompt === null
    ? [...command, ...words, '-']
    : [...command.slice(0, prompt), ...words, ...command.slice(prompt)]
}

/** @returns the index at which the options of the agent begin; null without the subcommand that works without a person */
function startOfOptions(
  command: readonly string[],
  { at }: AgentCommand,
  { subcommand }: AgentFacts,
): number | null {
  if (subcommand === null) return at + 1
  const found = command.findIndex((word, index) => index > at && subcommand.includes(word))
  return found < 0 ? null : found + 1
}

function choosesItself(words: readonly string[], { own }: AgentFacts): boolean {
  return words.some((word) => own.includes(word) || own.some((option) => word.startsWith(`${option}=`)))
}

/** @returns the index of the prompt: the last word; null when that is an option or the value of one */
function promptOf(command: readonly string[], start: number, switches: readonly string[]): number | null {
  const last = command.length - 1
  const word = command[last]
  if (last < start || word === undefined) return null
  if (word === '-' || /\{(?:prompt|context_file|title)\}/.test(word)) return last
  const before = command[last - 1] ?? ''
  const isOption = before.startsWith('-') && !before.includes('=')
  const isValue = last > start && isOption && !switches.includes(before)
  return word.startsWith('-') || isValue ? null : last
}
