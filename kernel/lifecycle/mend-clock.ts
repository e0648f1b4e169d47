import type { Reader, WriteTx } from '../db/connection.ts'
import * as profileState from '../tables/profile-state.ts'
import * as taskRuns from '../tables/task-runs.ts'
import * as tasks from '../tables/tasks.ts'
import { writeEvent } from './write-event.ts'

/** Clocks of two processes may differ a little, and time servers move them by seconds. */
export const CLOCK_SLACK_MS = 60_000

/** @returns whether the board has a timestamp more than a minute in the future */
export function isFromFuture(read: Reader, now: number): boolean {
  const from = now + CLOCK_SLACK_MS
  return (
    read.get(tasks.waitingFromFuture, { from }) !== undefined ||
    read.get(taskRuns.fromFuture, { from }) !== undefined ||
    read.get(profileState.fromFuture, { from }) !== undefined
  )
}

/**
 * Corrects waits that began at a time in the future because the clock has been set back: they begin now and keep
 * their length. A time that a person set (not before) stays.
 */
export function mendDueTimes(tx: WriteTx): void {
  const from = tx.now + CLOCK_SLACK_MS
  for (const { id, ready_at, retry_at } of tx.all(tasks.waitingFromFuture, { from })) {
    const until = tx.now + Math.max(0, retry_at - ready_at)
    tx.run(tasks.setWait, { id, ready_at: tx.now, retry_at: until })
    writeEvent(tx, 'edited', id, null, { retry_at: until, reason: 'the clock was set back' })
  }
  for (const { id, seen_at, claim_expires_at } of tx.all(taskRuns.fromFuture, { from })) {
    const expires_at = tx.now + Math.max(0, claim_expires_at - seen_at)
    if (expires_at < claim_expires_at) tx.run(taskRuns.setClaimExpiry, { id, expires_at })
  }
  for (const { profile, held_since, held_until } of tx.all(profileState.fromFuture, { from })) {
    const until = tx.now + Math.max(0, (held_until ?? held_since) - held_since)
    tx.run(profileState.setHold, { profile, held_since: tx.now, held_until: until })
  }
}
