import type { Card, Why } from '../../contract/index.ts'
import { count } from '../../formats/count.ts'
import { priorityName } from '../../formats/priority.ts'
import { parentNames } from './card-why.ts'
import { progressWords } from './progress-words.ts'
import { isUnmerged } from '../../contract/states.ts'
import { exactTime } from '../shared/time.ts'
import { outcomeWords } from '../shared/tones.ts'

/**
 * The screen reader's label of a card: the same facts as the card shows.
 *
 * @param why as `shownWhy` returns it
 * @param titleOf undefined for a task that is not on the board as loaded
 */
export function cardLabel(
  card: Card,
  selected: boolean,
  why: Why | null,
  titleOf: (id: string) => string | undefined,
): string {
  const waits =
    why?.gate === 'open_parents' ? `Blocked by ${parentNames(card, titleOf)}` : (why?.sentence ?? '')
  const parts = [
    card.title,
    card.status,
    card.assignee === null ? 'nobody assigned' : `for ${card.assignee}`,
    card.priority === 0 ? '' : `priority ${priorityName(card.priority)}`,
    card.progress === null ? '' : progressWords(card, card.progress),
    card.attempt_count > 0 ? count(card.attempt_count, 'attempt') : '',
    card.last_outcome === null ? '' : `last ${outcomeWords(card.last_shown_outcome)}`,
    card.labels.length > 0 ? `labels ${card.labels.join(' and ')}` : '',
    card.due_at === null ? '' : `due ${exactTime(card.due_at)}`,
    card.held ? 'held' : '',
    isUnmerged(card) ? 'not merged' : '',
    card.uncommitted_files ? `${count(card.uncommitted_files, 'file')} not committed` : '',
    card.unmerged_parents.length > 0 ? 'waited for work that is not merged' : '',
    card.children.length > 0
      ? `${card.children_done} of ${count(card.children.length, 'child', 'children')} done`
      : '',
    card.status === 'blocked' ? (card.block_reason ?? '') : waits,
    selected ? 'selected' : '',
  ]
  return parts.filter((part) => part !== '').join(', ')
}
