import type { CliFlag } from '../../contract/index.ts'
import { verbs } from './all-verbs.ts'
import { argLine, CONFIRM_FLAG, flagHelp, flagTerm, GLOBAL_FLAGS, SECTIONS, type Verb } from './verbs.ts'

const INTRODUCTION = `# The command line

\`runboard [--board SLUG] [--home DIR] VERB …\`

This page is made from the same list as the program itself; \`runboard help VERB\` shows the same.

- Exit codes: 0 done; 1 refused by the board, or failed; 2 wrong usage: an argument that cannot be valid on any board.
- The answer is on standard output, errors are on standard error. With \`--json\` both are JSON: one document, or one per line
  for verbs that run until they are stopped.
- A board is found by \`--board\`, else \`RUNBOARD_BOARD\`, else the board whose project folder holds the current one, else
  the current board.
- Durations are seconds, or a number with s, m, h or d. Times are ISO 8601, or \`+2h\` from now.
- A worker may leave out an ID in brackets: its own task is meant.
- Text that begins with \`--\` stands after \`--\`, or as \`--flag=text\`.
`

const escaped = (text: string) => text.replaceAll('|', '\\|')

function flagRow(flag: CliFlag, help: string): string {
  return `| \`${escaped(flagTerm(flag))}\` | ${escaped(help)} |`
}

function flagTable(rows: readonly string[]): string {
  return rows.length === 0 ? '' : `\n| flag | |\n|---|---|\n${rows.join('\n')}\n`
}

function verbText(verb: Verb): string {
  const line = ['runboard', ...verb.words, argLine(verb)].join(' ').trim()
  const flags = verb.confirm ? [...verb.flags, CONFIRM_FLAG] : verb.flags
  const several = verb.operation?.spec.bulk !== undefined && verb.args.some((arg) => arg.many === true)
  const note = several ? ' With several ids, each succeeds or fails on its own.' : ''
  return `\n### \`${line}\`\n\n${verb.summary}.${note}\n${flagTable(flags.map((flag) => flagRow(flag, flagHelp(verb, flag))))}`
}

/** @returns the text of docs/cli.md, which is a generated file */
export function cliReference(): string {
  const sections = SECTIONS.map((section) => {
    const own = verbs.filter((verb) => verb.section === section)
    return own.length === 0 ? '' : `\n## ${section}\n${own.map(verbText).join('')}`
  })
  const globals = `\n## With every verb\n${flagTable(GLOBAL_FLAGS.map((flag) => flagRow(flag, flag.help ?? '')))}`
  return INTRODUCTION + globals + sections.join('')
}
