import { Command, CommanderError, Option, type OutputConfiguration, type ParseOptionsResult } from 'commander'
import type { CliFlag } from '../../contract/index.ts'
import { verbs } from './all-verbs.ts'
import { usageError, VerbMissing } from './usage.ts'
import {
  argLine,
  CONFIRM_FLAG,
  flagHelp,
  flagTerm,
  GLOBAL_FLAGS,
  groupsOf,
  SECTIONS,
  type Verb,
  verbsNamed,
} from './verbs.ts'

/** A parsed command line: verb, words and flags. No value is interpreted yet. */
export interface ParsedCommand {
  verb: Verb
  words: readonly string[]
  /** The arguments after `--`, for a verb that takes them unchanged. */
  rest: readonly string[] | undefined
  flags: ReadonlyMap<CliFlag, readonly string[]>
}

/** The text to print for a command line that only asks for help or the version. */
export interface HelpRequested {
  helpText: string
  version: boolean
}

/**
 * Marks text that commander would take for a flag, such as `- a bullet` or `-5`. No process argument can contain this
 * character.
 */
const TEXT_MARK = '\0'
const LOOKS_LIKE_FLAG = /^--?[A-Za-z][\w-]*(=|$)/

function marked(word: string): string {
  return word.startsWith('-') && word !== '--' && !LOOKS_LIKE_FLAG.test(word) ? TEXT_MARK + word : word
}

function unmarked(word: string): string {
  return word.startsWith(TEXT_MARK) ? word.slice(1) : word
}

/**
 * One verb: takes dashed text as text, and keeps the arguments after `--` apart if the verb wants them. Its flags are
 * added when it is the verb that was typed, because their help is in schemas that take long to build.
 */
class VerbCommand extends Command {
  rest: string[] | undefined
  readonly #verb: Verb

  constructor(verb: Verb) {
    super(verb.words[verb.words.length - 1] ?? '')
    this.#verb = verb
  }

  #addFlags(): void {
    if (this.options.length > 0) return
    for (const flag of flagsOf(this.#verb))
      this.addOption(optionFor(flag, flagHelp(this.#verb, flag), 'Flags:'))
    addGlobalFlags(this)
  }

  override parseOptions(args: string[]): ParseOptionsResult {
    this.#addFlags()
    const end = args.indexOf('--')
    const cut = end !== -1 && this.#verb.rest !== undefined
    if (cut) this.rest = args.slice(end + 1)
    const own = args.slice(0, end === -1 ? args.length : end).map(marked)
    const { operands, unknown } = super.parseOptions(cut || end === -1 ? own : [...own, ...args.slice(end)])
    return { operands: operands.map(unmarked), unknown: unknown.map(unmarked) }
  }
}

const optionOf = new WeakMap<CliFlag, Option>()

function optionFor(flag: CliFlag, description: string, group?: string): Option {
  const option = new Option(flag.value === undefined ? flag.flag : `${flag.flag} <value>`, description)
  if (flag.value !== undefined) {
    option.argParser((value: string, before: string[] | undefined) => [...(before ?? []), unmarked(value)])
  }
  if (group !== undefined) option.helpGroup(group)
  optionOf.set(flag, option)
  return option
}

const EVERYWHERE = 'With every verb:'

function addGlobalFlags(command: Command): Command {
  for (const flag of GLOBAL_FLAGS) command.addOption(optionFor(flag, flag.help ?? '', EVERYWHERE))
  return command.addHelpOption(new Option('-h, --help', 'show this').helpGroup(EVERYWHERE))
}

/** Help shows a flag as the contract declares it, with the name of its value. */
function termOf(option: Option, flags: readonly CliFlag[]): string {
  const flag = flags.find(({ flag }) => flag === option.long)
  return flag === undefined ? option.flags : flagTerm(flag)
}

function flagsOf(verb: Verb): readonly CliFlag[] {
  return verb.confirm ? [...verb.flags, CONFIRM_FLAG] : verb.flags
}

function verbCommand(verb: Verb, heard: (command: VerbCommand) => void): VerbCommand {
  const command = new VerbCommand(verb)
  const flags = flagsOf(verb)
  command
    .description(verb.summary)
    .usage(argLine(verb, flags.length === 0 ? '' : '[flags]'))
    .allowExcessArguments()
    .configureHelp({ optionTerm: (option) => termOf(option, [...flags, ...GLOBAL_FLAGS]) })
    .action(() => {
      heard(command)
    })
  return command
}

/** Lists of verbs come first, with their arguments; global flags come last. */
function listing(command: Command, offered: readonly Verb[], groups: readonly string[]): Command {
  const takes = new Map(offered.map((verb) => [verb.words.join(' '), argLine(verb)]))
  const subcommandTerm = (listed: Command) => {
    const words = command.parent === null ? listed.name() : `${command.name()} ${listed.name()}`
    return `${listed.name()} ${groups.includes(words) ? 'VERB' : (takes.get(words) ?? '')}`.trimEnd()
  }
  const rows = [...GLOBAL_FLAGS.map((flag) => [flagTerm(flag), flag.help ?? '']), ['--help', 'show this']]
  const lines = rows.map(([term = '', help = '']) => `  ${term.padEnd(14)}  ${help}`)
  return command
    .configureHelp({ subcommandTerm, visibleOptions: () => [] })
    .addHelpText('after', `\n${EVERYWHERE}\n${lines.join('\n')}`)
}

function groupCommand(name: string, offered: readonly Verb[]): Command {
  const members = offered.filter(({ words }) => words.length > 1 && words[0] === name)
  return new Command(name)
    .description(members.map(({ words }) => words[1]).join(', '))
    .usage('VERB …')
    .enablePositionalOptions()
    .helpCommand(false)
}

type Heard = (verb: Verb, command: VerbCommand) => void

function buildProgram(
  offered: readonly Verb[],
  output: OutputConfiguration,
  version: string,
  heard: Heard,
): Command {
  const program = new Command('runboard')
  const settle = (command: Command) =>
    command.configureOutput(output).exitOverride().showSuggestionAfterError()
  addGlobalFlags(settle(program))
    .description('A board for work done by local processes. Every attempt is kept as a run of its own.')
    .usage('[--board SLUG] [--home DIR] VERB …')
    .version(version, '--version', 'print the version')
    .helpCommand(false)
    .enablePositionalOptions()
  const groups = groupsOf(offered)
  listing(program, offered, groups)
  const parents = new Map(groups.map((name) => [name, addGlobalFlags(settle(groupCommand(name, offered)))]))
  for (const section of SECTIONS) {
    for (const verb of offered.filter((candidate) => candidate.section === section)) {
      const command = settle(
        verbCommand(verb, (it) => {
          heard(verb, it)
        }),
      )
      const group = verb.words.length > 1 ? parents.get(verb.words[0] ?? '') : undefined
      if (group === undefined) {
        program.addCommand(command.helpGroup(`${section}:`))
        continue
      }
      if (group.parent === null) {
        program.addCommand(group.helpGroup(`${section}:`))
        listing(group, offered, groups)
      }
      group.addCommand(command)
    }
  }
  return program
}

/** Collects the flags given to a command as texts; a switch has no text. */
function collectFlags(command: Command, flags: readonly CliFlag[], into: Map<CliFlag, readonly string[]>) {
  for (const flag of flags) {
    const name = optionOf.get(flag)?.attributeName() ?? ''
    const source = command.getOptionValueSource(name)
    if (source !== 'cli') continue
    const value = command.getOptionValue(name) as unknown
    into.set(flag, Array.isArray(value) ? (value as string[]) : [])
  }
}

function typedOf(verb: Verb, command: VerbCommand): ParsedCommand {
  const flags = new Map<CliFlag, readonly string[]>()
  const line: Command[] = []
  for (let at: Command | null = command; at !== null; at = at.parent) line.unshift(at)
  for (const at of line) collectFlags(at, GLOBAL_FLAGS, flags) // the flag nearer to the verb wins
  collectFlags(command, flagsOf(verb), flags)
  return { verb, words: command.args, rest: command.rest, flags }
}

/** Converts commander's refusal into our own error, with the code of every other refusal. */
function refusal(error: CommanderError, help: string): unknown {
  if (error.code === 'commander.help') return new VerbMissing(help)
  const message = error.message
    .replace(/^error: /, '')
    .replace(/^option '(--\S+).*' argument missing$/, '$1 needs a value')
    .replace(/^unknown command/, 'unknown verb')
    .replace('option', 'flag')
    .replace(/\n\(?([^)]*)\)?/, '. $1')
  return usageError(/[.?]$/.test(message) ? message : `${message}.`)
}

/** Verbs that the arguments may mean: making the parser of all of them takes longer than a short command. */
function possibleVerbs(argv: readonly string[]): readonly Verb[] {
  const possible = verbsNamed(argv)
  return possible.length > 0 ? possible : verbs
}

/** @throws CommanderError */
function parseWith(
  offered: readonly Verb[],
  argv: readonly string[],
  version: string,
  output: OutputConfiguration,
): ParsedCommand | undefined {
  let typed: ParsedCommand | undefined
  const program = buildProgram(offered, output, version, (verb, command) => {
    typed = typedOf(verb, command)
  })
  program.parse(argv, { from: 'user' })
  return typed
}

/**
 * @param argv the arguments after `runboard`
 * @param width columns available for help; asked for when help is shown
 * @param offered the verbs that the parser is made of
 * @returns the parsed command line, or the help or version text
 * @throws OperationError INVALID_INPUT for an unknown verb or flag, or a flag without its value
 */
export function readCommandLine(
  argv: readonly string[],
  version: string,
  width: () => number,
  offered = possibleVerbs(argv),
): ParsedCommand | HelpRequested {
  let helpText = ''
  const tell = (text: string) => {
    helpText += text
  }
  const output: OutputConfiguration = {
    writeOut: tell,
    writeErr: tell,
    outputError: () => undefined,
    getOutHelpWidth: width,
    getErrHelpWidth: width,
  }
  try {
    const typed = parseWith(offered, argv, version, output)
    if (typed !== undefined) return typed
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error
    // Help and suggestions name all verbs.
    if (offered !== verbs) return readCommandLine(argv, version, width, verbs)
    if (error.code === 'commander.version') return { helpText, version: true }
    if (error.code === 'commander.helpDisplayed') return { helpText, version: false }
    throw refusal(error, helpText)
  }
  throw new VerbMissing('')
}

/**
 * @param words of a verb or a group; none for the whole program
 * @returns the help text that `--help` shows there
 * @throws OperationError INVALID_INPUT for an unknown verb
 */
export function helpText(words: readonly string[], version: string, width: number): string {
  const found = readCommandLine([...words, '--help'], version, () => width)
  return 'helpText' in found ? found.helpText : ''
}
