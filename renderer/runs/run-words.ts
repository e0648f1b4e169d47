import type { Run } from '../../contract/index.ts'
import { FAILURE_OUTCOMES, type Outcome } from '../../contract/states.ts'
import { errorHeadline, errorWords, explain, saysOnlyItsExit } from '../../formats/own-errors.ts'
import { withoutMarks } from '../../formats/markdown-text.ts'
import { SECOND } from '../../formats/time.ts'
import { shownOutcome } from '../../formats/shown-outcome.ts'
import { duration } from '../shared/time.ts'
import { plainText } from '../log/ansi.ts'

/** The result of a run, in words. */

/** Signals by their POSIX numbers on our platforms; a shell exits with 128 + n for signal n. */
const SIGNALS: Record<number, string> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  6: 'SIGABRT',
  8: 'SIGFPE',
  9: 'SIGKILL',
  11: 'SIGSEGV',
  13: 'SIGPIPE',
  15: 'SIGTERM',
}

export function isFailure(outcome: Outcome | null): boolean {
  return outcome !== null && FAILURE_OUTCOMES.includes(outcome)
}

/** @returns `exit 1`, `exit 137, killed by SIGKILL`, `killed by SIGTERM`, or null when the exit was not observed */
export function exitWords(run: Pick<Run, 'exit_code' | 'signal'>): string | null {
  const { exit_code: code } = run
  const signal = run.signal ?? (code !== null && code > 128 ? (SIGNALS[code - 128] ?? null) : null)
  if (code === null) return signal === null ? null : `killed by ${signal}`
  return signal === null ? `exit ${code}` : `exit ${code}, killed by ${signal}`
}

/** @returns whether it exited with 0 but without the report that its profile requires */
export function isUnreported(run: Pick<Run, 'outcome' | 'error'>): boolean {
  return shownOutcome(run) === 'ended_without_a_report'
}

/** @returns the error's first sentence if it says more than the outcome and the exit status, else null */
export function errorOpening(error: string | null): string | null {
  const [first] = error === null ? [] : linesOf(error)
  return first === undefined || saysOnlyItsExit(first) ? null : first
}

function linesOf(text: string): string[] {
  return plainText(text)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
}

/** @returns the headline of an error that does not belong to a run: of an event or a task */
export function errorLine(error: string | null): string | null {
  return errorHeadline(error)
}

/** @returns the words to search for similar errors; all of them occur in the error */
export function errorToFind(error: string | null): string | null {
  return errorWords(error)
}

/** @returns the name of a machine, without the part that distinguishes machines of the same name */
export function machineName(host: string): string {
  return host.split('@').at(-1) ?? host
}

/** @returns whether the headline is the worker's output, rather than our own sentence */
export function isOutput(error: string | null): boolean {
  return explain(error)?.isOutput ?? false
}

/** @returns the first line of a summary, a reason or a question, without Markdown marks */
export function brief(text: string | null, longest = 300): string | null {
  const [first] = text === null ? [] : linesOf(text)
  if (first === undefined) return null
  const plain = withoutMarks(first).trim()
  return plain.length > longest ? `${plain.slice(0, longest - 1)}…` : plain
}

/** What happened, after the words “Attempt 3”. */
const SENTENCES: Record<Outcome, (run: Run) => string> = {
  completed: (run) => (isInstant(run) ? 'recorded the result' : `completed in ${duration(run.elapsed_ms)}`),
  review_requested: () => 'asks for a review',
  // Also used for earlier attempts, so it must not say that something still waits.
  blocked: () => 'asked you a question',
  crashed: (run) => {
    const exit = exitWords(run)
    if (isUnreported(run)) {
      return exit === null ? 'ended without a report: how is unknown' : `ended without a report: ${exit}`
    }
    return exit === null ? 'crashed: its process is gone, how is unknown' : `crashed: ${exit}`
  },
  timed_out: (run) =>
    run.max_runtime_seconds === null
      ? 'ran out of time and was stopped'
      : `timed out after ${duration(run.max_runtime_seconds * 1000)}`,
  stale: () => 'went silent and was stopped',
  spawn_failed: () => 'could not be started',
  gave_up: () => 'could not be started',
  rate_limited: () => 'hit a rate limit',
  reclaimed: () => 'was taken away from its worker',
  stopped: () => 'was stopped',
  verify_failed: (run) => {
    const code = run.observed?.verify_exit_code
    return `finished, but the check failed${code === undefined ? '' : `: exit ${code}`}`
  },
}

/** A run that only carries a handoff, for a task that was finished or blocked without a worker. */
export function isInstant(run: Pick<Run, 'started_at' | 'ended_at' | 'spawned_at'>): boolean {
  return run.ended_at === run.started_at && run.spawned_at === null
}

/** @returns “Attempt 3 crashed: exit 137, killed by SIGKILL” */
export function runSentence(run: Run): string {
  const name = `Attempt ${run.attempt}`
  if (run.outcome === null) {
    if (run.stop_requested_at !== null) return `${name} is being stopped`
    if (run.spawned_at === null && run.trigger === 'dispatcher') return `${name} is starting`
    return `${name} is running`
  }
  return `${name} ${SENTENCES[run.outcome](run)}`
}

/** @returns the second line of a row: the run's own words, else its error, else its last note */
export function runNote(run: Run): { text: string; kind: 'words' | 'output' | 'note' } | null {
  const error = run.headline
  const ofError =
    error === null ? null : ({ text: error, kind: isOutput(run.error) ? 'output' : 'words' } as const)
  const summary = brief(run.summary)
  if (ofError !== null && (isFailure(run.outcome) || summary === null)) return ofError
  if (summary !== null) return { text: summary, kind: 'words' }
  if (run.outcome === null && run.last_heartbeat_note !== null) {
    return { text: run.last_heartbeat_note, kind: 'note' }
  }
  return null
}

/** The time between SIGTERM and SIGKILL for a stopped process tree, in milliseconds. */
const KILLED_AFTER = 5 * SECOND

/** @returns when a process tree is killed after a stop request, in milliseconds since the epoch */
export function killedAt(stopRequestedAt: number): number {
  return stopRequestedAt + KILLED_AFTER
}
