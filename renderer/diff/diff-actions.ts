import type { Action } from '../shared/actions.svelte.ts'
import { isOnLine } from './line-cursor.ts'

/** The functions that the keys of the diff call. */
export interface DiffKeys {
  line: (by: 1 | -1) => unknown
  change: (by: 1 | -1) => unknown
  file: (by: 1 | -1) => unknown
  remark: () => unknown
  viewed: () => unknown
  grow: () => unknown
  layout: () => unknown
  merge: () => unknown
  requestChanges: () => unknown
  nextReview: () => unknown
  cleanUp: () => unknown
  since: () => unknown
  back: () => unknown
}

/** Keyboard actions of a task's diff. */
export function diffActions(diff: DiffKeys): Action[] {
  const action = (id: string, label: string, key: string, run: () => unknown): Action => ({
    id: `diff.${id}`,
    label,
    group: 'Diff',
    keys: [key],
    scope: 'board',
    run,
  })
  const move = (id: string, label: string, key: string, run: () => unknown): Action => ({
    ...action(id, label, key, run),
    hidden: true,
  })
  const arrow = (id: string, label: string, key: string, run: () => unknown): Action => ({
    ...move(id, label, key, run),
    unlisted: true,
    fixed: true,
    enabled: isOnLine,
  })
  return [
    move('line_next', 'Next line', 'j', () => diff.line(1)),
    move('line_previous', 'Previous line', 'k', () => diff.line(-1)),
    arrow('arrow_next', 'Next line', 'arrowdown', () => diff.line(1)),
    arrow('arrow_previous', 'Previous line', 'arrowup', () => diff.line(-1)),
    move('change_next', 'Next change', 'n', () => diff.change(1)),
    move('change_previous', 'Previous change', 'p', () => diff.change(-1)),
    action('next', 'Next file', 'shift+n', () => diff.file(1)),
    action('previous', 'Previous file', 'shift+p', () => diff.file(-1)),
    { ...action('remark', 'Remark on the line', 'c', () => diff.remark()), hidden: true },
    { ...action('viewed', 'Mark the file as viewed', 'v', () => diff.viewed()), hidden: true },
    { ...action('grow', 'Show more lines around the change', 'e', () => diff.grow()), hidden: true },
    action('layout', 'Side by side, or below each other', 's', () => diff.layout()),
    action('merge', 'Approve & merge…', 'm', () => diff.merge()),
    action('request_changes', 'Request changes…', 'r', () => diff.requestChanges()),
    action('since', 'Only what changed since the last review', 'l', () => diff.since()),
    action('next_review', 'Next review', ']', () => diff.nextReview()),
    action('clean_up', 'Remove worktree and branch…', 'x', () => diff.cleanUp()),
    action('back', 'Back to the task', 'u', () => diff.back()),
  ]
}
