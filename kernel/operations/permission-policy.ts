import { existsSync, lstatSync, realpathSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { isOwnTool, type Profile } from '../../contract/index.ts'

/** A call that an agent wants to make: the tool, and its input as the agent gives it. */
export interface Wanted {
  tool_name: string
  input: Record<string, unknown>
}

/** The folder that a worker works in, and the folder that it must not touch. */
export interface Places {
  /** Null for a run without a workspace. */
  workspace: string | null
  /** RUNBOARD_HOME: it holds tokens and the boards themselves. */
  home: string
}

export type Rules = Pick<Profile, 'allow_edits' | 'allowed_commands' | 'allowed_tools'>

/** A change of the rules that allows this call and similar ones. */
export type NewRule = { kind: 'edits' } | { kind: 'command'; words: string } | { kind: 'tool'; tool: string }

/** Tools of Claude Code that read files, and nothing else. */
const READING = ['Read', 'Glob', 'Grep', 'LS', 'NotebookRead']
/** Tools of Claude Code that neither read nor change files. */
const HARMLESS = ['BashOutput', 'TodoWrite', 'ToolSearch']
const EDITING = ['Edit', 'MultiEdit', 'Write', 'NotebookEdit']
const COMMANDS = ['Bash']
/** Folders and files with hooks and settings, which decide what git, agents, editors and CI run. In lower case. */
const PROTECTED = [
  ...['.git', '.github', '.githooks', '.husky', '.runboard', '.mcp.json', '.aider.conf.yml'],
  ...['.claude', '.codex', '.gemini', '.qwen', '.copilot', '.opencode', 'opencode.json', 'opencode.jsonc'],
  ...['.vscode', '.cursor', '.idea', '.devcontainer'],
]
/** Begins a rule that allows one exact command. Without it, a rule allows every command that begins with its words. */
const EXACTLY = '='

/**
 * Decides by the rules of a profile. Only resolves links; writes nothing.
 *
 * @returns `ask` for everything that no rule allows
 */
export function byPolicy(wanted: Wanted, rules: Rules, places: Places): 'allow' | 'ask' {
  const { tool_name: tool } = wanted
  if (isOwnTool(tool) || HARMLESS.includes(tool)) return 'allow'
  if (READING.includes(tool)) return mayRead(wanted, places) ? 'allow' : 'ask'
  if (EDITING.includes(tool)) return rules.allow_edits && mayEdit(wanted, places) ? 'allow' : 'ask'
  if (COMMANDS.includes(tool)) return mayRun(wanted, rules.allowed_commands, places) ? 'allow' : 'ask'
  return rules.allowed_tools.includes(tool) ? 'allow' : 'ask'
}

/** @returns whether the call changes a file, as the rules name such calls */
export function isEditing({ tool_name }: Wanted): boolean {
  return EDITING.includes(tool_name)
}

/** @returns the rule that “always” would add; null when no rule would be safe */
export function ruleFor(wanted: Wanted, places: Places): NewRule | null {
  const { tool_name: tool } = wanted
  if (READING.includes(tool)) return null
  if (EDITING.includes(tool)) return mayEdit(wanted, places) ? { kind: 'edits' } : null
  // What is not a plain name may be free text of a model, which can write it again for something else.
  if (!COMMANDS.includes(tool)) return /^[\w.:/-]+$/.test(tool) ? { kind: 'tool', tool } : null
  const words = wordsOf(wanted, places)
  return words === null ? null : { kind: 'command', words: words.join(' ') }
}

/** @returns what a rule allows, as the end of the sentence “adds a rule to the profile: …” */
export function ruleWords(rule: NewRule): string {
  switch (rule.kind) {
    case 'edits':
      return 'every change of a file in the workspace, except hooks and settings'
    case 'command':
      return `exactly the command “${rule.words}”`
    case 'tool':
      return `every use of the tool ${rule.tool}`
  }
}

/** @returns the rules with the change added */
export function withRule(rules: Rules, rule: NewRule): Rules {
  const added = (list: string[], one: string) => (list.includes(one) ? list : [...list, one])
  switch (rule.kind) {
    case 'edits':
      return { ...rules, allow_edits: true }
    case 'command':
      return { ...rules, allowed_commands: added(rules.allowed_commands, EXACTLY + rule.words) }
    case 'tool':
      return { ...rules, allowed_tools: added(rules.allowed_tools, rule.tool) }
  }
}

export function hasRule(rules: Rules, rule: NewRule): boolean {
  switch (rule.kind) {
    case 'edits':
      return rules.allow_edits
    case 'command':
      return rules.allowed_commands.includes(EXACTLY + rule.words)
    case 'tool':
      return rules.allowed_tools.includes(rule.tool)
  }
}

/** The opposite of `withRule`. */
export function withoutRule(rules: Rules, rule: NewRule): Rules {
  const without = (list: string[], one: string) => list.filter((each) => each !== one)
  switch (rule.kind) {
    case 'edits':
      return { ...rules, allow_edits: false }
    case 'command':
      return { ...rules, allowed_commands: without(rules.allowed_commands, EXACTLY + rule.words) }
    case 'tool':
      return { ...rules, allowed_tools: without(rules.allowed_tools, rule.tool) }
  }
}

/** The fields in which the tools name a file or a folder. */
const PATHS = ['file_path', 'notebook_path', 'path']

function pathsIn({ input }: Wanted): string[] {
  return PATHS.map((key) => input[key]).filter((path) => typeof path === 'string' && path !== '') as string[]
}

function commandIn({ input }: Wanted): string {
  return typeof input['command'] === 'string' ? input['command'] : ''
}

/**
 * A search without a path searches the folder that the worker works in. Any text of the input may be a path: agents
 * name their fields as they like.
 */
function mayRead(wanted: Wanted, places: Places): boolean {
  const { input, tool_name: tool } = wanted
  const texts = textsIn(tool === 'Grep' ? { ...input, pattern: undefined } : input).map(unescaped)
  const paths = [...pathsIn(wanted), ...texts.filter(looksLikePath).map(fixedPart)]
  if (paths.length === 0) paths.push('.')
  return !texts.some(climbs) && paths.every((path) => isApart(path, places))
}

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}

/** @returns a pattern without the ways to write a character as itself: `\\.` and `[.]` */
function unescaped(pattern: string): string {
  return pattern.replace(/\\(.)|\[(.)\]/g, '$1$2')
}

function looksLikePath(text: string): boolean {
  return /^\s*(?:[/~$]|file:)/i.test(text) || text.split('/').includes('..')
}

/** @returns the folder in which a pattern searches; a path without wildcards as it is */
function fixedPart(pattern: string): string {
  const at = pattern.search(/[*?[{]/)
  return at < 0 ? pattern : pattern.slice(0, pattern.lastIndexOf('/', at) + 1)
}

/** Whether the wildcards or braces of a pattern may lead to another folder than the part before them. */
function climbs(pattern: string): boolean {
  const at = pattern.search(/[*?[{]/)
  return at >= 0 && (pattern.includes('..', at) || /[{,]\s*[/~$.]|[{,][,}]|\.[,}]/.test(pattern))
}

/** Whether a path has nothing to do with the files of Runboard, except for a workspace among them. */
function isApart(path: string, { workspace, home }: Places): boolean {
  const whole = realPlace(path, workspace)
  if (whole === null) return false
  if (isInside(realFolder(home), whole)) return false
  if (!isInside(whole, home)) return true
  if (workspace === null || !isInside(whole, workspace)) return false
  // The folders of the boards are below home too; only their workspaces are for workers.
  return relative(realFolder(home), realFolder(workspace)).split(sep).includes('workspaces')
}

function mayEdit(wanted: Wanted, places: Places): boolean {
  const { workspace } = places
  const [path, ...more] = pathsIn(wanted)
  if (path === undefined || more.length > 0 || workspace === null) return false
  const whole = realPlace(path, workspace)
  if (whole === null || !isInside(whole, workspace) || !isApart(path, places)) return false
  const inside = relative(realFolder(workspace), whole).split(sep)
  return inside[0] !== '' && !inside.some((part) => PROTECTED.includes(part.toLowerCase()))
}

/** Follows links, so that a path cannot lead out of a folder that it seems to be in. The file need not exist yet. */
function realPlace(path: string, workspace: string | null): string | null {
  // Agents and their shells replace these, trim, or read an address; here they would be names in the workspace.
  if (/^[~$]|^[a-z][a-z+.-]+:/i.test(path) || path !== path.trim()) return null
  if (!isAbsolute(path) && workspace === null) return null
  const whole = resolve(workspace ?? sep, path)
  try {
    return realFolder(whole)
  } catch {
    // The path cannot be examined, so a person decides.
    return null
  }
}

function realFolder(path: string): string {
  if (existsSync(path)) return realpathSync(path)
  // A write through a link whose target is missing creates the target.
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined)
    throw new Error(`${path} is a link to nothing`)
  const parent = dirname(path)
  return parent === path ? path : join(realFolder(parent), basename(path))
}

function isInside(path: string, folder: string | null): boolean {
  if (folder === null) return false
  const way = relative(realFolder(folder), path)
  return way === '' || (!way.startsWith('..') && !isAbsolute(way))
}

function mayRun(wanted: Wanted, allowed: readonly string[], places: Places): boolean {
  const words = wordsOf(wanted, places)
  if (words === null) return false
  return allowed.some((rule) => {
    const start = plainWords(rule.startsWith(EXACTLY) ? rule.slice(EXACTLY.length) : rule)
    if (rule.startsWith(EXACTLY) && start?.length !== words.length) return false
    return start !== null && start.every((word, index) => words[index] === word)
  })
}

/** @returns the words of a command that a rule may decide about; null when a person decides */
function wordsOf(wanted: Wanted, places: Places): string[] | null {
  return isPlainCall(wanted, places) ? plainWords(commandIn(wanted)) : null
}

/**
 * The fields in which the tools name the folder that a command runs in: `cwd` and `workdir` (Codex), `workdir` (OpenCode),
 * `dir_path` (Gemini CLI), `directory` (Qwen Code, older Gemini CLI). Other agents name theirs alike.
 */
const FOLDER = /cwd|dir|folder|path|root|workspace/i
/** Fields that run a command by another program, with other variables, or outside of the agent’s sandbox. */
const OTHERWISE = /^(?:shell|env|environment)$|sandbox|permissions/i
/** What such a field has when it changes nothing. */
const UNCHANGED: readonly unknown[] = [undefined, null, false, '', 'use_default']

/**
 * Whether a command runs in the workspace and in no unusual way. The same words may do something else in another folder, so
 * a person decides about every other call.
 */
function isPlainCall({ input }: Wanted, { workspace }: Places): boolean {
  return Object.entries(input).every(([key, value]) => {
    if (UNCHANGED.includes(value)) return true
    if (OTHERWISE.test(key)) return false
    if (!FOLDER.test(key)) return true
    const folder = typeof value === 'string' ? realPlace(value, workspace) : null
    return folder !== null && isInside(folder, workspace)
  })
}

/** A word without anything that a shell would expand, split or interpret; tildes and quotes are excluded too. */
const PLAIN_WORD = /^[A-Za-z0-9_@%+=:,./-]+$/

/**
 * @returns the words of a command that is one program with plain arguments; null for everything else, so that no
 *   operator, substitution, redirection, assignment or quoting can hide a second command
 */
export function plainWords(command: string): string[] | null {
  if (/[\r\n]/.test(command.trim())) return null
  const words = command.trim().split(/[ \t]+/)
  const isPlain = words.every((word) => PLAIN_WORD.test(word))
  const first = words[0] ?? ''
  return isPlain && first !== '' && !first.includes('=') && !first.startsWith('-') ? words : null
}
