import { type Json, object, objects, textOrNull, word } from '../../formats/json.ts'
import { essence } from '../../formats/log-part.ts'
import type { BoardLink, Verdict, Wanted } from './board-link.ts'
import type { Reporter } from './reporter.ts'

/** The kinds of options by which a verdict is told to the agent, the best first. */
const ALLOWING = ['allow_once', 'allow_always']
const REFUSING = ['reject_once', 'reject_always']

/** How agents name the tools of our own MCP server. */
const OWN_TOOL = /^(?:mcp__runboard__(\w+)|runboard(?:__|[_.:/])(\w+)|(\w+) \(runboard MCP Server\))/

/** The tool that the rules of a profile know for each kind of call. */
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
  /** Why something was refused in this turn; for agents that end the turn then. */
  #refusal: string | null = null
  /** How many requests wait for an answer. */
  waiting = 0

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
    // Gemini CLI tells of the call here first.
    if (id !== '') this.#reporter.calls.put({ ...call, toolCallId: id })
    const wanted = wantedIn(call, this.#reporter.calls.facts(id))
    this.#reporter.line({ acp: 'permission', title: wanted.title, decision: 'asked', why: '' })
    this.waiting++
    let verdict: Verdict
    try {
      verdict = await this.#board.mayUse(wanted, signal)
    } finally {
      this.waiting--
    }
    const { kind, why } = verdict
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

/** @param facts what earlier updates told about the call */
export function wantedIn(
  call: Json,
  facts: { kind: string | null; name: string | null; input: Json; paths: string[] } | null,
): Wanted {
  const told = object(call['rawInput'])
  const input = Object.keys(told).length > 0 ? told : (facts?.input ?? {})
  const kind = textOrNull(call['kind']) ?? facts?.kind ?? null
  const name = textOrNull(call['name']) ?? facts?.name ?? null
  const title = textOrNull(call['title']) ?? name ?? essence(input)
  const own = OWN_TOOL.exec(name ?? title)
  if (own !== null && !(kind !== null && kind in TOOLS)) {
    const tool = own.slice(1).find((part) => part !== undefined) ?? ''
    return { tool_name: `mcp__runboard__${tool}`, input, title }
  }
  const tool = kind === null ? undefined : TOOLS[kind]
  if (tool === undefined) return { tool_name: name ?? title, input, title }
  return { tool_name: tool, input: inputOf(tool, input, facts?.paths ?? [], title), title }
}

/** The input in the fields that rules look at. */
function inputOf(tool: string, input: Json, paths: readonly string[], title: string): Json {
  if (tool === 'Bash') return { ...input, command: commandIn(input) ?? title }
  if (tool !== 'Edit') return input
  const path = textOrNull(input['file_path']) ?? textOrNull(input['filePath']) ?? textOrNull(input['path'])
  const all = [...new Set([...(path === null ? [] : [path]), ...paths])]
  return {
    ...input,
    ...(all[0] !== undefined && { file_path: all[0] }),
    ...(all.length > 1 && { paths: all }),
  }
}

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
