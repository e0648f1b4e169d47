import { isOwnTool, OWN_TOOLS } from '../../contract/index.ts'
import { type Json, object, objects, textOrNull, word } from '../../formats/json.ts'
import { essence, onOneLine } from '../../formats/log-part.ts'
import { shellWord } from '../../formats/shell-word.ts'
import type { Wanted } from './board-link.ts'
import { changedLines } from './changed-lines.ts'
import type { Reporter } from './reporter.ts'
import { toolName } from './tool-calls.ts'

/** The whole forms in which agents name a tool of our MCP server. A text with more in it is not a name. */
const OWN_TOOL = /^(?:mcp__runboard__(\w+)|runboard(?:__|[_.:/])(\w+)|(\w+) \(runboard MCP Server\))$/
/** The same in a title: only the forms that agents build themselves. */
const OWN_TITLE = /^(?:mcp__runboard__(\w+)|runboard_(\w+)|(\w+) \(runboard MCP Server\))$/

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

/** The longest name of a tool that a question takes. */
const LONGEST_NAME = 200
const LONGEST_TITLE = 300

export type CallFacts = NonNullable<ReturnType<Reporter['calls']['facts']>>

/**
 * Describes a call in the terms of the profile's rules. The rules match only these terms, so a call that is not
 * certain is described without them, and a person decides. A model may write the title and the input as it likes:
 * neither may turn a call into a more harmless one.
 *
 * @param facts what earlier updates said about the call, or null
 */
export function wantedIn(call: Json, facts: CallFacts | null): Wanted {
  const rawInput = object(call['rawInput'])
  const input = Object.keys(rawInput).length > 0 ? rawInput : (facts?.input ?? {})
  const kind = textOrNull(call['kind']) ?? facts?.kind ?? null
  const name = toolName(call) ?? facts?.name ?? null
  const title = onOneLine(textOrNull(call['title']) ?? name ?? essence(input), LONGEST_TITLE)
  const server = serverTool(input, kind, title)
  if (server !== null) return { ...server, title }
  const hasCommand = COMMANDS.some((key) => input[key] !== undefined && input[key] !== null)
  const tool = kind === null ? undefined : TOOLS[kind]
  if (tool === undefined) return { tool_name: nameOf(name, title, hasCommand), input, title }
  if (tool === 'Bash' || hasCommand) return { tool_name: 'Bash', input: commandInput(input, title), title }
  if (tool === 'WebFetch') return { tool_name: tool, input, title }
  const content = facts?.content ?? objects(call['content'])
  const paths = pathsIn(input, facts?.paths ?? [], content)
  if (tool === 'Edit') {
    const moved = kind === 'move'
    const change = moved ? {} : changeIn(content)
    return { tool_name: tool, input: { ...withPath(input, paths, moved), ...change }, title }
  }
  // A search may have no path. A person decides on a read that does not say what it reads.
  if (paths.length === 0 && kind === 'read') return { tool_name: nameOf(name, title, true), input, title }
  return { tool_name: tool, input: withPath(input, paths), title }
}

/** Codex tells of a call of an MCP server as of a command. Other agents pass on an input of the same shape from a model. */
function serverTool(
  input: Json,
  kind: string | null,
  title: string,
): Pick<Wanted, 'tool_name' | 'input'> | null {
  const { server, tool, arguments: given, ...more } = input
  if (typeof server !== 'string' || typeof tool !== 'string' || Object.keys(more).length > 0) return null
  if (kind !== 'execute' || title !== `mcp.${server}.${tool}`) return null
  return { tool_name: plainName(`mcp__${server}__${tool}`), input: object(given) }
}

/** @param isOther whether the call is certainly not of one of our tools */
function nameOf(name: string | null, title: string, isOther: boolean): string {
  const own = isOther && name === null ? null : ownName(name === null ? OWN_TITLE : OWN_TOOL, name ?? title)
  if (own !== null) return own
  if (name !== null) return plainName(name)
  // A title must not pass for a tool that the rules know by its name.
  const isName = /^[a-z][\w.:/-]*$/.test(title) && !title.startsWith('mcp__')
  return isName ? plainName(title) : plainName(`Call “${title}”`)
}

function ownName(form: RegExp, text: string): string | null {
  const tool = form
    .exec(text)
    ?.slice(1)
    .find((part) => part !== undefined)
  return tool !== undefined && OWN_TOOLS.has(tool) ? `mcp__runboard__${tool}` : null
}

/** @returns the name as a question takes it: one line that is not too long and not blank */
function plainName(name: string): string {
  const plain = onOneLine(name, LONGEST_NAME)
  // Cutting and joining lines must not make a name of ours out of another one.
  if (plain !== name && isOwnTool(plain)) return `Call “${plain}”`
  return plain === '' ? 'a tool without a name' : plain
}

const PATHS = ['file_path', 'filePath', 'absolute_path', 'notebook_path', 'path', 'dir_path']
/** Names of fields that may hold a path, in agents and tools that we do not know. */
const PATH_LIKE = /path|file|dir|folder|dest|target|source|^(?:to|from|root|cwd|uri)$/i
const TEXT_LIKE = /text|content|string|pattern|filter/i

/** Every path that the input, the agent or the shown change names. */
function pathsIn(input: Json, located: readonly string[], content: readonly Json[]): string[] {
  const own = Object.entries(input).flatMap(([key, value]) => {
    if (key === 'changes') return Object.keys(object(value))
    if (!PATH_LIKE.test(key) || TEXT_LIKE.test(key)) return []
    return (Array.isArray(value) ? value : [value]).map(textOrNull)
  })
  const shown = content.filter(({ type }) => type === 'diff').map(({ path }) => textOrNull(path))
  const all = [...own, ...located, ...shown, ...patched(input)].filter((path) => path !== null && path !== '')
  const paths = [...new Set(all as string[])]
  // Some agents give the same path whole and relative to their folder.
  return paths.filter((path) => path.includes('..') || !paths.some((whole) => isEndOf(path, whole)))
}

function isEndOf(path: string, whole: string): boolean {
  return !path.startsWith('/') && whole.startsWith('/') && whole.endsWith(`/${path.replace(/^\.\//, '')}`)
}

/** The files that a patch names, in the form that Codex and OpenCode use. */
function patched(input: Json): string[] {
  return Object.values(input)
    .filter((value) => typeof value === 'string')
    .flatMap((text) => [...text.matchAll(/^\*\*\* (?:(?:Add|Update|Delete) File|Move to): (.+)$/gm)])
    .map(([, path = '']) => path.trim())
}

/** With one path the rules can decide. With several, a person sees all of them and decides. */
function withPath(input: Json, paths: readonly string[], always_several = false): Json {
  const rest = Object.fromEntries(Object.entries(input).filter(([key]) => !PATHS.includes(key)))
  if (paths.length === 1 && !always_several) return { ...rest, file_path: paths[0] }
  return paths.length === 0 ? rest : { ...rest, paths }
}

/** The change that a person decides on, in the fields that a question shows as a diff. */
function changeIn(content: readonly Json[]): Json {
  const changes = content
    .filter(({ type }) => type === 'diff')
    .map((diff) => {
      const [before, after] = [textOrNull(diff['oldText']) ?? '', textOrNull(diff['newText']) ?? '']
      const { removed, added } = changedLines(before, after, LONGEST_CHANGE)
      return { file_path: word(diff['path'] ?? ''), old_string: removed, new_string: added }
    })
  const [only, ...more] = changes
  if (only === undefined) return {}
  return more.length > 0 ? { changes } : { old_string: only.old_string, new_string: only.new_string }
}

/** How much of a change a question shows, in characters for each side. */
const LONGEST_CHANGE = 100_000

/** The fields that hold a command. */
const COMMANDS = ['command', 'cmd']

/** A command that is not certain is not given as one: no rule decides on it. */
function commandInput(input: Json, title: string): Json {
  const command = commandIn(input)
  if (command !== null) return { ...input, command }
  return { description: title, ...(Object.keys(input).length > 0 && { call: input }) }
}

/** Some agents give a command as text, some as arguments, mostly of a shell. Null if it is not certain what runs. */
function commandIn(input: Json): string | null {
  const [command, ...more] = COMMANDS.map((key) => input[key]).filter((value) => value != null)
  if (more.length > 0 || (Array.isArray(input['args']) && input['args'].length > 0)) return null
  if (!Array.isArray(command)) return textOrNull(command)
  if (command.length === 0) return null
  const words = command.map(word)
  const isShell = words.length === 3 && /(?:^|\/)(?:ba|z|da)?sh$/.test(words[0] ?? '')
  if (isShell && /^-l?c$/.test(words[1] ?? '')) return textOrNull(words[2])
  return words.map(shellWord).join(' ')
}
