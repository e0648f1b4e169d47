import type { Card } from '../../contract/index.ts'
import { count } from '../../formats/count.ts'
import { priorityName } from '../../formats/priority.ts'
import { progressWords } from './progress-words.ts'
import { isUnmerged } from '../shared/merge-words.ts'
import { exactTime } from '../shared/time.ts'
import { outcomeWords } from '../shared/tones.ts'

/**
 * The screen reader's label of a card: the same facts as the card shows.
 *
 * @param why as `shownWhy` returns it
 */
export function cardLabel(card: Card, selected: boolean, why = card.why): string {
  const parts = [
    card.title,
    card.status,
    card.assignee === null ? 'nobody assigned' : `for ${card.assignee}`,
    card.priority === 0 ? '' : `priority ${priorityName(card.priority)}`,
    card.progress === null ? '' : progressWords(card, card.progress),
    card.attempt_count > 0 ? `${card.attempt_count} attempts` : '',
    card.last_outcome === null ? '' : `last ${outcomeWords(card.last_shown_outcome)}`,
    card.labels.length > 0 ? `labels ${card.labels.join(' and ')}` : '',
    card.due_at === null ? '' : `due ${exactTime(card.due_at)}`,
    card.held ? 'held' : '',
    isUnmerged(card) ? 'not merged' : '',
    card.uncommitted_files ? `${count(card.uncommitted_files, 'file')} not committed` : '',
    card.unmerged_parents.length > 0 ? 'waited for work that is not merged' : '',
    card.status === 'blocked' ? (card.block_reason ?? '') : (why?.sentence ?? ''),
    selected ? 'selected' : '',
  ]
  return parts.filter((part) => part !== '').join(', ')
}
