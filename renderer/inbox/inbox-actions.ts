import type { Action } from '../shared/actions.svelte.ts'
import { VERB_KEYS } from '../shared/verbs.ts'
import type { Router } from '../shared/router.svelte.ts'
import type { InboxController } from './inbox-controller.svelte.ts'

const GROUP = 'Inbox'

/** Keyboard actions of the inbox. Those of the scope `app` also work in a task that is open beside it. */
export function inboxActions(controller: InboxController, router: Router): Action[] {
  const step = (id: string, label: string, key: string, by: 1 | -1, scope: 'app' | 'board'): Action => ({
    ...{ id: `inbox.${id}`, label, group: GROUP, keys: [key], scope, hidden: true },
    unlisted: scope === 'board', // lists only the letter, not the arrow key
    run: () => controller.step(by),
  })
  const hasCurrent = () => controller.current !== null
  return [
    step('next', 'Next entry', 'j', 1, 'app'),
    step('previous', 'Previous entry', 'k', -1, 'app'),
    step('down', 'Next entry', 'arrowdown', 1, 'board'),
    step('up', 'Previous entry', 'arrowup', -1, 'board'),
    {
      ...{ id: 'inbox.open', label: 'Open', group: GROUP, keys: ['enter', 'o'], scope: 'board' },
      hidden: true,
      enabled: hasCurrent,
      run: () => controller.open(),
    },
    {
      ...{ id: 'inbox.answer', label: 'Answer or approve', group: GROUP, keys: ['a'] },
      enabled: hasCurrent,
      run: () => controller.answer(),
    },
    {
      ...{ id: 'inbox.retry', label: 'Retry', group: GROUP, scope: 'board' },
      keys: [VERB_KEYS.retry ?? 'r'],
      enabled: hasCurrent,
      run: () => controller.run('retry'),
    },
    {
      ...{ id: 'inbox.archive', label: 'Archive', group: GROUP, scope: 'board' },
      keys: [VERB_KEYS.archive ?? 'e'],
      enabled: hasCurrent,
      run: () => controller.run('archive'),
    },
    {
      ...{ id: 'inbox.unseen', label: 'Mark as unseen', group: GROUP, keys: ['u'] },
      enabled: hasCurrent,
      run: () => controller.markUnseen(),
    },
    {
      ...{ id: 'inbox.close', label: 'Close the task', group: GROUP, keys: ['escape'], scope: 'board' },
      hidden: true,
      run: () => router.closeTask(),
    },
    {
      id: 'inbox.seen',
      label: 'Mark the inbox as seen',
      group: GROUP,
      run: () => controller.inbox.markSeen(),
    },
  ]
}
