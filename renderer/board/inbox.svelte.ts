import { untrack } from 'svelte'
import type { Card } from '../../contract/index.ts'
import type { BoardStore } from './board-store.svelte.ts'
import { hasFailed } from './filter.ts'
import { hasPlan } from '../shared/verbs.ts'
import { stateSince } from './card-order.ts'

export interface InboxGroups {
  /** It goes on only when a person says something. */
  wanted: readonly Card[]
  failed: readonly Card[]
  /** Since the inbox was last marked as seen. */
  finished: readonly Card[]
}

/** What happened on the board that a person should know of, newest first. */
export class Inbox {
  readonly #store: BoardStore
  readonly #key: string
  seenAt = $state(0)
  readonly groups: InboxGroups = $derived.by(() => this.#group())

  constructor(store: BoardStore) {
    this.#store = store
    this.#key = `runboard:inbox:${store.slug}`
    this.seenAt = Number(localStorage.getItem(this.#key) ?? '0')
  }

  /** What is finished now is not told again. */
  markSeen(now = Date.now()): void {
    this.seenAt = now
    localStorage.setItem(this.#key, String(now))
  }

  get isEmpty(): boolean {
    const { wanted, failed, finished } = this.groups
    return wanted.length + failed.length + finished.length === 0
  }

  #group(): InboxGroups {
    void this.#store.revision
    const seenAt = this.seenAt
    return untrack(() => {
      const wanted: Card[] = []
      const failed: Card[] = []
      const finished: Card[] = []
      for (const card of this.#store.cards()) {
        if (hasFailed(card) && (card.status !== 'blocked' || card.block_kind === 'gave_up')) failed.push(card)
        else if (card.status === 'blocked' || card.status === 'review' || hasPlan(card)) wanted.push(card)
        else if (card.status === 'done' && (card.completed_at ?? 0) > seenAt) finished.push(card)
      }
      const newest = (a: Card, b: Card) => stateSince(b) - stateSince(a)
      return { wanted: wanted.sort(newest), failed: failed.sort(newest), finished: finished.sort(newest) }
    })
  }
}
