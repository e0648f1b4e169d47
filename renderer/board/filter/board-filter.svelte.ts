import { untrack } from 'svelte'
import type { Card, Client } from '../../../contract/index.ts'
import type { TaskStatus } from '../../../contract/states.ts'
import { asFailure } from '../../shared/errors.ts'
import { type Router, withQuery } from '../../shared/router.svelte.ts'
import type { BoardStore } from '../board-store.svelte.ts'
import { type Filter, formatFilter, isNarrow, matches, parseFilter } from './filter.ts'

const TYPING = 150
const MOST_FOUND = 2000

/** The filter in the address, and the cards of each column that match it. */
export class BoardFilter {
  readonly #router: Router
  readonly #store: BoardStore
  readonly #client: Client
  /** The ids that the full-text search found for the text in the address. */
  #found = $state.raw<ReadonlySet<string> | null>(null)
  #searched = ''
  #timer: ReturnType<typeof setTimeout> | undefined
  searchFailed = $state<string | null>(null)

  readonly filter: Filter = $derived.by(() => parseFilter(this.#router.route.query))
  readonly narrow: boolean = $derived.by(() => isNarrow(this.filter))

  constructor(client: Client, router: Router, store: BoardStore) {
    this.#client = client
    this.#router = router
    this.#store = store
  }

  set(change: Partial<Filter>): void {
    const filter = formatFilter({ ...this.filter, ...change })
    this.#router.replace({ query: withQuery(this.#router.route.query, filter) })
  }

  clear(): void {
    this.set({
      text: '',
      profile: null,
      tenant: null,
      label: null,
      status: [],
      needsMe: false,
      failed: false,
      unmerged: false,
    })
  }

  /** Call in an effect: searches the full-text index for the text in the address, a moment after the last key. */
  search(): void {
    const { text } = this.filter
    if (text === this.#searched) return
    this.#searched = text
    clearTimeout(this.#timer)
    this.#found = null
    if (text === '') return
    this.#timer = setTimeout(() => void this.#ask(text), TYPING)
  }

  async #ask(text: string): Promise<void> {
    try {
      const { tasks } = await this.#client.task.list({
        board: this.#store.slug,
        search: text,
        limit: MOST_FOUND,
      })
      if (text !== this.#searched) return
      // eslint-disable-next-line svelte/prefer-svelte-reactivity -- replaced as a whole
      this.#found = new Set(tasks.map((task) => task.id))
      this.searchFailed = null
    } catch (error) {
      this.searchFailed = asFailure(error).message
    }
  }

  /** The matching ids of a column, in order. Without a filter it is the column's own list, and depends on no card. */
  visible(status: TaskStatus): readonly string[] {
    const { ids } = this.#store.columns[status]
    if (!this.narrow) return ids
    void this.#store.revision
    const filter = this.filter
    const found = this.#found
    return untrack(() =>
      ids.filter((id) => {
        const card = this.#store.cell(id)?.card
        return card !== undefined && matches(card, filter, found)
      }),
    )
  }

  /** The tenants, labels or profiles of all cards, as choices. */
  valuesOf(read: (card: Card) => string | null | readonly string[]): string[] {
    void this.#store.revision
    return untrack(() => {
      // eslint-disable-next-line svelte/prefer-svelte-reactivity -- local to this call
      const values = new Set<string>()
      for (const card of this.#store.cards()) {
        const value = read(card)
        if (typeof value === 'string') values.add(value)
        else for (const each of value ?? []) values.add(each)
      }
      return [...values].sort()
    })
  }
}
