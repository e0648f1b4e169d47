import type { WithdrawnWhy } from '../../contract/index.ts'
import type { WriteTx } from '../db/connection.ts'
import * as questions from '../tables/questions.ts'
import type { QuestionRow } from '../tables/questions.ts'
import { renewClaim } from './renew-claim.ts'
import { writeEvent } from './write-event.ts'

/** Withdraws an open question. @returns false when it was no longer open */
export function withdrawQuestion(
  tx: WriteTx,
  { id, task_id, run_id }: Pick<QuestionRow, 'id' | 'task_id' | 'run_id'>,
  why: WithdrawnWhy,
): boolean {
  if (tx.returning(questions.withdraw, { id, now: tx.now, why }) === undefined) return false
  // The worker continues, so it needs a claim that has not lapsed during the wait.
  if (why === 'withdrawn' || why === 'timeout') renewClaim(tx, run_id)
  writeEvent(tx, 'question_withdrawn', task_id, run_id, { question_id: id, why })
  return true
}

/** Withdraws the open questions of a run that ends, or that a person stops: no worker waits for the answers any more. */
export function withdrawQuestionsOf(tx: WriteTx, runId: number): void {
  for (const question of tx.all(questions.openOfRun, { run_id: runId }))
    withdrawQuestion(tx, question, 'run_ended')
}
