import { waitsForAnswer } from '../../contract/states.ts'
import type { Card, InboxItem } from '../../contract/index.ts'
import { hasChangesToReview } from '../shared/merge-words.ts'
import { hasPlan, refusal, type Verb } from '../shared/verbs.ts'

/** What a person can do with an entry in the list, the most fitting verb first. */
export interface Offers {
  /**
   * `field`: the answer is typed below the entry; `question`: the row has the question of a run that waits or of a workflow;
   * null: there is nothing to answer.
   */
  answer: 'field' | 'question' | null
  /** Whether to offer its diff. */
  hasChanges: boolean
  verbs: readonly Verb[]
}

const OFFERED: readonly Verb[] = ['approve', 'request_changes', 'accept_plan', 'complete', 'retry', 'archive']

/** @param card the card of the task, if the board has loaded it */
export function offersOf({ asks, task, question }: InboxItem, card: Card | undefined): Offers {
  // Its buttons or its field are in the row itself.
  if (question !== null) return { answer: 'question', hasChanges: false, verbs: [] }
  /** The worker did not report, so a person decides whether the work is done. There is no question to answer. */
  const isUnreported = task.status === 'blocked' && task.block_kind === 'unreported'
  if (waitsForAnswer(task)) return { answer: 'field', hasChanges: false, verbs: [] }
  if (asks !== null) return { answer: 'question', hasChanges: false, verbs: [] }
  const hasChanges = hasChangesToReview(task)
  const verbs = OFFERED.filter(
    (verb) =>
      refusal(verb, card ?? task) === null &&
      (verb !== 'approve' || !hasChanges) &&
      (verb !== 'complete' || isUnreported) &&
      (verb !== 'archive' || task.status === 'done') &&
      (verb !== 'accept_plan' || (card !== undefined && hasPlan(card))),
  )
  return { answer: null, hasChanges, verbs }
}
