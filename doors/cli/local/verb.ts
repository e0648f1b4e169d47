import type { CliArg, CliFlag } from '../../../contract/index.ts'
import type { Call } from '../call.ts'

/**
 * A verb that is no operation by itself: it puts operations together for a terminal, or starts another door. One with
 * the words of an operation takes that operation's place and adds to its flags.
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
