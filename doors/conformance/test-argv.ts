import { rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type CliArg,
  type CliFlag,
  type CliParse,
  operationList,
  type OperationSpec,
} from '../../contract/index.ts'

type Input = Readonly<Record<string, unknown>>

/** An operation's input as words for the command line; null if it cannot be typed. */
export type Argv = string[] | null

function pairs(value: unknown): string[] {
  return Object.entries(value as Record<string, unknown>).map(([key, one]) => `${key}=${plainText(one)}`)
}

function plainText(value: unknown): string {
  if (value === null) return 'none'
  return typeof value === 'string' ? value : JSON.stringify(value)
}

function word(value: unknown, parse: CliParse = 'text'): string {
  if (value === null) return 'none'
  if (parse === 'json') return JSON.stringify(value)
  if (parse === 'file') return inFile(value as string)
  if (parse === 'json-file') return inFile(JSON.stringify(value))
  if (parse === 'when') return new Date(value as number).toISOString()
  if (parse === 'duration') return `${value as number}s`
  return typeof value === 'string' ? value : JSON.stringify(value)
}

const files: string[] = []
process.on('exit', () => files.forEach((path) => rmSync(path, { force: true })))

/** @returns the path of a new file with this text; it is deleted when this process exits */
function inFile(text: string): string {
  const path = join(tmpdir(), `runboard-argv-${process.pid}-${files.length}.txt`)
  writeFileSync(path, text)
  files.push(path)
  return path
}

function words(entry: CliArg | CliFlag, value: unknown): string[] {
  if (entry.parse === 'pair') return pairs(value)
  return entry.many === true && Array.isArray(value)
    ? value.map((one) => word(one, entry.parse))
    : [word(value, entry.parse)]
}

function flagWords(flags: readonly CliFlag[], field: string, value: unknown): Argv {
  const own = flags.filter((flag) => flag.field === field)
  const flag =
    own.find((one) => one.value !== undefined) ?? own.find((one) => (one.constant ?? true) === value)
  if (flag === undefined) return value === false || value === undefined ? [] : null
  if (flag.value === undefined) return [flag.flag]
  return words(flag, value).map((text) => `${flag.flag}=${text}`)
}

/** Several ids are given to the verb itself. */
function bulkArgv({ ids, verb, ...own }: Input): Argv {
  const found = operationList.find(([, spec]) => spec.bulk === String(verb).replaceAll('-', '_'))
  const cli = found?.[1].cli
  const many = cli?.args?.find((arg) => arg.many === true)
  return found === undefined || many === undefined ? null : argvFor(found[1], { ...own, [many.field]: ids })
}

/** @returns the call as typed on the command line, or null if it cannot be typed */
export function argvFor(spec: OperationSpec, input: Input): Argv {
  if (spec.http?.path === '/tasks/bulk') return bulkArgv(input)
  const { cli } = spec
  if (cli === undefined) return null
  const { board, ...given } = input as Record<string, unknown>
  const argv = board === undefined ? [] : ['--board', board as string]
  // Operations on a whole board take its slug from `--board` if the verb has no argument for it.
  if (given['slug'] !== undefined && cli.args?.some((arg) => arg.field === 'slug') !== true) {
    argv.push('--board', given['slug'] as string)
    delete given['slug']
  }
  argv.push(...cli.verb.split(' '))
  if (cli.confirm === true) argv.push('--yes')
  const rest = new Set(Object.keys(given))
  const positional: string[] = []
  for (const arg of cli.args ?? []) {
    rest.delete(arg.field)
    if (given[arg.field] !== undefined) positional.push(...words(arg, given[arg.field]))
  }
  const after = cli.rest === undefined ? undefined : given[cli.rest]
  if (cli.rest !== undefined) rest.delete(cli.rest)
  for (const field of rest) {
    const typed = flagWords(cli.flags ?? [], field, given[field])
    if (typed === null) return null
    argv.push(...typed)
  }
  // Text that begins with two dashes goes after `--`.
  argv.push(...(positional.some((text) => text.startsWith('--')) ? ['--'] : []), ...positional)
  return Array.isArray(after) ? [...argv, '--', ...(after as string[])] : argv
}
