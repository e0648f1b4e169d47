import type { Profile } from '../../contract/index.ts'
import type { AgentError } from '../../formats/agent-ending.ts'
import type { Exit } from '../lifecycle/end-run.ts'
import type { AgentOutput } from '../workers/agent-output.ts'

/**
 * What the end of a worker means, by its exit, its output and its profile. `texts` are where a reset time may be named;
 * `how` is the sentence that describes the end, and `last` the line of the output that explains it best, where one does.
 */
export type Verdict =
  | { kind: 'finished' }
  | { kind: 'unreported'; error: string }
  | { kind: 'failed'; how: string; last: string | null }
  | { kind: 'rate_limited'; how: string; last: string | null; texts: string[]; resetsAt: number | null }

type Rules = Pick<
  Profile,
  'completion' | 'rate_limit_exit_codes' | 'rate_limit_pattern' | 'failure_pattern' | 'usage_parser'
>

/** Of plain text only the last lines are searched: what stands before them was followed by other work. */
const LAST_LINES = 10

/**
 * An error that ends the output is a failure, whatever the exit code says; an exit code other than 0 is one, whatever the
 * output says.
 *
 * @param rules of the run's profile; undefined where that is gone
 * @param name of that profile
 */
export function decide(
  rules: Rules | undefined,
  name: string | null,
  exit: Exit,
  output: AgentOutput,
): Verdict {
  const { ending } = output
  const error = ending?.kind === 'error' ? ending : null
  const written = exit.exit_code === 0 && ending === null ? failureLine(rules, output.plain) : null
  const last = error?.message ?? written
  const how = describeExit(exit, error !== null, written !== null)
  const isFailed = exit.exit_code !== 0 || error !== null || written !== null

  if (isFailed && isRateLimited(rules, exit, output, error)) {
    return {
      kind: 'rate_limited',
      how,
      last,
      texts: error === null ? output.plain : [error.details ?? '', error.message],
      resetsAt: error?.resetsAt ?? null,
    }
  }
  if (isFailed) return { kind: 'failed', how, last }
  if (rules === undefined) return { kind: 'unreported', error: profileGone(name) }
  if (rules.completion !== 'exit-code') return { kind: 'unreported', error: NO_REPORT }
  const isSilent = rules.usage_parser !== 'none' && ending?.kind !== 'success'
  return isSilent ? { kind: 'unreported', error: NO_END } : { kind: 'finished' }
}

/** What that signal means, which few have ever seen. */
const TOO_LARGE =
  ' A file that it wrote, its log or another one, became larger than the system lets it (docs/faults.md says how large).'
const NO_REPORT = 'It exited with 0 but did not report whether the task is done.'
const NO_END =
  'It exited with 0 but did not report: its output has no event by which the agent says that it is done.'
const profileGone = (name: string | null) =>
  `It exited with 0, and its profile ${name ?? ''} is not there any more to say whether that means done.`

function describeExit({ exit_code, signal }: Exit, isError: boolean, isWritten: boolean): string {
  if (signal !== null) return `It was killed by ${signal}.${signal === 'SIGXFSZ' ? TOO_LARGE : ''}`
  if (exit_code === 0 && isError) return 'It exited with 0, but its last event is an error.'
  if (exit_code === 0 && isWritten) return 'It exited with 0, but its output matches the failure pattern.'
  return `It exited with ${exit_code ?? 'an unknown status'}.`
}

/** @returns the last line that the profile's pattern calls a failure */
function failureLine(rules: Rules | undefined, lines: readonly string[]): string | null {
  const pattern = rules?.failure_pattern
  if (pattern == null) return null
  const expression = new RegExp(pattern, 'i')
  return (
    lines
      .slice(-LAST_LINES)
      .filter((line) => expression.test(line))
      .at(-1) ?? null
  )
}

/**
 * Where an agent says itself why it failed, only that counts: the work of a task may be about rate limits, and what tools
 * print and models say is full of such words.
 */
function isRateLimited(
  rules: Rules | undefined,
  exit: Exit,
  output: AgentOutput,
  error: AgentError | null,
): boolean {
  const { exit_code: code } = exit
  if (code !== null && code !== 0 && (rules?.rate_limit_exit_codes ?? [75]).includes(code)) return true
  if (error?.isRateLimit != null) return error.isRateLimit
  const pattern = rules?.rate_limit_pattern
  if (pattern == null || output.ending?.kind === 'success') return false
  const expression = new RegExp(pattern, 'i')
  const lines = error === null ? output.plain.slice(-LAST_LINES) : error.message.split('\n')
  return lines.some((line) => expression.test(line))
}
