import { tick } from 'svelte'
import type { InboxItem } from '../../contract/index.ts'
import type { BoardStore } from '../board/board-store.svelte.ts'
import type { Runboard } from '../shared/context.ts'
import { toasts } from '../shared/toasts.svelte.ts'
import { refusal, type Verb, VERB_SPECS } from '../shared/verbs.ts'
import { focusTask } from '../task/drawer-focus.ts'
import { idOf, Inbox } from './inbox.svelte.ts'
import { offersOf } from './inbox-offers.ts'

/** Where an entry is answered. A question has the focus in its first field. */
const ANSWERS = {
  field: 'textarea',
  question:
    ':is(:is([data-question], [data-form]) :is(input, textarea, select, li button), [data-form] button, .said [data-answers])',
  verb: '[data-first]',
} as const

/** Handles the keys in the inbox: which entry is current, and what each key does to it. */
export class InboxController {
  readonly inbox: Inbox
  /** The id of the current entry's task: the keys act on it. */
  current = $state<string | null>(null)
  /** The id of the task whose answer is being typed in the list. */
  answering = $state<string | null>(null)
  list: HTMLElement | undefined

  readonly #app: Runboard
  readonly #store: BoardStore
  /** The index of the current entry. When that entry leaves, the entry now at this index becomes the current one. */
  #place = 0

  constructor(app: Runboard, store: BoardStore) {
    this.#app = app
    this.#store = store
    this.inbox = new Inbox(app.client, store)
  }

  /** The entry of the open task, if the inbox has one. */
  get opened(): InboxItem | undefined {
    return this.inbox.item(this.#app.router.route.task)
  }

  /** Goes to the next or previous entry. While a task is open, that entry's task replaces it. */
  step(by: 1 | -1): void {
    const { items } = this.inbox
    const at = items.findIndex((item) => idOf(item) === this.current)
    const gone = by === 1 ? this.#place - 1 : this.#place
    const to = this.current === null ? 0 : (at < 0 ? gone : at) + by
    const item = items[Math.min(items.length - 1, Math.max(0, to))]
    if (item === undefined) return
    this.choose(item)
    const { router } = this.#app
    if (router.route.task !== null) router.replace({ task: idOf(item), attempt: item.run?.attempt ?? null })
    if (this.#hasFocus()) this.row(idOf(item))?.focus()
  }

  choose(item: InboxItem): void {
    this.current = idOf(item)
    this.#place = this.inbox.items.indexOf(item)
  }

  /** Opens the task beside the list. The focus stays in the list. */
  show(item: InboxItem): void {
    this.choose(item)
    this.row(idOf(item))?.focus({ preventScroll: true })
    this.#app.router.openTask(idOf(item), item.run?.attempt ?? null)
  }

  /** Opens the task and moves the focus into it. */
  open(): void {
    const item = this.inbox.item(this.current)
    if (item === undefined) return
    focusTask()
    if (this.#app.router.route.task !== idOf(item)) this.show(item)
  }

  /** Moves the focus to the field or button that answers or approves the entry. */
  async answer(): Promise<void> {
    const item = this.inbox.item(this.current)
    if (item === undefined) return
    const id = idOf(item)
    if (this.#app.router.route.task === id) {
      focusTask(':is([data-form] :is(input, textarea, select, button), [data-answers])')
      return
    }
    const offers = offersOf(item, this.#store.card(id))
    if (offers.answer === 'field') this.answering = id
    await tick()
    this.row(id)
      ?.querySelector<HTMLElement>(ANSWERS[offers.answer ?? 'verb'])
      ?.focus()
  }

  async run(verb: Verb): Promise<void> {
    const item = this.inbox.item(this.current)
    if (item === undefined) return
    const subject = this.#store.card(idOf(item)) ?? item.task
    const refused = refusal(verb, subject)
    if (refused === null) await this.#app.verbs.run(verb, [subject])
    else toasts.show(`${VERB_SPECS[verb].label}: ${refused.charAt(0).toLowerCase()}${refused.slice(1)}`)
  }

  async markUnseen(): Promise<void> {
    if (this.current !== null) await this.inbox.markUnseen(this.current)
  }

  /** Chooses another current entry if the current one has left. Call it when the entries have changed. */
  follow(): void {
    const { items } = this.inbox
    if (this.current === null || items.some((item) => idOf(item) === this.current)) {
      this.#place = Math.max(
        0,
        items.findIndex((item) => idOf(item) === this.current),
      )
      return
    }
    if (this.#app.router.route.task !== null) return
    const next = items[Math.min(this.#place, items.length - 1)]
    this.current = next === undefined ? null : idOf(next)
    if (next !== undefined && document.activeElement === document.body) this.row(idOf(next))?.focus()
  }

  row(id: string): HTMLElement | null {
    return this.list?.querySelector<HTMLElement>(`[data-card="${CSS.escape(id)}"]`) ?? null
  }

  /** Whether the focus is in the list or nowhere, not in the open task. */
  #hasFocus(): boolean {
    const focused = document.activeElement
    return focused === document.body || (this.list?.contains(focused) ?? false)
  }
}
