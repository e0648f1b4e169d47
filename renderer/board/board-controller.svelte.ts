import { createContext, untrack } from 'svelte'
import { SvelteMap } from 'svelte/reactivity'
import type { Card, Client } from '../../contract/index.ts'
import { TASK_STATUSES, type TaskStatus } from '../../contract/states.ts'
import { toasts } from '../shared/toasts.svelte.ts'
import type { Router } from '../shared/router.svelte.ts'
import type { VerbRunner } from '../shared/verb-runner.svelte.ts'
import { commonTargets, type Verb } from '../shared/verbs.ts'
import { type CreateRequest, creation } from './create/creation.svelte.ts'
import { BoardFilter } from './filter/board-filter.svelte.ts'
import { BoardPrefs } from './board-prefs.svelte.ts'
import { BoardRanking } from './board-ranking.svelte.ts'
import { BoardList } from './list/board-list.svelte.ts'
import { BoardStages } from './stages/board-stages.svelte.ts'
import type { BoardStore } from './board-store.svelte.ts'
import { SORT_ORDERS } from './card-order.ts'
import { BoardWalk } from './walk.svelte.ts'

export const BOARD_STATUSES = TASK_STATUSES.filter((status) => status !== 'archived')

/** A menu attached to a card: its actions, or only the columns it may move to. */
export interface OpenMenu {
  kind: 'actions' | 'move' | 'assign' | 'plan'
  anchor: { getBoundingClientRect: () => DOMRect }
  side: 'bottom' | 'right'
}

/** One board on the screen: its cards, filter, keyboard position and drag. */
export class BoardController {
  readonly store: BoardStore
  readonly filter: BoardFilter
  readonly walk = new BoardWalk()
  readonly prefs: BoardPrefs
  readonly ranking = new BoardRanking(this)
  readonly list: BoardList
  readonly stages: BoardStages
  readonly verbs: VerbRunner
  readonly router: Router
  readonly client: Client

  menu = $state.raw<OpenMenu | null>(null)
  /** The holds that the user has folded into a chip: by profile, the time at which the hold began. */
  readonly foldedHolds = new SvelteMap<string, number | null>()
  /** The ids being dragged, and the columns that accept them. */
  dragging = $state.raw<readonly string[]>([])
  readonly dragTargets: readonly TaskStatus[] = $derived.by(() => this.targetsOf(this.dragging))
  /** The column in which the one-line form is open. */
  creatingIn = $state<TaskStatus | null>(null)

  constructor(client: Client, router: Router, store: BoardStore, verbs: VerbRunner) {
    this.client = client
    this.router = router
    this.store = store
    this.verbs = verbs
    this.filter = new BoardFilter(client, router, store)
    this.prefs = new BoardPrefs(store.slug)
    this.list = new BoardList(this)
    this.stages = new BoardStages(this)
  }

  get statuses(): readonly TaskStatus[] {
    const wanted = this.filter.filter.status
    const shown = this.store.showsArchived ? TASK_STATUSES : BOARD_STATUSES
    return wanted.length === 0 ? shown : shown.filter((status) => wanted.includes(status))
  }

  /** Whether the filter leaves no card in any column. */
  get nothingFits(): boolean {
    return this.filter.narrow && this.statuses.every((status) => this.filter.visible(status).length === 0)
  }

  /**
   * Whether a column is a strip. An empty one is, until the user opens it. Cards can be dropped on a strip, so columns
   * need not open, and nothing moves, during a drag.
   */
  isFolded(status: TaskStatus): boolean {
    if (this.creatingIn === status) return false
    if (this.filter.narrow && this.filter.visible(status).length === 0) return true
    return (
      this.prefs.folded[status] ??
      (this.store.columns[status].count === 0 && !OPEN_WHEN_EMPTY.includes(status))
    )
  }

  /** Whether an open column shows no cards; it is then drawn narrower. */
  isEmpty(status: TaskStatus): boolean {
    return this.creatingIn !== status && this.filter.visible(status).length === 0
  }

  /** The visible ids of a column, in the order that the user has chosen for it. */
  shownIds(status: TaskStatus): readonly string[] {
    const ids = this.filter.visible(status)
    const sort = this.prefs.sorts[status] ?? 'rank'
    if (sort === 'rank') return ids
    void this.store.revision
    return untrack(() =>
      this.cards(ids)
        .sort(SORT_ORDERS[sort])
        .map(({ id }) => id),
    )
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

  /** Runs a verb on the selected or current cards. The selection stays until Esc, for the next verb. */
  async run(verb: Verb, cards: readonly Card[]): Promise<void> {
    await this.verbs.run(verb, cards)
  }

  async move(cards: readonly Card[], status: TaskStatus): Promise<void> {
    await this.verbs.move(cards, status)
  }

  startCreate(request: CreateRequest): void {
    this.creatingIn = null
    creation.start(request)
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

  /** Selects all visible cards of the current column, or of the list; soon after the start only once they have all come. */
  async selectColumn(): Promise<void> {
    if (this.store.isPartial) await this.store.load()
    if (this.list.on) {
      this.walk.selectAll(this.list.ids)
      return
    }
    const { current } = this.walk
    if (this.list.layout === 'stages') {
      const lane = this.stages.lanes.find(({ ids }) => current !== null && ids.includes(current))
      if (lane !== undefined) this.walk.selectAll(lane.ids)
      return
    }
    const card = current === null ? undefined : this.store.card(current)
    if (card !== undefined) this.walk.selectAll(this.shownIds(card.status))
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
}

/** These show what can be done with a board, so they stay open even when they are empty. */
const OPEN_WHEN_EMPTY: readonly TaskStatus[] = ['ready', 'running', 'done']

export const [getBoard, setBoard] = createContext<BoardController>()
