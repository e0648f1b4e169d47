import type { Diagnostic } from '../../contract/index.ts'
import { roughly } from '../../formats/time.ts'
import { mostWaitMs, waitedBefore } from '../board/waiting.ts'
import { workerAge } from '../board/worker-age.ts'
import { targetOf } from '../board/stop-process.ts'
import { lastOutputAt } from '../workers/log/log-file.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { RunRow } from '../tables/task-runs.ts'
import * as tasks from '../tables/tasks.ts'
import { isAlive } from '../workers/process/identity.ts'
import { found, type Look, type Rule } from './finding.ts'

/** Rules about open runs. */

/** An open run with the known facts about its worker. */
function openRuns({ read }: Look): { run: RunRow; title: string; about: Partial<Diagnostic> }[] {
  return read.all(taskRuns.open, {}).map((run) => {
    const title = read.get(tasks.byId, { id: run.task_id })?.title ?? run.task_id
    return { run, title, about: { task_ids: [run.task_id], title, run_id: run.id, profile: run.profile } }
  })
}

export const stale: Rule = (look) =>
  openRuns(look).flatMap(({ run, about }) => {
    const { now, has_dispatcher } = look.facts
    const target = targetOf(run)
    const settle = has_dispatcher ? `reclaim ${run.task_id}` : 'dispatch'
    if (target !== null && !isAlive(target) && !has_dispatcher) {
      const sentence = `The worker of attempt ${run.attempt} is gone, and no dispatcher is running to close the run.`
      return found('stale', 'error', sentence, settle, { ...about, since_at: run.spawned_at })
    }
    if (target === null && (run.claim_expires_at ?? 0) <= now) {
      const sentence = `The claim of attempt ${run.attempt} lapsed ${roughly(now - (run.claim_expires_at ?? now))} ago.`
      return found('stale', 'warning', sentence, settle, { ...about, since_at: run.claim_expires_at })
    }
    // Its limits are paused while it waits for an answer.
    if (isWaiting(look, run)) return []
    const quiet = quietFor(run, now)
    if (target === null || quiet < look.stale_ms / 2) return []
    const sentence = `Attempt ${run.attempt} has been silent for ${roughly(quiet)}; it is stopped after ${roughly(look.stale_ms)}.`
    return found('stale', 'warning', sentence, `log ${run.task_id}`, { ...about, since_at: now - quiet })
  })

function isWaiting({ facts }: Look, { task_id }: RunRow): boolean {
  return facts.open_questions.has(task_id)
}

/** How long a worker has said nothing, in milliseconds: not longer than it has lived, whatever the clock was set to. */
function quietFor(run: RunRow, now: number): number {
  const sign = Math.max(
    run.spawned_at ?? run.started_at,
    run.last_heartbeat_at ?? 0,
    run.log_path === null ? 0 : (lastOutputAt(run.log_path) ?? 0),
  )
  return Math.min(now - sign, workerAge(run, now))
}

/** How long its runtime has stood still. */
function waitedOf({ facts, read }: Look, { id, profile }: RunRow): number {
  return Math.min(mostWaitMs(facts.profiles, profile), waitedBefore(read, id, facts.now))
}

export const overLimits: Rule = (look) => {
  const { facts } = look
  const late = openRuns(look).flatMap(({ run, about }) => {
    const limit = run.max_runtime_seconds
    const over = workerAge(run, facts.now) - waitedOf(look, run) - (limit ?? 0) * 1000
    if (limit === null || over <= 0 || isWaiting(look, run)) return []
    const sentence = `Attempt ${run.attempt} runs ${roughly(over)} longer than its ${limit} s.`
    return found('over_limits', facts.has_dispatcher ? 'info' : 'error', sentence, `stop ${run.task_id}`, {
      ...about,
      since_at: facts.now - over,
    })
  })
  const crowded = [...facts.running_by_profile].flatMap(([profile, running]) => {
    const most = facts.profiles.get(profile)?.max_concurrent ?? null
    if (most === null || running <= most) return []
    return found(
      'over_limits',
      'info',
      `Profile ${profile} runs ${running} workers in parallel; its limit is ${most}.`,
      null,
      { profile },
    )
  })
  const board = facts.board_limit
  if (board === null || facts.running <= board) return [...late, ...crowded]
  const sentence = `The board runs ${facts.running} workers in parallel; its limit is ${board}.`
  return [...late, ...crowded, found('over_limits', 'info', sentence, null)]
}
