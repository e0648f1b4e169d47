import { DEFAULT_MAX_WAIT_SECONDS, type Profile } from '../../contract/index.ts'
import { SECOND } from '../../formats/time.ts'
import type { Reader } from '../db/connection.ts'
import * as questions from '../tables/questions.ts'

/** @returns since when each run waits for an answer, in wall time: the time of its oldest open question */
export function waitingRuns(read: Reader): Map<number, number> {
  return new Map(read.all(questions.waitingRuns, {}).map(({ run_id, since }) => [run_id, since]))
}

/**
 * How long a run may wait for an answer, in milliseconds. Its runtime stands still for at most as long, over all of its
 * questions: a worker that leaves a question open and works on must not escape its limit.
 *
 * @param name the profile of the run, which may be removed
 */
export function mostWaitMs(profiles: ReadonlyMap<string, Profile>, name: string | null): number {
  const profile = profiles.get(name ?? '')
  return (profile?.max_wait_seconds ?? DEFAULT_MAX_WAIT_SECONDS) * SECOND
}

/**
 * How long a run has waited for earlier answers, in milliseconds of wall time. Overlapping questions count once. The wait for
 * an open question is left out, because the caller counts it.
 *
 * @param now wall time; an answer from the future means that the clock was set back
 */
export function waitedBefore(read: Reader, runId: number, now: number): number {
  const waits = read.all(questions.waitsOf, { run_id: runId })
  const openSince = waits.find(({ until }) => until === null)?.since ?? Infinity
  let [total, counted] = [0, -Infinity]
  for (const { since, until } of waits) {
    const from = Math.max(since, counted)
    const to = Math.min(until ?? since, openSince, now)
    if (to <= from) continue
    total += to - from
    counted = to
  }
  return total
}
