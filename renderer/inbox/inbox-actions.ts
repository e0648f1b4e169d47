import type { Action } from '../shared/actions.svelte.ts'
import type { Router } from '../shared/router.svelte.ts'
import type { Inbox } from './inbox.svelte.ts'

/** Keyboard actions of the inbox. */
export function inboxActions(inbox: Inbox, router: Router, step: (by: number) => void): Action[] {
  const quiet = { group: 'Inbox', scope: 'board', hidden: true } as const
  return [
    { ...quiet, id: 'inbox.next', label: 'Next', keys: ['j', 'arrowdown'], run: () => step(1) },
    { ...quiet, id: 'inbox.previous', label: 'Previous', keys: ['k', 'arrowup'], run: () => step(-1) },
    {
      ...quiet,
      id: 'inbox.open',
      label: 'Open',
      keys: ['enter', 'o'],
      enabled: () => focusedRow() !== null,
      run: () => {
        const id = focusedRow()
        if (id !== null) router.openTask(id)
      },
    },
    { ...quiet, id: 'inbox.close', label: 'Close the task', keys: ['escape'], run: () => router.closeTask() },
    { id: 'inbox.seen', label: 'Mark the inbox as seen', group: 'Inbox', run: () => inbox.markSeen() },
  ]
}

function focusedRow(): string | null {
  return document.activeElement?.getAttribute('data-row') ?? null
}
