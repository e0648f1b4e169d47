import type { CliArg, CliFlag } from '../../../contract/index.ts'
import type { Call } from '../call.ts'

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
  /** @returns the exit code */
  run(call: Call): Promise<number>
}
