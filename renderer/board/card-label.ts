import type { Card } from '../../contract/index.ts'
import { isUnmerged } from '../shared/merge-words.ts'
import { outcomeWords } from '../shared/tones.ts'

/**
 * What a screen reader says of a card: as much as its face shows.
 *
 * @param why as `shownWhy` says
 */
export function cardLabel(card: Card, selected: boolean, why = card.why): string {
  const parts = [
    card.title,
    card.status,
    card.assignee === null ? 'nobody assigned' : `for ${card.assignee}`,
    card.priority === 0 ? '' : `priority ${card.priority}`,
    card.attempt_count > 0 ? `${card.attempt_count} attempts` : '',
    card.last_outcome === null ? '' : `last ${outcomeWords(card.last_shown_outcome)}`,
    card.held ? 'held' : '',
    isUnmerged(card) ? 'not merged' : '',
    card.unmerged_parents.length > 0 ? 'waited for work that is not merged' : '',
    card.status === 'blocked' ? (card.block_reason ?? '') : (why?.sentence ?? ''),
    selected ? 'selected' : '',
  ]
  return parts.filter((part) => part !== '').join(', ')
}
