import { createContext } from 'svelte'
import { SvelteMap } from 'svelte/reactivity'
import type { Card, Client } from '../../contract/index.ts'
import { TASK_STATUSES, type TaskStatus } from '../../contract/states.ts'
import { toasts } from '../shared/toasts.svelte.ts'
import type { Router } from '../shared/router.svelte.ts'
import type { VerbRunner } from '../shared/verb-runner.svelte.ts'
import { commonTargets, type Verb } from '../shared/verbs.ts'
import { BoardFilter } from './filter/board-filter.svelte.ts'
import type { BoardStore } from './board-store.svelte.ts'
import { BoardWalk } from './walk.svelte.ts'

export const BOARD_STATUSES = TASK_STATUSES.filter((status) => status !== 'archived')

/** A menu attached to a card: its actions, or only the columns it may move to. */
export interface OpenMenu {
  kind: 'actions' | 'move' | 'assign' | 'plan'
  anchor: { getBoundingClientRect: () => DOMRect }
  side: 'bottom' | 'right'
}

/** Initial values of the form for a new task. */
export interface CreateRequest {
  status: TaskStatus
  title?: string
  assignee?: string
  /** Pasted lines: one task per line. */
  lines?: readonly string[]
  /** The form whose draft it continues; by default the dialog's own. */
  place?: string
}

/** One board on the screen: its cards, filter, keyboard position and drag. */
export class BoardController {
  readonly store: BoardStore
  readonly filter: BoardFilter
  readonly walk = new BoardWalk()
  readonly verbs: VerbRunner
  readonly router: Router
  readonly client: Client

  menu = $state.raw<OpenMenu | null>(null)
  /** The ids being dragged, and the columns that accept them. */
  dragging = $state.raw<readonly string[]>([])
  readonly dragTargets: readonly TaskStatus[] = $derived.by(() => this.targetsOf(this.dragging))
  /** The column in which the one-line form is open. */
  creatingIn = $state<TaskStatus | null>(null)
  creating = $state.raw<CreateRequest | null>(null)
  /** Columns that the user has folded, or opened although they are empty. */
  folded = $state.raw<Readonly<Partial<Record<TaskStatus, boolean>>>>({})
  lanes = $state(false)

  constructor(client: Client, router: Router, store: BoardStore, verbs: VerbRunner) {
    this.client = client
    this.router = router
    this.store = store
    this.verbs = verbs
    this.filter = new BoardFilter(client, router, store)
    this.#restore()
  }

  get statuses(): readonly TaskStatus[] {
    const wanted = this.filter.filter.status
    const shown = this.store.showsArchived ? TASK_STATUSES : BOARD_STATUSES
    return wanted.length === 0 ? shown : shown.filter((status) => wanted.includes(status))
  }

  /** An empty column is a narrow strip, until the user opens it or drags a card that may go there. */
  /** Whether the filter leaves no card in any column. */
  get nothingFits(): boolean {
    return this.filter.narrow && this.statuses.every((status) => this.filter.visible(status).length === 0)
  }

  isFolded(status: TaskStatus): boolean {
    if (this.creatingIn === status || this.dragTargets.includes(status)) return false
    if (this.filter.narrow && this.filter.visible(status).length === 0) return true
    return (
      this.folded[status] ?? (this.store.columns[status].count === 0 && !OPEN_WHEN_EMPTY.includes(status))
    )
  }

  fold(status: TaskStatus, folded: boolean): void {
    this.folded = { ...this.folded, [status]: folded }
    this.#keep()
  }

  setLanes(lanes: boolean): void {
    this.lanes = lanes
    this.#keep()
  }

  cards(ids: readonly string[]): Card[] {
    return ids.flatMap((id) => this.store.card(id) ?? [])
  }

  /** The cards that a key or the bulk bar acts on. */
  get targets(): Card[] {
    return this.cards(this.walk.targets)
  }

  open(id: string): void {
    this.walk.current = id
    this.router.openTask(id)
  }

  /** Runs a verb on the selected or current cards, and clears a selection that it handled. */
  async run(verb: Verb, cards: readonly Card[]): Promise<void> {
    this.#dealtWith(cards, await this.verbs.run(verb, cards))
  }

  async move(cards: readonly Card[], status: TaskStatus): Promise<void> {
    this.#dealtWith(cards, await this.verbs.move(cards, status))
  }

  #dealtWith(cards: readonly Card[], done: boolean): void {
    if (done && cards.length > 1 && cards.every(({ id }) => this.walk.selected.has(id))) this.walk.clear()
  }

  startCreate(request: CreateRequest): void {
    this.creatingIn = null
    this.creating = request
  }

  openMenu(kind: OpenMenu['kind'], anchor: OpenMenu['anchor'], side: OpenMenu['side'] = 'bottom'): void {
    this.menu = { kind, anchor, side }
  }

  /** As `openMenu`, on the current card. */
  openMenuHere(kind: OpenMenu['kind']): void {
    const id = this.walk.current ?? this.walk.targets[0]
    const element = id === undefined ? null : document.querySelector(`[data-card="${CSS.escape(id)}"]`)
    const [target] = this.targets
    if (element !== null && target !== undefined) this.openMenu(kind, element, 'right')
  }

  /** Selects all visible cards of the current column. */
  selectColumn(): void {
    const card = this.walk.current === null ? undefined : this.store.card(this.walk.current)
    if (card !== undefined) this.walk.selectAll(this.filter.visible(card.status))
  }

  /** Closes one thing at a time: the open task, then the selection, then the filter. */
  escape(): void {
    if (this.router.route.task !== null) this.router.closeTask()
    else if (this.walk.selected.size > 0) this.walk.clear()
    else if (this.filter.narrow) this.filter.clear()
  }

  /** The ids that are dragged with this card: the whole selection, if the card is part of it. */
  dragSet(id: string): readonly string[] {
    return this.walk.selected.has(id) ? [...this.walk.selected] : [id]
  }

  /** The ids of a column by profile, in the order of names; those without a profile come last. */
  laneIds(ids: readonly string[]): { profile: string; ids: string[] }[] {
    const lanes = new SvelteMap<string, string[]>()
    for (const card of this.cards(ids)) {
      const profile = card.assignee ?? 'nobody'
      lanes.set(profile, [...(lanes.get(profile) ?? []), card.id])
    }
    return [...lanes]
      .map(([profile, own]) => ({ profile, ids: own }))
      .sort((a, b) => (a.profile < b.profile ? -1 : 1))
  }

  async loadMore(status: TaskStatus): Promise<void> {
    try {
      await this.store.loadMore(status)
    } catch (error) {
      toasts.fail(error, 'More tasks could not be read')
    }
  }

  /** The columns that accept all of these tasks together. */
  targetsOf(ids: readonly string[]): readonly TaskStatus[] {
    return ids.length === 0 ? [] : commonTargets(this.cards(ids))
  }

  get #key(): string {
    return `runboard:board:${this.store.slug}`
  }

  #keep(): void {
    localStorage.setItem(this.#key, JSON.stringify({ folded: this.folded, lanes: this.lanes }))
  }

  #restore(): void {
    try {
      const kept: unknown = JSON.parse(localStorage.getItem(this.#key) ?? '{}')
      if (typeof kept !== 'object' || kept === null) return
      if ('folded' in kept && typeof kept.folded === 'object') this.folded = { ...kept.folded }
      if ('lanes' in kept) this.lanes = kept.lanes === true
    } catch {
      localStorage.removeItem(this.#key) // not our format, or from another version
    }
  }
}

/** These show what can be done with a board, so they stay open even when they are empty. */
const OPEN_WHEN_EMPTY: readonly TaskStatus[] = ['ready', 'running', 'done']

export const [getBoard, setBoard] = createContext<BoardController>()
