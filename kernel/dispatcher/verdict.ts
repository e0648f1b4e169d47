import type { Profile } from '../../contract/index.ts'
import type { AgentError } from '../../formats/agent-format.ts'
import type { Exit } from '../lifecycle/end-run.ts'
import type { AgentOutput } from '../workers/log/agent-output.ts'
import { type Matched, matchLines } from './bounded-pattern.ts'

/**
 * What the end of a worker means, from its exit, its output and its profile. `texts` may name a reset time; `how`
 * describes the end in a sentence; `last` is the output line that explains it best, if there is one.
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

/** Only the last lines of plain text are searched: earlier ones were followed by other work. */
const LAST_LINES = 10
/** For an error that an agent wrote. */
const MOST_LINES = 200

/**
 * An error at the end of the output is a failure whatever the exit code; an exit code other than 0 is a failure
 * whatever the output.
 *
 * @param rules of the run's profile; undefined when the profile is gone
 * @param name of that profile
 */
export function verdictOf(
  rules: Rules | undefined,
  name: string | null,
  exit: Exit,
  output: AgentOutput,
): Verdict {
  const { ending } = output
  const error = ending?.kind === 'error' ? ending : null
  const isSearched = exit.exit_code === 0 && ending === null
  const failures = isSearched ? failureLines(rules, output.plain) : NO_MATCH
  const written = failures.lines.at(-1) ?? null
  const last = error?.message ?? written
  const how = describeExit(exit, error !== null, written !== null)
  const isFailed = exit.exit_code !== 0 || error !== null || written !== null

  const limit = isFailed ? rateLimit(rules, exit, output, error) : NO_LIMIT
  if (limit.isReached) {
    return {
      kind: 'rate_limited',
      how,
      last,
      texts: error === null ? output.plain : [error.details ?? '', error.message],
      resetsAt: error?.resetsAt ?? null,
    }
  }
  if (isFailed)
    return { kind: 'failed', how: limit.gaveUp ? `${how} ${gaveUpOn('rate_limit_pattern')}` : how, last }
  if (rules === undefined) return { kind: 'unreported', error: profileGone(name) }
  if (rules.completion !== 'exit-code') return { kind: 'unreported', error: NO_REPORT }
  // We do not know whether it failed, so a person decides.
  if (failures.gaveUp)
    return { kind: 'unreported', error: `It exited with 0. ${gaveUpOn('failure_pattern')}` }
  const isSilent = rules.usage_parser !== 'none' && ending?.kind !== 'success'
  return isSilent ? { kind: 'unreported', error: NO_END } : { kind: 'finished' }
}

/** Explains SIGXFSZ, which few users know. */
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

const NO_MATCH: Matched = { lines: [], gaveUp: false }
const NO_LIMIT = { isReached: false, gaveUp: false }

const gaveUpOn = (field: 'rate_limit_pattern' | 'failure_pattern') =>
  `The ${field} of its profile took too long on its last lines and was given up: simplify the pattern.`

/** Finds the lines that match the profile's failure pattern. */
function failureLines(rules: Rules | undefined, lines: readonly string[]): Matched {
  const pattern = rules?.failure_pattern
  return pattern == null ? NO_MATCH : matchLines(pattern, lines.slice(-LAST_LINES))
}

/**
 * When an agent reports why it failed, only that counts: a task may be about rate limits, so tool output and model
 * text are full of such words.
 */
function rateLimit(
  rules: Rules | undefined,
  exit: Exit,
  output: AgentOutput,
  error: AgentError | null,
): { isReached: boolean; gaveUp: boolean } {
  const { exit_code: code } = exit
  if (code !== null && code !== 0 && (rules?.rate_limit_exit_codes ?? [75]).includes(code))
    return { isReached: true, gaveUp: false }
  if (error?.isRateLimit != null) return { isReached: error.isRateLimit, gaveUp: false }
  const pattern = rules?.rate_limit_pattern
  if (pattern == null || output.ending?.kind === 'success') return NO_LIMIT
  const lines = error === null ? output.plain.slice(-LAST_LINES) : error.message.split('\n')
  const found = matchLines(pattern, lines.slice(-MOST_LINES))
  return { isReached: found.lines.length > 0, gaveUp: found.gaveUp }
}
