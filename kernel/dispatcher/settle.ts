import type { Profile } from '../../contract/index.ts'
import { clipLine } from '../../formats/controls.ts'
import { HEADLINE_LINES, tellingEnd } from '../../formats/headline.ts'
import { onOneLine } from '../../formats/log-part.ts'
import type { Board } from '../board/board.ts'
import type { WriteTx } from '../db/connection.ts'
import type { Exit } from '../lifecycle/end-run.ts'
import { blockUnreported, failRun } from '../lifecycle/fail.ts'
import { completeTask } from '../lifecycle/complete.ts'
import { getTask } from '../lifecycle/moved.ts'
import { endRateLimited } from '../lifecycle/rate-limit.ts'
import { recordSight, type SeenWork } from '../lifecycle/merge.ts'
import { finishStop, reclaimLapsed } from '../lifecycle/stop.ts'
import { whyWorkspaceNotOwn } from '../board/own-workspace.ts'
import type { Services } from '../services.ts'
import { seeWork } from '../board/task-work.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { RunRow } from '../tables/task-runs.ts'
import { type AgentOutput, readAgentOutput } from '../workers/log/agent-output.ts'
import { LONGEST_RESET_MS, readReset, type Reset } from '../workers/log/reset-time.ts'
import type { VerifyFacts } from '../workers/changes/verify-facts.ts'
import { observeAfter, type Sightings, UNWATCHED } from './observed.ts'
import { failurePolicy } from './policy.ts'
import type { Ended } from '../board/stop-process.ts'
import { decide, type Verdict } from './verdict.ts'

/** Why we stopped the process, if we did. */
export type OwnStop = { outcome: 'timed_out' | 'stale'; error: string } | null

/** What is known about a run whose process is gone. */
interface Ending {
  exit: Exit | null
  /** Its dispatcher died before the worker's program was started. */
  never_started: boolean
  own_stop: OwnStop
  output: AgentOutput
  /** The meaning of its exit and output; null when the exit was not seen. */
  verdict: Verdict | null
  /** When the rate limit that it hit ends. */
  reset: Reset
  verified: VerifyFacts | null
  /** What git shows of the work in its worktree; null without one. */
  seen: SeenWork | null
  /** Why its worktree does not belong to the project any more; null when it does, or without a worktree. */
  foreign: string | null
}

/** How many lines of plain text may report a rate limit and its reset time. */
const LAST_LINES = 30
/** An agent's last message may be long; a handoff need not be. */
const SUMMARY_CHARS = 4_000
/** Why a run whose program never ran is taken back. Not a failure. */
export const UNSTARTED = 'Its dispatcher went away before its worker was started.'
const CLEAN: Exit = { exit_code: 0, signal: null }

/**
 * Closes a run whose process is gone, by the first of: its own report, the end that a person asked for, our own stop,
 * its exit status. Safe to call twice, and from every process that sees the end.
 *
 * @param end how the process ended
 * @param sightings what else is known about the process
 * @param verified the result of its check, if it had one
 */
export async function settleRun(
  services: Services,
  board: Board,
  runId: number,
  end: Ended,
  ownStop: OwnStop,
  sightings: Sightings = UNWATCHED,
  verified: VerifyFacts | null = null,
): Promise<void> {
  const run = board.connection.read.get(taskRuns.byId, { id: runId })
  if (run === undefined) return
  const profile = services.config.read().profiles.get(run.profile ?? '') ?? sightings.started_as ?? undefined
  const ending = { ...(await gather(services, board, run, profile, end, ownStop)), verified }
  const facts = await observeAfter(
    services,
    board,
    getTask(board.connection.read, run.task_id),
    run,
    sightings,
  )
  services.atStep('exited')
  await board.connection.write(run.profile ?? 'dispatcher', (tx) => {
    const now = tx.get(taskRuns.byId, { id: runId })
    if (now === undefined) return
    tx.run(taskRuns.setObserved, { id: runId, observed: JSON.stringify(facts) })
    const { usage } = ending.output
    if (usage !== null) tx.run(taskRuns.setUsage, { id: runId, usage: JSON.stringify(usage) })
    if (ending.seen !== null) recordSight(tx, getTask(tx, run.task_id), ending.seen, true)
    if (now.ended_at !== null) noteExit(tx, now, ending.exit)
    else closeByEnding(tx, services, board, now, profile, ending)
  })
  services.atStep('closed')
}

/** Reads all files before the transaction. */
async function gather(
  services: Services,
  board: Board,
  run: RunRow,
  profile: Profile | undefined,
  end: Ended,
  ownStop: OwnStop,
): Promise<Omit<Ending, 'verified'>> {
  const exit = end === 'never_started' ? null : end
  const ending: Omit<Ending, 'verified'> = {
    exit,
    never_started: end === 'never_started',
    own_stop: ownStop,
    output: await outputOf(run, profile),
    verdict: null,
    reset: { at: null, refused: null },
    seen: await look(services, board, run),
    foreign: null,
  }
  if (exit === null || run.ended_at !== null) return ending
  ending.verdict = decide(profile, run.profile, exit, ending.output)
  if (ending.verdict.kind === 'rate_limited') ending.reset = await resetOf(ending.verdict, services.clock())
  const isFinished = ending.verdict.kind === 'finished' && ownStop === null && run.stop_requested_at === null
  if (isFinished)
    ending.foreign = await whyWorkspaceNotOwn(board, getTask(board.connection.read, run.task_id))
  return ending
}

async function outputOf(run: RunRow, profile: Profile | undefined): Promise<AgentOutput> {
  if (run.log_path === null) return { usage: null, said: null, ending: null, lines: [], plain: [] }
  const output = await readAgentOutput(profile?.usage_parser ?? 'none', run.log_path, HEADLINE_LINES)
  return { ...output, plain: output.plain.slice(-LAST_LINES) }
}

/** Whether the worker has finished its run; the check of its task, if any, comes next. */
export async function hasFinished(
  services: Services,
  run: RunRow,
  startedAs: Profile | null,
  end: Ended,
): Promise<boolean> {
  if (end === null || end === 'never_started') return false
  const profile = services.config.read().profiles.get(run.profile ?? '') ?? startedAs ?? undefined
  return decide(profile, run.profile, end, await outputOf(run, profile)).kind === 'finished'
}

/** A numeric reset time counts if it is plausible; otherwise the time is read from the agent's text. */
async function resetOf(
  { resetsAt, texts }: Extract<Verdict, { kind: 'rate_limited' }>,
  now: number,
): Promise<Reset> {
  const isLikely = resetsAt !== null && resetsAt > now && resetsAt <= now + LONGEST_RESET_MS
  return isLikely ? { at: resetsAt, refused: null } : readReset(texts, now)
}

/** A failed look at git must not keep a run from being closed. */
async function look(services: Services, board: Board, run: RunRow): Promise<SeenWork | null> {
  try {
    return await seeWork(board, getTask(board.connection.read, run.task_id))
  } catch (error) {
    services.report(`the work of run ${run.id} could not be looked at`, error)
    return null
  }
}

function noteExit(tx: WriteTx, run: RunRow, exit: Exit | null): void {
  tx.returning(taskRuns.noteExit, {
    id: run.id,
    exit_code: exit?.exit_code ?? null,
    signal: exit?.signal ?? null,
    now: tx.now,
  })
}

function closeByEnding(
  tx: WriteTx,
  services: Services,
  board: Board,
  run: RunRow,
  profile: Profile | undefined,
  ending: Ending,
): void {
  const task = getTask(tx, run.task_id)
  const { exit } = ending
  const policy = failurePolicy(services, board, profile)
  if (run.stop_requested_at !== null) {
    finishStop(tx, task, run, exit)
    return
  }
  if (ending.never_started) {
    reclaimLapsed(tx, task, run, UNSTARTED)
    return
  }
  if (ending.own_stop !== null) {
    const { outcome, error } = ending.own_stop
    failRun(tx, task, run, { outcome, error: withOutput(error, ending.output.lines), exit }, policy)
    return
  }
  if (exit === null || ending.verdict === null) return closeUnseen(tx, services, board, run, profile, ending)
  const { verdict, output } = ending
  switch (verdict.kind) {
    case 'rate_limited': {
      const { at: resets_at, refused } = ending.reset
      endRateLimited(tx, task, run, { resets_at, refused, error: describe(verdict, output), exit }, policy)
      return
    }
    case 'failed':
      failRun(tx, task, run, { outcome: 'crashed', error: describe(verdict, output), exit }, policy)
      return
    case 'unreported':
      blockUnreported(tx, task, run, { error: verdict.error, last_output: summaryOf(output), exit })
      return
    case 'finished':
      closeFinished(tx, services, board, run, profile, ending)
  }
}

function closeFinished(
  tx: WriteTx,
  services: Services,
  board: Board,
  run: RunRow,
  profile: Profile | undefined,
  { verified, foreign, output }: Ending,
): void {
  const task = getTask(tx, run.task_id)
  if (foreign !== null) {
    const failure = {
      outcome: 'verify_failed' as const,
      error: foreign,
      exit: CLEAN,
      summary: summaryOf(output),
    }
    failRun(tx, task, run, failure, failurePolicy(services, board, profile))
    return
  }
  if (verified !== null) {
    tx.run(taskRuns.setObserved, { id: run.id, observed: JSON.stringify(verified) })
  }
  if (verified !== null && verified.verify_exit_code !== 0) {
    const { verify_exit_code, verify_output } = verified
    const error = `The check “${task.verify_command ?? ''}” ended with ${verify_exit_code}.\n${verify_output}`
    const failure = { outcome: 'verify_failed' as const, error, exit: CLEAN, summary: summaryOf(output) }
    failRun(tx, task, run, failure, failurePolicy(services, board, profile))
    return
  }
  completeTask(tx, task, {
    summary: summaryOf(output),
    metadata: null,
    result: null,
    trigger: run.trigger,
    exit: CLEAN,
  })
}

/** The exit was not seen: the keeper was killed too, or the machine went down. */
function closeUnseen(
  tx: WriteTx,
  services: Services,
  board: Board,
  run: RunRow,
  profile: Profile | undefined,
  ending: Ending,
): void {
  const task = getTask(tx, run.task_id)
  const error = withOutput('Its process is gone, and nobody saw how it ended.', ending.output.lines)
  if (profile?.completion === 'exit-code') {
    blockUnreported(tx, task, run, {
      error: 'Its process is gone, and nobody saw how it ended.',
      last_output: summaryOf(ending.output),
      exit: null,
    })
    return
  }
  failRun(tx, task, run, { outcome: 'crashed', error }, failurePolicy(services, board, profile))
}

function summaryOf({ said }: AgentOutput): string | null {
  return said === null ? null : clipLine(said, SUMMARY_CHARS)
}

/** Describes the end, with the line that explains it and the last line of the output. */
function describe({ how, last }: { how: string; last: string | null }, { lines }: AgentOutput): string {
  if (last === null) return withOutput(how, lines)
  const above = lines.join('\n').trimEnd()
  const stated = `${how.replace(/\.$/, '')}: ${onOneLine(last, 300)}`
  return withOutput(stated, above.endsWith(last.trimEnd()) ? lines : [...lines, last])
}

function withOutput(sentence: string, lines: readonly string[]): string {
  return lines.length === 0 ? `${sentence} It wrote nothing.` : `${sentence}\n${tellingEnd(lines).join('\n')}`
}
