import type { Profile } from '../../contract/index.ts'
import type { Board } from '../board/board.ts'
import { retireFresh } from '../board/fresh-workspace.ts'
import type { Ended } from '../board/stop-process.ts'
import { seeWork } from '../board/task-work.ts'
import type { WriteTx } from '../db/connection.ts'
import type { Exit } from '../lifecycle/end-run.ts'
import { completeTask } from '../lifecycle/complete.ts'
import { giveBackMessages } from '../lifecycle/deliver-messages.ts'
import { blockUnreported, failRun } from '../lifecycle/fail.ts'
import { recordSight, type SeenWork } from '../lifecycle/merge.ts'
import { getTask } from '../lifecycle/moved.ts'
import { endRateLimited } from '../lifecycle/rate-limit.ts'
import { finishStop, reclaimLapsed } from '../lifecycle/stop.ts'
import type { Services } from '../services.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { RunRow } from '../tables/task-runs.ts'
import type { TaskRow } from '../tables/tasks.ts'
import type { VerifyFacts } from '../workers/changes/verify-facts.ts'
import { decideEnd, type EndDecision, type OwnStop } from './decide-end.ts'
import { type Gathered, gatherEnding, profileOf } from './ending.ts'
import { observeAfter, type ObservedFacts, type Sightings, UNWATCHED } from './observed.ts'
import { recordSeen } from './session-watch.ts'
import { usageOfRun } from './session-usage.ts'
import { failurePolicy } from './policy.ts'

/** A run whose process is gone, and what its watcher knows about that. */
export interface SettleOptions {
  run_id: number
  /** How the process ended. */
  end: Ended
  own_stop?: OwnStop
  /** What else is known about the process. */
  sightings?: Sightings
  /** The result of its check, if it had one. */
  verified?: VerifyFacts | null
}

/** What the steps of settling share. */
interface Settling {
  services: Services
  board: Board
  run: RunRow
  profile: Profile | undefined
  end: Ended
  own_stop: OwnStop
  verified: VerifyFacts | null
  gathered: Gathered
  /** What git shows of the work in its worktree; null without one. */
  seen: SeenWork | null
  facts: ObservedFacts
}

/**
 * Closes a run whose process is gone, by the first rule of `decideEnd` that applies. Safe to call twice, and from
 * every process that sees the end.
 */
export async function settleRun(services: Services, board: Board, options: SettleOptions): Promise<void> {
  const settling = await gather(services, board, options)
  if (settling === null) return
  services.atStep('exited')
  await board.connection.write(settling.run.profile ?? 'dispatcher', (tx) => settle(tx, settling))
  services.atStep('closed')
  await clearFresh(services, board, settling.run)
}

/** Moves the worktree of a step with `workspace: fresh` to the trash. If that fails, only reports it: the run is over anyway. */
async function clearFresh(services: Services, board: Board, run: RunRow): Promise<void> {
  try {
    const kept = await retireFresh(board, run, services.clock)
    if (kept !== null) services.report(`the fresh worktree of run ${run.id} stays: ${kept}`, null)
  } catch (error) {
    services.report(`the fresh worktree of run ${run.id} could not be moved to the trash`, error)
  }
}

/** Reads all files before the transaction. */
async function gather(
  services: Services,
  board: Board,
  { run_id, end, own_stop = null, sightings = UNWATCHED, verified = null }: SettleOptions,
): Promise<Settling | null> {
  const { read } = board.connection
  const run = read.get(taskRuns.byId, { id: run_id })
  if (run === undefined) return null
  const profile = profileOf(services, run, sightings.started_as)
  const gathered = await gatherEnding(services, board, run, profile, { end, own_stop })
  const seen = await look(services, board, run)
  const facts = await observeAfter(services, board, getTask(read, run.task_id), run, sightings)
  return { services, board, run, profile, end, own_stop, verified, gathered, seen, facts }
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

/** Records what was observed, then closes the run as it is now: it may have been reported or stopped meanwhile. */
function settle(tx: WriteTx, settling: Settling): void {
  const run = tx.get(taskRuns.byId, { id: settling.run.id })
  if (run === undefined) return
  const { end, facts, gathered, own_stop, profile, seen, verified } = settling
  if (end === 'never_started') giveBackMessages(tx, run)
  noteObserved(tx, run, facts)
  const { usage } = gathered.output
  const { session } = gathered
  if (session !== null) recordSeen(tx, run, session)
  if (usage !== null)
    tx.run(taskRuns.setUsage, { id: run.id, usage: JSON.stringify(usageOfRun(tx, run, usage)) })
  if (seen !== null) recordSight(tx, getTask(tx, run.task_id), seen, true)
  const task = getTask(tx, run.task_id)
  const decision = decideEnd({
    is_over: run.ended_at !== null,
    is_stop_requested: run.stop_requested_at !== null,
    end,
    own_stop,
    ...gathered,
    verified,
    verify_command: task.verify_command,
    completion: profile?.completion ?? null,
  })
  apply(tx, { ...settling, run, task }, decision)
}

/** Calls the verb of the lifecycle that a decision names. */
function apply(
  tx: WriteTx,
  { services, board, profile, run, task, facts }: Settling & { task: TaskRow },
  decision: EndDecision,
): void {
  const policy = () => failurePolicy(services, board, profile)
  const head = headIn(facts)
  switch (decision.kind) {
    case 'note_exit':
      noteExit(tx, run, decision.exit)
      return
    case 'finish_stop':
      finishStop(tx, task, run, decision.exit)
      return
    case 'take_back':
      reclaimLapsed(tx, task, run, decision.reason)
      return
    case 'fail':
      noteObserved(tx, run, decision.verified)
      failRun(tx, task, run, { ...decision.failure, head }, policy())
      return
    case 'rate_limit':
      endRateLimited(tx, task, run, decision.limit, policy())
      return
    case 'unreported':
      blockUnreported(tx, task, run, decision.unreported)
      return
    case 'complete':
      noteObserved(tx, run, decision.verified)
      completeTask(tx, task, {
        summary: decision.summary,
        metadata: null,
        result: null,
        trigger: run.trigger,
        exit: decision.exit,
        verdict: decision.step_verdict,
        head,
      })
  }
}

/** @returns the commit of the work at the end of a run; null without git */
function headIn({ git_head_after, work_head }: ObservedFacts): string | null {
  const head = work_head ?? git_head_after
  return typeof head === 'string' ? head : null
}

function noteObserved(tx: WriteTx, { id }: RunRow, facts: ObservedFacts | null): void {
  if (facts !== null) tx.run(taskRuns.setObserved, { id, observed: JSON.stringify(facts) })
}

function noteExit(tx: WriteTx, run: RunRow, exit: Exit | null): void {
  tx.returning(taskRuns.noteExit, {
    id: run.id,
    exit_code: exit?.exit_code ?? null,
    signal: exit?.signal ?? null,
    now: tx.now,
  })
}
