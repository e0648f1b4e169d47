import { SvelteMap } from 'svelte/reactivity'
import type { Client, InboxGroup, InboxItem, OperationOutput } from '../../contract/index.ts'
import { inboxGroups, type ShownGroup } from '../../formats/inbox-groups.ts'
import type { BoardStore } from '../board/board-store.svelte.ts'
import { Coalescer } from '../shared/coalescer.ts'
import { asFailure, type Failure } from '../shared/errors.ts'
import { toasts } from '../shared/toasts.svelte.ts'

/** Changes within this time are read together. */
const GATHER = 250

interface Looked {
  item: InboxItem
  /** Whether the board had loaded the task's card then; it loads only the newest finished tasks. */
  hasCard: boolean
}

/** The inbox of a board. Entries that the user has seen stay listed until the user leaves the view. */
export class Inbox {
  answer = $state.raw<OperationOutput<'inbox.show'> | null>(null)
  failure = $state.raw<Failure | null>(null)

  readonly #client: Client
  readonly #store: BoardStore
  readonly #reading = new Coalescer(() => this.read(), { wait: GATHER })
  /** The entries seen in this view, by task. The kernel no longer lists those that failed or finished. */
  readonly #looked = new SvelteMap<string, Looked>()

  constructor(client: Client, store: BoardStore) {
    this.#client = client
    this.#store = store
  }

  readonly groups: readonly ShownGroup[] = $derived.by(() => {
    const { answer } = this
    if (answer === null) return []
    const listed = [...answer.needs_you, ...answer.failed, ...answer.finished].map(idOf)
    const kept = [...this.#looked.values()]
      .filter((looked) => !listed.includes(idOf(looked.item)) && this.#isStill(looked))
      .map(({ item }) => item)
    const of = (group: InboxGroup) => kept.filter((item) => item.group === group)
    const groups = { ...answer.counts.groups }
    for (const { group } of kept) groups[group]++
    return inboxGroups({
      needs_you: answer.needs_you,
      failed: [...answer.failed, ...of('failures')],
      finished: [...answer.finished, ...of('finished')],
      counts: { ...answer.counts, groups },
    })
  })

  /** All entries in the order of the screen. */
  readonly items: readonly InboxItem[] = $derived(this.groups.flatMap(({ items }) => items))

  item(id: string | null): InboxItem | undefined {
    return this.items.find((item) => idOf(item) === id)
  }

  async read(): Promise<void> {
    try {
      this.answer = await this.#client.inbox.show({ board: this.#store.slug })
      this.failure = null
    } catch (error) {
      this.failure = asFailure(error)
    }
  }

  /** Reads again soon; call it at each change of the board. */
  readSoon(): void {
    this.#reading.soon()
  }

  /** Marks an entry as seen: it stays listed, and no longer counts. */
  async look(item: InboxItem): Promise<void> {
    if (!item.unseen) return
    const hasCard = this.#store.card(idOf(item)) !== undefined
    this.#looked.set(idOf(item), { item: { ...item, unseen: false }, hasCard })
    await this.#mark({ task_ids: [idOf(item)] })
  }

  /** Marks every entry of a group, or of all groups. Failures and finished tasks leave; tasks that need a person stay. */
  async markSeen(group?: InboxGroup): Promise<void> {
    for (const [id, { item }] of this.#looked) {
      if (item.group === (group ?? item.group)) this.#looked.delete(id)
    }
    await this.#mark(group === undefined ? {} : { group })
  }

  async markUnseen(id: string): Promise<void> {
    try {
      await this.#client.inbox.mark_unseen({ board: this.#store.slug, id })
      this.#looked.delete(id)
      await this.#readAll()
    } catch (error) {
      toasts.fail(error, 'It was not marked as unseen')
    }
  }

  stop(): void {
    this.#reading.stop()
  }

  async #mark(which: { task_ids?: string[]; group?: InboxGroup }): Promise<void> {
    const until = this.answer === null ? {} : { until: this.answer.cursor }
    try {
      await this.#client.inbox.mark_seen({ board: this.#store.slug, ...until, ...which })
      await this.#readAll()
    } catch (error) {
      toasts.fail(error, 'It was not marked as seen')
    }
  }

  /** Reads the list and the count in the header. */
  async #readAll(): Promise<void> {
    await Promise.all([this.read(), this.#store.readCounts()])
  }

  /** Whether the task still has the status of the entry. A task without a card that had one before was archived. */
  #isStill({ item, hasCard }: Looked): boolean {
    const card = this.#store.card(idOf(item))
    return card === undefined ? !hasCard : card.status === item.task.status
  }
}

export function idOf(item: InboxItem): string {
  return item.task.id
}
