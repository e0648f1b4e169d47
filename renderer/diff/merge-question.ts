import { count } from '../../formats/count.ts'
import type { Card, Diff } from '../../contract/index.ts'
import type { Question } from '../shared/ask.svelte.ts'

/** @returns the question before a merge: the commit message and the merge method */
export function mergeQuestion(
  id: string,
  card: Card | undefined,
  diff: Diff,
  method: 'merge' | 'squash',
): Question {
  const rest = diff.uncommitted
  const first =
    rest === 0 ? '' : ` ${count(rest, 'uncommitted file is', 'uncommitted files are')} committed first.`
  const check = card?.verify_command == null ? '' : ' The check runs first, unless it passed on this commit.'
  return {
    title: `Merge into ${diff.into ?? 'its branch'}`,
    text: `The work is on ${diff.branch ?? 'its worktree'}.${first}${check}`,
    field: { label: 'Message', value: `${card?.title ?? id} (${id})`, required: true, lines: 2 },
    choice: {
      label: 'How',
      options: [
        { value: 'merge', label: 'Merge commit' },
        { value: 'squash', label: 'Squash into one commit' },
      ],
      value: method,
    },
    confirm: card?.status === 'review' ? 'Approve & merge' : 'Merge',
  }
}
