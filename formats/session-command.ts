import type { Profile } from '../contract/index.ts'
import { agentCommand, AGENTS, type AgentCommand, type AgentFacts } from './agents.ts'

/** What a command is told about its session. */
export type SessionWish = { resume: string } | { preset: string }

/**
 * The command of a profile for a session. The bridge resumes a session by the protocol, so with `driver=acp` the command
 * stays as it is.
 *
 * @returns null where the session cannot be resumed or named
 */
export function sessionCommand(
  { command, driver }: Pick<Profile, 'command' | 'driver'>,
  wish: SessionWish,
): string[] | null {
  if (driver !== 'acp') return withSession(command, wish)
  const found = agentCommand(command)
  const resumes = 'resume' in wish && found !== null && AGENTS[found.name].acp.resumes
  return resumes && command !== null ? [...command] : null
}

/**
 * Puts the session into the command of a profile. Only words are added, each one argument; no shell is involved.
 *
 * @param command a template, with its placeholders
 * @returns null when the command cannot be told: it starts no agent that we know, not in the way that works without a
 *   person, or it chooses its session itself
 */
export function withSession(command: readonly string[] | null, wish: SessionWish): string[] | null {
  const found = agentCommand(command)
  if (command === null || found === null) return null
  const facts = AGENTS[found.name]
  const start = startOfOptions(command, found, facts)
  if (start === null || choosesItself(command.slice(start), facts)) return null
  const how = 'resume' in wish ? facts.resume : facts.preset
  if (how === null) return null
  const id = 'resume' in wish ? wish.resume : wish.preset
  const words = how.words.map((word) => word.replace('{id}', id))
  if (how.at === 'start') return [...command.slice(0, start), ...words, ...command.slice(start)]
  const prompt = promptOf(command, start, how.switches ?? [])
  // Without a prompt of its own, the subcommand has to be told to read it from standard input.
  return prompt === null
    ? [...command, ...words, '-']
    : [...command.slice(0, prompt), ...words, ...command.slice(prompt)]
}

/** Where the options of the agent begin: behind its program, or behind its subcommand. */
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

/** Where the prompt stands: the last word, unless it is an option or the value of one. */
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
