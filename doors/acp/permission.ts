import { type Json, object, objects, textOrNull, word } from '../../formats/json.ts'
import { essence } from '../../formats/log-part.ts'
import type { BoardLink, Verdict, Wanted } from './board-link.ts'
import { changedLines } from './changed-lines.ts'
import type { Reporter } from './reporter.ts'

/** The kinds of options by which the agent learns the verdict, the best first. */
const ALLOWING = ['allow_once', 'allow_always']
const REFUSING = ['reject_once', 'reject_always']

/** How agents name the tools of our own MCP server. */
const OWN_TOOL = /^(?:mcp__runboard__(\w+)|runboard(?:__|[_.:/])(\w+)|(\w+) \(runboard MCP Server\))/

/** The name of the tool that a profile's rules use for each kind of call. */
const TOOLS: Readonly<Record<string, string>> = {
  execute: 'Bash',
  edit: 'Edit',
  delete: 'Edit',
  move: 'Edit',
  read: 'Read',
  search: 'Read',
  fetch: 'WebFetch',
}

/** Settles the agent's requests for permissions, and remembers what was refused. */
export class Permissions {
  readonly #board: BoardLink
  readonly #reporter: Reporter
  /** The reason of the last refusal in this turn. Agents that end their turn at a refusal get it as a prompt. */
  #refusal: string | null = null

  constructor(board: BoardLink, reporter: Reporter) {
    this.#board = board
    this.#reporter = reporter
  }

  /** @returns the reason of the last refusal since this was last called */
  takeRefusal(): string | null {
    const refusal = this.#refusal
    this.#refusal = null
    return refusal
  }

  /** Answers `session/request_permission`. */
  async answer(params: Json, signal: AbortSignal): Promise<Json> {
    const call = object(params['toolCall'])
    const id = word(call['toolCallId'] ?? '')
    // Gemini CLI announces the call only in this request.
    if (id !== '') this.#reporter.calls.put({ ...call, toolCallId: id })
    const wanted = wantedIn(call, this.#reporter.calls.facts(id))
    this.#reporter.line({ acp: 'permission', title: wanted.title, decision: 'asked', why: '' })
    const { kind, why } = await this.#board.mayUse(wanted, signal)
    this.#reporter.line({ acp: 'permission', title: wanted.title, decision: kind, why })
    if (kind === 'refused') this.#refusal = why
    return { outcome: outcomeOf(kind, objects(params['options'])) }
  }
}

function outcomeOf(kind: Verdict['kind'], options: readonly Json[]): Json {
  if (kind === 'withdrawn') return { outcome: 'cancelled' }
  const kinds = kind === 'allowed' ? ALLOWING : REFUSING
  const chosen = kinds
    .map((wanted) => options.find((option) => option['kind'] === wanted))
    .find((option) => option !== undefined)
  return chosen === undefined
    ? { outcome: 'cancelled' }
    : { outcome: 'selected', optionId: chosen['optionId'] }
}

/**
 * Describes a call in the terms of the profile's rules. The rules match only these terms, so a call that is not
 * certain is described without them, and a person decides.
 *
 * @param facts what earlier updates said about the call, or null
 */
export function wantedIn(call: Json, facts: CallFacts | null): Wanted {
  const rawInput = object(call['rawInput'])
  const input = Object.keys(rawInput).length > 0 ? rawInput : (facts?.input ?? {})
  const kind = textOrNull(call['kind']) ?? facts?.kind ?? null
  const name = textOrNull(call['name']) ?? facts?.name ?? null
  const title = textOrNull(call['title']) ?? name ?? essence(input)
  // Codex tells of a call of an MCP server as of a command.
  if (typeof input['server'] === 'string' && typeof input['tool'] === 'string' && commandIn(input) === null)
    return {
      tool_name: `mcp__${input['server']}__${input['tool']}`,
      input: object(input['arguments']),
      title,
    }
  const tool = kind === null ? undefined : TOOLS[kind]
  if (tool === undefined) {
    const own = OWN_TOOL.exec(name ?? title)
      ?.slice(1)
      .find((part) => part !== undefined)
    return { tool_name: own === undefined ? (name ?? title) : `mcp__runboard__${own}`, input, title }
  }
  const paths = pathsIn(input, facts?.paths ?? [])
  switch (tool) {
    case 'Bash':
      return { tool_name: tool, input: { ...input, command: commandIn(input) ?? title }, title }
    case 'Read':
      // A search may have no path. A person decides on a read that does not say what it reads.
      if (paths.length === 0 && kind === 'read') return { tool_name: name ?? title, input, title }
      return { tool_name: tool, input: withPath(input, paths), title }
    case 'Edit':
      return {
        tool_name: tool,
        input: { ...changeIn(facts?.content ?? []), ...withPath(input, paths) },
        title,
      }
    default:
      return { tool_name: tool, input, title }
  }
}

type CallFacts = NonNullable<ReturnType<Reporter['calls']['facts']>>

const PATHS = ['file_path', 'filePath', 'absolute_path', 'notebook_path', 'path', 'dir_path']

function pathsIn(input: Json, located: readonly string[]): string[] {
  const own = PATHS.map((key) => textOrNull(input[key])).filter((path) => path !== null)
  return [...new Set([...own, ...located])]
}

/** With one path the rules can decide. With several, a person sees all of them and decides. */
function withPath(input: Json, paths: readonly string[]): Json {
  const rest = Object.fromEntries(Object.entries(input).filter(([key]) => !PATHS.includes(key)))
  if (paths.length === 1) return { ...rest, file_path: paths[0] }
  return paths.length === 0 ? rest : { ...rest, paths }
}

/** The change that a person decides on, in the fields that a question shows as a diff. */
function changeIn(content: readonly Json[]): Json {
  const [diff, ...more] = content.filter(({ type }) => type === 'diff')
  if (diff === undefined || more.length > 0) return {}
  const { removed, added } = changedLines(
    textOrNull(diff['oldText']) ?? '',
    textOrNull(diff['newText']) ?? '',
    LONGEST_CHANGE,
  )
  return { old_string: removed, new_string: added }
}

/** How much of a change a question shows, in characters for each side. */
const LONGEST_CHANGE = 100_000

/** Some agents give a command as text, some as arguments, mostly of a shell. */
function commandIn(input: Json): string | null {
  const command = input['command'] ?? input['cmd']
  if (!Array.isArray(command)) return textOrNull(command)
  const words = command.map(word)
  const isShell = words.length === 3 && /(?:^|\/)(?:ba|z|da)?sh$/.test(words[0] ?? '')
  if (isShell && /^-l?c$/.test(words[1] ?? '')) return words[2] ?? null
  return words
    .map((each) => (/^[\w@%+=:,./-]+$/.test(each) ? each : `'${each.replaceAll("'", `'\\''`)}'`))
    .join(' ')
}
