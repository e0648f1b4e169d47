import type { Profile } from '../../contract/index.ts'
import type { Exit } from '../lifecycle/end-run.ts'
import type { Failure, Unreported } from '../lifecycle/fail.ts'
import type { RateLimit } from '../lifecycle/rate-limit.ts'
import type { AgentOutput } from '../workers/log/agent-output.ts'
import type { Reset } from '../workers/log/reset-time.ts'
import type { VerifyFacts } from '../workers/changes/verify-facts.ts'
import type { Ended } from '../board/stop-process.ts'
import type { StepFacts } from '../board/step-run.ts'
import { NOT_RUN } from '../workers/spawn/verify.ts'
import { describeEnd, summaryOf, withOutput } from './end-text.ts'
import type { Verdict } from './verdict.ts'

/** Why Runboard itself stopped the process, without a person's request; null if it did not. */
export type OwnStop = { outcome: 'timed_out' | 'stale'; error: string } | null

/** All that is known about a run whose process is gone. */
export interface Ending {
  /** Whether the run is over already: its worker has reported, or a person has ended it. */
  is_over: boolean
  /** Whether a person has asked to stop it. */
  is_stop_requested: boolean
  /** How its process ended. */
  end: Ended
  own_stop: OwnStop
  output: Pick<AgentOutput, 'said' | 'lines' | 'plain'>
  /**
   * What its exit and output mean; null when no exit was seen, or the run was over before. This is not the verdict of a
   * workflow step.
   */
  verdict: Verdict | null
  /** When its rate limit ends. Only read with the verdict `rate_limited`. */
  reset: Reset
  /** The result of its task's verify command; null when that did not run. */
  verified: VerifyFacts | null
  /** The verify command of its task. */
  verify_command: string | null
  /**
   * Why its finished work does not count: the worktree no longer belongs to the project, or a read-only step changed
   * files. null when it counts, and for a worker that has not finished.
   */
  work_problem: string | null
  /** Its workflow step; null without a workflow. `written` is the step verdict that its program wrote to a file. */
  step: (StepFacts & { written: string | null }) | null
  /** Whether its profile requires a report or takes exit 0 as done; null when the profile is gone. */
  completion: Profile['completion'] | null
}

/** What to do with a run whose process is gone. `settle.ts` applies it. */
export type EndDecision =
  /** The run is over already: only record the exit. */
  | { kind: 'note_exit'; exit: Exit | null }
  /** Close the run with the outcome that a person asked for. */
  | { kind: 'finish_stop'; exit: Exit | null }
  /** Make the task ready again (`todo` if it now waits for a parent). This does not count as a failure. */
  | { kind: 'take_back'; reason: string }
  | { kind: 'fail'; failure: Failure; verified: VerifyFacts | null }
  | { kind: 'rate_limit'; limit: RateLimit }
  /** Block the task: a person decides whether the work is done. */
  | { kind: 'unreported'; unreported: Unreported }
  | {
      kind: 'complete'
      summary: string | null
      verified: VerifyFacts | null
      step_verdict: string | null
      exit: Exit
    }

/** The recorded reason when a run is taken back because its program never ran. */
export const UNSTARTED = 'Its dispatcher went away before its worker was started.'
const UNSEEN = 'Its process is gone, and nobody saw how it ended.'
const CLEAN: Exit = { exit_code: 0, signal: null }

type Rule = (ending: Ending) => EndDecision | null

/**
 * The first rule that applies decides. For a new way to end a run, add a rule here. For a new meaning of an exit, add a
 * verdict in verdict.ts and a case in `byVerdict`.
 */
const RULES: readonly Rule[] = [
  alreadyOver,
  stopRequested,
  neverStarted,
  stoppedByUs,
  unseen,
  checkStep,
  byVerdict,
]

/** Decides what becomes of a run. Reads and writes nothing. */
export function decideEnd(ending: Ending): EndDecision {
  for (const rule of RULES) {
    const decision = rule(ending)
    if (decision !== null) return decision
  }
  throw new Error('an exit was seen, but it has no verdict')
}

function alreadyOver(ending: Ending): EndDecision | null {
  return ending.is_over ? { kind: 'note_exit', exit: exitOf(ending) } : null
}

function stopRequested(ending: Ending): EndDecision | null {
  return ending.is_stop_requested ? { kind: 'finish_stop', exit: exitOf(ending) } : null
}

function neverStarted({ end }: Ending): EndDecision | null {
  return end === 'never_started' ? { kind: 'take_back', reason: UNSTARTED } : null
}

function stoppedByUs(ending: Ending): EndDecision | null {
  if (ending.own_stop === null) return null
  const { outcome, error } = ending.own_stop
  return failed({ outcome, error: withOutput(error, ending.output.lines), exit: exitOf(ending) })
}

/**
 * The exit was not seen: the keeper was killed too, or the machine went down. A worker that must report has not done so,
 * so its run crashed. Where exit 0 means done, the work may be done, so a person decides.
 */
function unseen(ending: Ending): EndDecision | null {
  if (exitOf(ending) !== null) return null
  if (ending.completion !== 'exit-code') {
    return failed({ outcome: 'crashed', error: withOutput(UNSEEN, ending.output.lines) })
  }
  return {
    kind: 'unreported',
    unreported: { error: UNSEEN, last_output: summaryOf(ending.output), exit: null },
  }
}

/**
 * The exit code of a check step is its verdict, so a check that fails completes its run. A check that was killed has no
 * exit code, and `byVerdict` decides.
 */
function checkStep({ end, output, step, work_problem }: Ending): EndDecision | null {
  if (step?.kind !== 'check' || end === null || end === 'never_started' || end.exit_code === null) return null
  const { exit_code } = end
  if (NOT_RUN.includes(exit_code))
    return failed({
      outcome: 'crashed',
      error: withOutput(`The command could not be run (${exit_code}).`, output.lines),
      exit: end,
    })
  if (work_problem !== null) return failed({ outcome: 'verify_failed', error: work_problem, exit: end })
  const byExit = exit_code === 0 ? 'passed' : 'failed'
  const step_verdict = step.written ?? byExit
  if (!step.verdicts.includes(step_verdict))
    return noVerdict(step, `It exited with ${exit_code}`, output, end)
  const said = output.plain.slice(-CHECK_LINES).join('\n').trim()
  return { kind: 'complete', summary: said === '' ? null : said, verified: null, step_verdict, exit: end }
}

/** The last lines of a check’s output are its summary, which the next step reads. */
const CHECK_LINES = 40

function noVerdict(
  { key, verdicts, written }: NonNullable<Ending['step']>,
  how: string,
  output: Ending['output'],
  exit: Exit,
): EndDecision {
  const gave = written === null ? 'gave no verdict' : `gave the verdict “${written.slice(0, 40)}”`
  const error = `${how} and ${gave}. The step “${key}” needs one of: ${verdicts.join(', ')}.`
  return { kind: 'unreported', unreported: { error, last_output: summaryOf(output), exit } }
}

function byVerdict(ending: Ending): EndDecision | null {
  const { verdict, output, reset } = ending
  const exit = exitOf(ending)
  switch (verdict?.kind) {
    case undefined:
      return null
    case 'failed':
      return failed({ outcome: 'crashed', error: describeEnd(verdict, output), exit })
    case 'rate_limited': {
      const limit = { resets_at: reset.at, refused: reset.refused, error: describeEnd(verdict, output), exit }
      return { kind: 'rate_limit', limit }
    }
    case 'unreported':
      return {
        kind: 'unreported',
        unreported: { error: verdict.error, last_output: summaryOf(output), exit },
      }
    case 'finished':
      return finished(ending)
  }
}

/** The worker ended well. Its workspace and the verify command decide whether its work counts. */
function finished({ output, step, verified, verify_command, work_problem }: Ending): EndDecision {
  const summary = summaryOf(output)
  const asUnverified = (error: string) => ({ outcome: 'verify_failed', error, exit: CLEAN, summary }) as const
  if (work_problem !== null) return failed(asUnverified(work_problem))
  if (verified === null || verified.verify_exit_code === 0) {
    const byDefault = step?.verdicts.includes('done') === true ? 'done' : null
    const step_verdict = step?.written ?? byDefault
    if (step !== null && (step_verdict === null || !step.verdicts.includes(step_verdict)))
      return noVerdict(step, 'It exited with 0', output, CLEAN)
    return { kind: 'complete', summary, verified, step_verdict, exit: CLEAN }
  }
  const { verify_exit_code, verify_output } = verified
  const error = `The check “${verify_command ?? ''}” ended with ${verify_exit_code}.\n${verify_output}`
  return failed(asUnverified(error), verified)
}

function failed(failure: Failure, verified: VerifyFacts | null = null): EndDecision {
  return { kind: 'fail', failure, verified }
}

function exitOf({ end }: Ending): Exit | null {
  return end === 'never_started' ? null : end
}
