import type { InboxGroup, InboxItem, OperationOutput } from '../contract/index.ts'

/** A group of the inbox, as the screen and the command line show it. */
export interface ShownGroup {
  group: InboxGroup
  name: string
  /** Oldest first. */
  items: readonly InboxItem[]
  /** Includes items that the answer leaves out. */
  count: number
}

/** In the order in which a person goes through them. */
const NAMES: Record<InboxGroup, string> = {
  questions: 'Questions',
  reviews: 'Reviews',
  failures: 'Failures',
  finished: 'Finished',
}

export type ListedInbox = Pick<OperationOutput<'inbox.show'>, 'needs_you' | 'failed' | 'finished' | 'counts'>

/** @returns the groups that are not empty */
export function inboxGroups({ needs_you, failed, finished, counts }: ListedInbox): ShownGroup[] {
  const items = [...needs_you, ...failed, ...finished].sort((a, b) => a.at - b.at)
  return (Object.keys(NAMES) as InboxGroup[])
    .map((group) => ({
      group,
      name: NAMES[group],
      items: items.filter((item) => item.group === group),
      count: counts.groups[group],
    }))
    .filter((shown) => shown.items.length > 0)
}
