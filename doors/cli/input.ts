import type { z } from 'zod'
import type { CliArg, CliFlag, OperationSpec } from '../../contract/index.ts'
import type { Io } from './io.ts'
import type { ParsedCommand } from './program.ts'
import { usageError } from './usage.ts'
import { parsePairs, parseValue, type ValueContext } from './values.ts'
import { assignWords } from './words.ts'

/** The words that were typed, read as fields of an operation's input. */
export interface Given {
  input: Record<string, unknown>
  /** The ids for a verb with several, which applies to each. Null for one id or none. */
  ids: { field: string; ids: readonly string[] } | null
}

/** Fields that describe one run, so they cannot be given for several tasks at once. */
const ONE_RUN_FIELDS = ['summary', 'metadata']

function contextOf(name: string, field: string, typed: ParsedCommand, io: Io): ValueContext {
  const shape = typed.verb.operation?.spec.input.shape as Record<string, z.ZodType> | undefined
  return {
    name,
    schema: shape?.[field],
    cwd: io.cwd,
    // Opened only by the values that read it.
    get stdin() {
      return io.stdin
    },
    now: (io.now ?? Date.now)(),
  }
}

async function flagValue(flag: CliFlag, texts: readonly string[], context: ValueContext): Promise<unknown> {
  if (flag.value === undefined) return flag.constant ?? true
  if (flag.parse === 'pair') return parsePairs(texts, context)
  const kind = flag.parse ?? 'text'
  if (flag.many !== true) return parseValue(texts[texts.length - 1] ?? '', kind, context)
  if (flag.clears === true && texts.length === 1 && texts[0]?.trim() === '') return []
  const parts = flag.whole === true ? texts : texts.flatMap((text) => text.split(','))
  return Promise.all(parts.map((text) => parseValue(text, kind, context)))
}

async function argValue(arg: CliArg, texts: readonly string[], context: ValueContext): Promise<unknown> {
  if (arg.parse === 'pair') return parsePairs(texts, context)
  const values = await Promise.all(texts.map((text) => parseValue(text, arg.parse ?? 'text', context)))
  return arg.many === true ? values : values[0]
}

/** Two flags for one field would be ambiguous: `--body` and `--body-file`. */
function refuseTwice(flags: readonly CliFlag[]) {
  for (const flag of flags) {
    const other = flags.find((each) => each !== flag && each.field === flag.field && each.key === flag.key)
    if (other !== undefined) throw usageError(`Give ${flag.flag} or ${other.flag}, not both.`)
  }
}

/** Standard input can be read only once. */
function refuseStdinTwice(flags: readonly (readonly [CliFlag, readonly string[]])[]) {
  const readers = flags.filter(([{ parse }, texts]) => isFile(parse) && texts.at(-1) === '-')
  const [first, second] = readers.map(([flag]) => flag.flag)
  if (second === undefined) return
  throw usageError(
    `${first ?? ''} and ${second} cannot both read standard input. Name a file for one of them.`,
  )
}

function isFile(parse: CliFlag['parse']): boolean {
  return parse === 'file' || parse === 'json-file'
}

/**
 * @param typed the command line, split into words and flags
 * @returns the operation's input, not yet checked against the schema
 * @throws OperationError INVALID_INPUT for a word that cannot be parsed
 */
export async function readInput(typed: ParsedCommand, io: Io): Promise<Given> {
  const { verb, words, rest } = typed
  const input: Record<string, unknown> = {}
  let ids: Given['ids'] = null
  const flags = [...typed.flags].filter(([flag]) => verb.flags.includes(flag))
  refuseTwice(flags.map(([flag]) => flag))
  refuseStdinTwice(flags)
  const whole = flags.filter(([{ key }]) => key === undefined)
  const byFlag = new Map(whole.map(([flag]) => [flag.field, flag.flag]))
  const ownTask = io.env['RUNBOARD_TASK'] === '' ? undefined : io.env['RUNBOARD_TASK']
  for (const [arg, texts] of assignWords(verb, words, ownTask, byFlag)) {
    const value = await argValue(arg, texts, contextOf(arg.name, arg.field, typed, io))
    if (arg.many !== true || verb.operation?.spec.bulk === undefined) input[arg.field] = value
    else if (texts.length === 1) input[arg.field] = (value as unknown[])[0]
    else ids = { field: arg.field, ids: [...new Set(texts)] }
  }
  for (const [flag, texts] of flags) {
    const value = await flagValue(flag, texts, contextOf(flag.flag, flag.field, typed, io))
    if (flag.key === undefined) input[flag.field] = value
    else input[flag.field] = { ...(input[flag.field] as object | undefined), [flag.key]: value }
  }
  if (verb.rest !== undefined && rest !== undefined) input[verb.rest] = rest
  if (ids !== null) refuseHandoff(flags.map(([flag]) => flag))
  return { input, ids }
}

function refuseHandoff(flags: readonly CliFlag[]) {
  const flag = flags.find(({ field }) => ONE_RUN_FIELDS.includes(field))
  if (flag === undefined) return
  throw usageError(`${flag.flag} belongs to one run: give it with one id, not with several.`)
}

/** The name of a field as the user typed it: its flag or its argument. */
function nameOf(typed: ParsedCommand, field: string): string {
  const given = [...typed.flags.keys()].find((flag) => flag.field === field)
  const declared = typed.verb.flags.find((flag) => flag.field === field)
  const arg = typed.verb.args.find((candidate) => candidate.field === field)
  return given?.flag ?? arg?.name ?? declared?.flag ?? field
}

/**
 * Checks the input against the operation's schema before anything is opened, so that wrong usage leaves no trace.
 *
 * @throws OperationError INVALID_INPUT, in terms of the flags and arguments
 */
export function checkInput(typed: ParsedCommand, spec: OperationSpec, input: Record<string, unknown>): void {
  const checked = spec.input.safeParse(input)
  const issue = checked.error?.issues[0]
  if (issue === undefined) return
  const [field = '', ...inside] = issue.path.map(String)
  const name = nameOf(typed, field)
  const data = { fields: [issue.path.join('.')] }
  const verb = typed.verb.words.join(' ')
  if (input[field] === undefined) throw usageError(`${verb}: ${name} is missing.`, data)
  const key = inside.join('.')
  // A message that names the key itself needs no name in front.
  const isNamed = inside.length === 0 || issue.message.includes(key)
  const where = isNamed || !Number.isNaN(Number(inside[0])) ? name : `${name}: ${key}`
  throw usageError(`${verb}: ${where}: ${issue.message}.`, data)
}
