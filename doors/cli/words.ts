import type { CliArg } from '../../contract/index.ts'
import { usageError } from './usage.ts'
import { argLine, type Verb } from './verbs.ts'

/** Which words belong to which argument. An omitted argument has no entry. */
export type Assigned = ReadonlyMap<CliArg, readonly string[]>

/**
 * Distributes the words of a command line over the arguments of its verb.
 *
 * @param words the words beside the flags, in order
 * @param ownTask the task of the calling worker, which the worker may omit
 * @param byFlag fields that a flag sets in place of their argument: `--body-file` of a comment
 * @throws OperationError INVALID_INPUT for too few or too many words
 */
export function assignWords(
  { words: typed, args: declared, ...rest }: Verb,
  words: readonly string[],
  ownTask: string | undefined,
  byFlag: ReadonlyMap<string, string> = new Map(),
): Assigned {
  const verb = { ...rest, words: typed, args: declared.filter(({ field }) => !byFlag.has(field)) }
  const filled = declared.find(({ field }) => byFlag.has(field))
  if (filled !== undefined && words.length > verb.args.length && words.length <= declared.length) {
    throw usageError(`Give ${filled.name} or ${byFlag.get(filled.field) ?? ''}, not both.`)
  }
  const own = verb.args.find((arg) => arg.own === true)
  const most = verb.args.some((arg) => arg.many === true) ? Number.POSITIVE_INFINITY : verb.args.length
  if (words.length > most) {
    const blank = words.length > most && verb.args.length > 0 ? ' Put quotes around text with spaces.' : ''
    throw usageError(
      `${verb.words.join(' ')} takes ${argLine(verb) || 'no arguments'}: “${words[most] ?? ''}” is one too many.${blank}`,
    )
  }
  const least = verb.args.filter((arg) => arg.optional !== true).length
  if (words.length >= least) return spread(verb.args, words)
  if (own !== undefined && ownTask !== undefined && words.length === least - 1) {
    const others = verb.args.filter((arg) => arg !== own)
    return new Map([[own, [ownTask]], ...spread(others, words)])
  }
  throw missing(verb, words.length, own !== undefined && ownTask === undefined)
}

/** The first words go to the arguments before the one that takes many, the last words to those after it. */
function spread(args: readonly CliArg[], words: readonly string[]): Map<CliArg, string[]> {
  const assigned = new Map<CliArg, string[]>()
  const manyAt = args.findIndex((arg) => arg.many === true)
  const after = manyAt === -1 ? 0 : args.length - manyAt - 1
  args.forEach((arg, index) => {
    const fromEnd = args.length - index
    const slice =
      manyAt === -1 || index < manyAt
        ? words.slice(index, index + 1)
        : index === manyAt
          ? words.slice(index, words.length - after)
          : words.slice(words.length - fromEnd, words.length - fromEnd + 1)
    if (slice.length > 0) assigned.set(arg, slice)
  })
  return assigned
}

function missing(verb: Verb, given: number, couldBeOwn: boolean) {
  const required = verb.args.filter((arg) => arg.optional !== true)
  const name = required[given]?.name ?? 'an argument'
  const hint = couldBeOwn && given === required.length - 1 ? ' (only a worker may leave out its task)' : ''
  return usageError(`${verb.words.join(' ')}: ${name} is missing${hint}. It takes ${argLine(verb)}.`)
}
