import { existsSync, lstatSync, realpathSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import type { Profile } from '../../contract/index.ts'

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

const OWN_TOOLS = 'mcp__runboard__'
/** Tools of Claude Code that change nothing. Those that read a file name it in `file_path` or `path`. */
const READING = ['Read', 'Glob', 'Grep', 'LS', 'NotebookRead', 'BashOutput', 'TodoWrite', 'ToolSearch']
const EDITING = ['Edit', 'MultiEdit', 'Write', 'NotebookEdit']
const COMMANDS = ['Bash']
/** Folders with hooks and settings, which decide what git and agents run. */
const PROTECTED = ['.git', '.claude', '.codex', '.gemini', '.vscode', '.husky']

/**
 * Decides by the rules of a profile. Only resolves links; writes nothing.
 *
 * @returns `ask` for everything that no rule allows
 */
export function byPolicy(wanted: Wanted, rules: Rules, places: Places): 'allow' | 'ask' {
  const { tool_name: tool } = wanted
  if (tool.startsWith(OWN_TOOLS)) return 'allow'
  if (READING.includes(tool)) return mayRead(pathIn(wanted), places) ? 'allow' : 'ask'
  if (EDITING.includes(tool)) return rules.allow_edits && mayEdit(pathIn(wanted), places) ? 'allow' : 'ask'
  if (COMMANDS.includes(tool)) return mayRun(wanted, rules.allowed_commands) ? 'allow' : 'ask'
  return rules.allowed_tools.includes(tool) ? 'allow' : 'ask'
}

/** @returns the rule that “always” would add; null when no rule would be safe */
export function ruleFor(wanted: Wanted, places: Places): NewRule | null {
  const { tool_name: tool } = wanted
  if (READING.includes(tool)) return null
  if (EDITING.includes(tool)) return mayEdit(pathIn(wanted), places) ? { kind: 'edits' } : null
  if (!COMMANDS.includes(tool)) return { kind: 'tool', tool }
  const words = isPlainCall(wanted) ? plainWords(commandIn(wanted)) : null
  return words === null ? null : { kind: 'command', words: words.join(' ') }
}

/** @returns the rules with the change added */
export function withRule(rules: Rules, rule: NewRule): Rules {
  const added = (list: string[], one: string) => (list.includes(one) ? list : [...list, one])
  switch (rule.kind) {
    case 'edits':
      return { ...rules, allow_edits: true }
    case 'command':
      return { ...rules, allowed_commands: added(rules.allowed_commands, rule.words) }
    case 'tool':
      return { ...rules, allowed_tools: added(rules.allowed_tools, rule.tool) }
  }
}

function pathIn({ input }: Wanted): string | null {
  const path = input['file_path'] ?? input['notebook_path'] ?? input['path']
  return typeof path === 'string' && path !== '' ? path : null
}

function commandIn({ input }: Wanted): string {
  return typeof input['command'] === 'string' ? input['command'] : ''
}

function mayRead(path: string | null, { workspace, home }: Places): boolean {
  if (path === null) return true
  const whole = realPlace(path, workspace)
  if (whole === null) return false
  return isInside(whole, workspace) || !isInside(whole, home)
}

function mayEdit(path: string | null, { workspace }: Places): boolean {
  if (path === null || workspace === null) return false
  const whole = realPlace(path, workspace)
  if (whole === null || !isInside(whole, workspace)) return false
  const inside = relative(realFolder(workspace), whole).split(sep)
  return !inside.some((part) => PROTECTED.includes(part.toLowerCase()) || part === '.mcp.json')
}

/** Follows links, so that a path cannot lead out of a folder that it seems to be in. The file need not exist yet. */
function realPlace(path: string, workspace: string | null): string | null {
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

function mayRun(wanted: Wanted, allowed: readonly string[]): boolean {
  const words = isPlainCall(wanted) ? plainWords(commandIn(wanted)) : null
  if (words === null) return false
  return allowed.some((rule) => {
    const start = plainWords(rule)
    return start !== null && start.every((word, index) => words[index] === word)
  })
}

/** Other fields may change how the command runs, so a person decides about a call that has any. */
function isPlainCall({ input }: Wanted): boolean {
  return input['dangerouslyDisableSandbox'] !== true
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
