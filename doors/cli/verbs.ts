import {
  type CliArg,
  type CliFlag,
  type CliParse,
  type OperationName,
  type OperationSpec,
  PLACES,
  specOf,
} from '../../contract/index.ts'
import type { LocalVerb } from './local/verb.ts'
import { localVerbs } from './local/index.ts'

/** One command that can follow `runboard`: an operation of the contract, or the door's own. */
export interface Verb {
  /** As typed: one word, or two for a group. */
  words: readonly string[]
  summary: string
  section: string
  args: readonly CliArg[]
  flags: readonly CliFlag[]
  /** The field for the arguments after `--`. */
  rest?: string
  confirm: boolean
  /** The operation that it calls. Without one, `local` does the work. */
  operation?: Operation
  local?: LocalVerb
}

export interface Operation {
  name: OperationName
  spec: OperationSpec
  view: string
}

/** In the order that help shows them. */
export const SECTIONS = ['Look', 'Change tasks', 'Boards, profiles, dispatcher', 'Run until stopped', 'More']

function sectionOf(spec: OperationSpec, words: readonly string[]): string {
  if (spec.kind === 'stream') return 'Run until stopped'
  if (words.length > 1) return 'Boards, profiles, dispatcher'
  // The inbox only looks, too, unless it is asked to mark its entries as seen.
  if (spec.kind === 'read' || spec.http?.method === 'GET') return 'Look'
  const onTasks = /^\/(tasks|links|questions|attachments)/.test(spec.http?.path ?? '')
  return onTasks ? 'Change tasks' : 'Boards, profiles, dispatcher'
}

function fromOperation(name: OperationName, spec: OperationSpec): Verb[] {
  const cli = spec.cli
  if (cli === undefined) return []
  const words = cli.verb.split(' ')
  const verb: Verb = {
    words,
    summary: spec.summary,
    section: sectionOf(spec, words),
    args: cli.args ?? [],
    flags: cli.flags ?? [],
    confirm: cli.confirm === true,
    operation: { name, spec, view: cli.view },
  }
  if (cli.rest !== undefined) verb.rest = cli.rest
  return [verb]
}

/**
 * A local verb is independent, or, if an operation has the same words, replaces that operation's verb and keeps its
 * arguments and flags: `log` is the operation plus `--follow`.
 */
function fromLocal(local: LocalVerb, declared: readonly Verb[]): Verb {
  const words = local.verb.split(' ')
  const base = declared.find((verb) => verb.words.join(' ') === local.verb)
  const verb: Verb = {
    words,
    summary: local.summary ?? base?.summary ?? '',
    section: local.section ?? base?.section ?? 'More',
    args: local.args ?? base?.args ?? [],
    flags: [...(base?.flags ?? []), ...(local.flags ?? [])],
    confirm: false,
    local,
  }
  if (local.rest === true) verb.rest = 'rest'
  if (base?.operation !== undefined) verb.operation = base.operation
  return verb
}

/**
 * @param words of a command line; the first words of verbs may be anywhere among them
 * @returns the verbs that begin with one of the words. Only the operations of those are loaded
 */
export function verbsNamed(words: readonly string[]): Verb[] {
  const isNamed = (verb: string) => words.includes(verb.split(' ')[0] ?? '')
  return verbsOf(
    (Object.keys(PLACES) as OperationName[])
      .filter((name) => PLACES[name].verb !== null && isNamed(PLACES[name].verb))
      .map((name) => [name, specOf(name)]),
    localVerbs.filter(({ verb }) => isNamed(verb)),
  )
}

/** @returns the verbs of the given operations and local verbs, in their order */
export function verbsOf(
  operations: ReadonlyArray<readonly [OperationName, OperationSpec]>,
  local: readonly LocalVerb[],
): Verb[] {
  const declared = operations.flatMap(([name, spec]) => fromOperation(name, spec))
  const locals = new Map(local.map((each) => [each.verb, fromLocal(each, declared)]))
  const inPlace = declared.map((verb) => locals.get(verb.words.join(' ')) ?? verb)
  return [...inPlace, ...[...locals.values()].filter((verb) => !inPlace.includes(verb))]
}

/** @returns the first words of verbs with two */
export function groupsOf(some: readonly Verb[]): string[] {
  return [...new Set(some.flatMap((verb) => (verb.words.length > 1 ? verb.words.slice(0, 1) : [])))]
}

/** How one argument is shown in a usage line: `ID`, `[ID]`, `ID…`. */
export function argTerm(arg: CliArg): string {
  const name = arg.many === true ? `${arg.name}…` : arg.name
  return arg.optional === true || arg.own === true ? `[${name}]` : name
}

/** What follows the verb: its arguments, and `--` with what it takes unchanged. */
export function argLine(verb: Verb, between = ''): string {
  const rest = verb.rest === undefined ? '' : '[-- ARGV…]'
  return [...verb.args.map(argTerm), between, rest].filter((part) => part !== '').join(' ')
}

/** A flag with the name of its value: `--max-runtime D`. */
export function flagTerm(flag: CliFlag): string {
  return flag.value === undefined ? flag.flag : `${flag.flag} ${flag.value}`
}

/** How values that are more than text are written. */
const NOTATION: Partial<Record<CliParse, string>> = {
  duration: 'seconds, or 30m, 1h30m, 2d',
  when: 'ISO 8601, or +2h from now',
  json: 'a JSON object',
  file: 'text from a file; - is standard input',
  'json-file': 'a JSON object from a file; - is standard input',
}

/** @returns the help of a flag: its own text, the contract's description of the field, and the notation of its value */
export function flagHelp(verb: Verb, flag: CliFlag): string {
  const field = verb.operation?.spec.input.shape[flag.field] as { description?: string } | undefined
  const said = flag.help ?? field?.description ?? ''
  const repeated = flag.many === true ? 'may be repeated' : ''
  const notation = (flag.parse && NOTATION[flag.parse]) ?? ''
  return [said, notation, repeated].filter((part) => part !== '').join('; ')
}

/** Flags that every verb takes, before or after it. */
export const GLOBAL_FLAGS: readonly CliFlag[] = [
  { flag: '--board', value: 'SLUG', field: 'board', help: 'the board to use, instead of the default' },
  { flag: '--home', value: 'DIR', field: 'home', help: 'the data folder, instead of RUNBOARD_HOME' },
  { flag: '--json', field: 'json', parse: 'flag', help: 'answer with JSON on standard output' },
]

export const CONFIRM_FLAG: CliFlag = {
  flag: '--yes',
  field: 'yes',
  parse: 'flag',
  help: 'confirm; this cannot be undone',
}
