import type { WriteTx } from '../db/connection.ts'
import * as taskRuns from '../tables/task-runs.ts'

/** How long a claim lasts, in seconds; each sign of life extends it by the same time. It matters for runs without a visible process. */
export const CLAIM_TTL_SECONDS = 900

/** Lets the claim of an open run last for a whole term from now, unless it lasts longer anyway. */
export function renewClaim(tx: WriteTx, runId: number): void {
  tx.run(taskRuns.renewClaim, { id: runId, expires_at: tx.now + CLAIM_TTL_SECONDS * 1000 })
}
