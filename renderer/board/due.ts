import type { Card } from '../../contract/index.ts'
import { isSatisfied } from '../../contract/states.ts'
import { relativeTime } from '../shared/time.ts'

/**
 * @param now milliseconds since the epoch
 * @returns the due date of an open task in words, and whether it has passed; null when nothing is due
 */
export function dueOf(card: Card, now: number): { words: string; late: boolean } | null {
  if (card.due_at === null || isSatisfied(card.status)) return null
  const late = card.due_at < now
  return { words: `${late ? 'was due' : 'due'} ${relativeTime(card.due_at, now)}`, late }
}
