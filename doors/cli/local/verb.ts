import type { CliArg, CliFlag } from '../../../contract/index.ts'

/** The work of a local verb, named after the file that does it. */
export type LocalWork = 'log' | 'tail' | 'serve' | 'mcp' | 'acp' | 'ask' | 'export' | 'completion' | 'help'

/**
 * A verb without an operation of its own: it combines operations for a terminal, or starts another door. If it has the
 * words of an operation, it replaces that operation's verb and adds to its flags.
 */
export interface LocalVerb {
  verb: string
  summary?: string
  section?: string
  args?: readonly CliArg[]
  flags?: readonly CliFlag[]
  /** It takes the arguments after `--` unchanged. */
  rest?: true
  work: LocalWork
}
