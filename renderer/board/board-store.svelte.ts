import { SvelteMap } from 'svelte/reactivity'
import type {
  Board,
  BoardEvent,
  Card,
  Client,
  DispatcherState,
  OperationOutput,
  ProfileState,
  Task,
  Worker,
} from '../../contract/index.ts'
import { TASK_STATUSES, type TaskStatus } from '../../contract/states.ts'
import { announce } from '../shared/announce.svelte.ts'
import { Coalescer } from '../shared/coalescer.ts'
import { toasts } from '../shared/toasts.svelte.ts'
import type { OpenBoard } from '../shared/context.ts'
import { asFailure, type Failure } from '../shared/errors.ts'
import { LiveFeed } from '../shared/live.svelte.ts'
import { CARD_ORDERS, insertionIndex } from './card-order.ts'

/** One card as its own signal: a change re-renders only what shows this card. */
export class CardCell {
  card: Card
  constructor(card: Card) {
    this.card = $state.raw(card)
  }
}

export class Column {
  readonly status: TaskStatus
  /** The loaded ids, in order. */
  ids = $state.raw<readonly string[]>([])
  /** The number of cards, loaded or not. */
  count = $state(0)
  constructor(status: TaskStatus) {
    this.status = status
  }
}

const DONE_PAGE = 200
/** How many cards of each column are read first, so that a large board appears before all of it has loaded. */
const FIRST_CARDS = 100
/** Events within this time are fetched together. */
const GATHER = 40
/** How often to read what no event reports: who holds the lease, today's counts. Only while the window is visible. */
const PULSE = 5000
const BESIDE = 1500

type Changes = Pick<OperationOutput<'board.changes'>, 'cards' | 'removed' | 'counts' | 'dispatcher'>
export type Stats = OperationOutput<'stats.show'>

/** The board in the window: read once, then kept up to date by changes. */
export class BoardStore implements OpenBoard {
  readonly slug: string
  readonly feed: LiveFeed
  readonly columns: Record<TaskStatus, Column>

  phase = $state<'loading' | 'ready' | 'failed'>('loading')
  failure = $state.raw<Failure | null>(null)
  board = $state.raw<Board | null>(null)
  dispatcher = $state.raw<DispatcherState | null>(null)
  profiles = $state.raw<readonly ProfileState[]>([])
  stats = $state.raw<Stats | null>(null)
  /** Workers by task: their output and memory are not part of a card. */
  readonly workers = new SvelteMap<string, Worker>()
  showsArchived = $state(false)
  /** Counts the applied changes. Read it to depend on many cards without tracking each one. */
  revision = $state(0)

  readonly #client: Client
  // eslint-disable-next-line svelte/prefer-svelte-reactivity -- each cell is a signal; `revision` tracks the map
  readonly #cells = new Map<string, CardCell>()
  #cursor = 0
  #doneLimit = DONE_PAGE
  /** Only the first cards are loaded. */
  #isPartial = false
  readonly #changes = new Coalescer(() => this.#readChanges(), { wait: GATHER })
  /** However fast the cards change, what stands beside them is read at most once per interval. */
  readonly #beside = new Coalescer(() => this.#readBeside(), { every: BESIDE })
  #stopped = false
  #pulse: ReturnType<typeof setInterval> | undefined

  constructor(client: Client, slug: string) {
    this.#client = client
    this.slug = slug
    this.feed = new LiveFeed(client, slug)
    this.columns = Object.fromEntries(TASK_STATUSES.map((status) => [status, new Column(status)])) as Record<
      TaskStatus,
      Column
    >
    this.feed.subscribe((event) => this.#hear(event))
    this.feed.onReconnect(() => this.#changes.soon())
  }

  async start(): Promise<void> {
    await this.load()
    this.#pulse = setInterval(() => {
      if (!document.hidden) this.#changes.soon()
    }, PULSE)
  }

  stop(): void {
    this.#stopped = true
    this.feed.stop()
    clearInterval(this.#pulse)
    this.#changes.stop()
    this.#beside.stop()
  }

  cell(id: string): CardCell | undefined {
    return this.#cells.get(id)
  }

  card(id: string): Card | undefined {
    const cell = this.#cells.get(id)
    if (cell === undefined) void this.revision // so that a reader is notified when the card is loaded
    return cell?.card
  }

  /** Every loaded card. Not tracked: read `revision` too. */
  *cards(): Generator<Card> {
    for (const cell of this.#cells.values()) yield cell.card
  }

  get taskCount(): number {
    return TASK_STATUSES.reduce((sum, status) => sum + this.columns[status].count, 0)
  }

  /**
   * Reads the whole board: at the start, and when too much has changed for single cards. The visible part is read
   * first.
   */
  async load(): Promise<void> {
    const isFirst = this.phase === 'loading'
    try {
      const view = await this.#client.board.view({
        board: this.slug,
        archived: this.showsArchived,
        done_limit: this.#doneLimit,
        ...(isFirst ? { limit: FIRST_CARDS } : {}),
      })
      if (this.#stopped) return
      // An older board was restored from a backup: its event ids start again.
      if (view.cursor < this.#cursor) this.feed.stop()
      this.#fill(view)
      this.#isPartial = isFirst && view.columns.some(isCut)
      this.phase = 'ready'
      this.failure = null
      this.feed.start(view.cursor)
      this.#beside.soon()
      if (this.#isPartial) await this.load()
    } catch (error) {
      if (this.#stopped) return
      this.failure = asFailure(error)
      if (this.phase === 'loading') this.phase = 'failed'
    }
  }

  async retry(): Promise<void> {
    if (this.phase === 'failed') this.phase = 'loading'
    await this.load()
  }

  async toggleArchived(show: boolean): Promise<void> {
    this.showsArchived = show
    await this.load()
  }

  /**
   * Reads the next cards of a column when the user scrolls to its end. Done and archived begin with the newest only;
   * another column is incomplete where it is too long for one answer.
   */
  async loadMore(status: TaskStatus): Promise<void> {
    const column = this.columns[status]
    if (column.ids.length >= column.count) return
    const isFinished = status === 'done' || status === 'archived'
    const { tasks } = await this.#client.task.list({
      board: this.slug,
      status: [status],
      archived: status === 'archived',
      sort: isFinished ? '-updated' : '-priority',
      offset: column.ids.length,
      limit: DONE_PAGE,
    })
    this.#take({ cards: tasks, removed: [] })
    if (isFinished) this.#doneLimit = Math.max(this.#doneLimit, column.ids.length)
  }

  /** While paused, no task is claimed; running workers continue. */
  async setPaused(paused: boolean): Promise<void> {
    const verb = paused ? this.#client.dispatcher.pause : this.#client.dispatcher.resume
    try {
      this.dispatcher = (await verb({ board: this.slug })).dispatcher
      announce(paused ? 'Paused' : 'Resumed')
    } catch (error) {
      toasts.fail(error, paused ? 'The board was not paused' : 'The board was not resumed')
    }
  }

  /** Profiles change without an event of this board: code that changes one calls this. */
  async readProfiles(): Promise<void> {
    this.profiles = (await this.#client.profile.list({ board: this.slug })).profiles
  }

  /** Releases a profile that was held after a systemic failure or a rate limit. */
  async release(profile: string): Promise<void> {
    try {
      await this.#client.profile.release({ board: this.slug, name: profile })
      toasts.show(`${profile} was released`)
      await this.readProfiles()
    } catch (error) {
      toasts.fail(error, `${profile} was not released`)
    }
  }

  /** Applies a verb's answer before its event arrives. */
  applyTask(task: Task): void {
    const cell = this.#cells.get(task.id)
    if (cell !== undefined) this.#take({ cards: [{ ...cell.card, ...task }], removed: [] })
  }

  /** Reads the changes. Calls during a read cause one more read. */
  refresh(): Promise<void> {
    return this.#changes.now()
  }

  async #readChanges(): Promise<void> {
    try {
      const changes = await this.#client.board.changes({ board: this.slug, since: this.#cursor })
      if (this.#stopped) return
      if (changes.reset || this.#isPartial) await this.load()
      // Skip an answer that is older than a reload of the whole board.
      else if (changes.cursor >= this.#cursor) this.#apply(changes, changes.cursor)
      this.failure = null
      this.#beside.soon()
    } catch (error) {
      this.failure = asFailure(error) // the feed is then broken too, and shows it; the next event retries
    }
  }

  #hear({ kind, actor }: BoardEvent): void {
    if (kind === 'board_restored') {
      // The undo actions refer to the board before the restore.
      toasts.dropActions()
      toasts.show('The board was restored from a backup', { details: [`by ${actor}`] })
    }
    this.#changes.soon()
  }

  /** Reads counts, profiles and processes. */
  async #readBeside(): Promise<void> {
    const { slug: board } = this
    try {
      const running = this.columns.running.count > 0
      const [stats, { profiles }, { workers }] = await Promise.all([
        this.#client.stats.show({ board }),
        this.#client.profile.list({ board }),
        running ? this.#client.worker.list({ board }) : { workers: [] },
      ])
      if (this.#stopped) return
      this.stats = stats
      this.profiles = profiles
      for (const id of this.workers.keys()) {
        if (!workers.some((worker) => worker.task_id === id)) this.workers.delete(id)
      }
      for (const worker of workers) this.workers.set(worker.task_id, worker)
    } catch (error) {
      this.failure = asFailure(error)
    }
  }

  #fill(view: OperationOutput<'board.view'>): void {
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- local to this call
    const known = new Map(this.#cells)
    this.#cells.clear()
    for (const status of TASK_STATUSES) {
      const shown = view.columns.find((candidate) => candidate.status === status)
      const cards = [...(shown?.cards ?? [])].sort(CARD_ORDERS[status])
      for (const card of cards) this.#cells.set(card.id, renewed(known.get(card.id), card))
      this.columns[status].ids = cards.map((card) => card.id)
      this.columns[status].count = shown?.count ?? view.board.counts[status]
    }
    this.board = view.board
    this.dispatcher = view.dispatcher
    this.#cursor = view.cursor
    this.revision++
  }

  #apply(changes: Changes, cursor: number): void {
    this.#take(changes)
    for (const status of TASK_STATUSES) this.columns[status].count = changes.counts[status]
    this.dispatcher = changes.dispatcher
    this.#cursor = cursor
  }

  #take({ cards, removed }: { cards: readonly Card[]; removed: readonly string[] }): void {
    if (cards.length === 0 && removed.length === 0) return
    // eslint-disable-next-line svelte/prefer-svelte-reactivity -- local to this call
    const changed = new Map<TaskStatus, string[]>()
    const editable = (status: TaskStatus): string[] => {
      const known = changed.get(status) ?? [...this.columns[status].ids]
      changed.set(status, known)
      return known
    }
    for (const id of removed) this.#leave(id, editable)
    for (const card of cards) this.#place(card, editable)
    for (const [status, ids] of changed) this.columns[status].ids = ids
    this.revision++
  }

  #leave(id: string, editable: (status: TaskStatus) => string[]): void {
    const cell = this.#cells.get(id)
    if (cell === undefined) return
    this.#cells.delete(id)
    const ids = editable(cell.card.status)
    const index = ids.indexOf(id)
    if (index >= 0) ids.splice(index, 1)
  }

  #place(card: Card, editable: (status: TaskStatus) => string[]): void {
    const cell = this.#cells.get(card.id)
    const order = CARD_ORDERS[card.status]
    if (card.status === 'archived' && !this.showsArchived) return this.#leave(card.id, editable)
    if (cell !== undefined && cell.card.status === card.status && order(cell.card, card) === 0) {
      cell.card = card
      return
    }
    if (cell !== undefined) {
      const from = editable(cell.card.status)
      const index = from.indexOf(card.id)
      if (index >= 0) from.splice(index, 1)
      cell.card = card
    } else this.#cells.set(card.id, new CardCell(card))
    const to = editable(card.status)
    const compare = (a: string, b: string) => order(this.#known(a), this.#known(b))
    to.splice(insertionIndex(to, card.id, compare), 0, card.id)
  }

  #known(id: string): Card {
    const cell = this.#cells.get(id)
    if (cell === undefined) throw new Error(`The column holds ${id}, the board does not`)
    return cell.card
  }
}

/** A known card keeps its signal, so that the elements that show it stay. */
function renewed(cell: CardCell | undefined, card: Card): CardCell {
  if (cell === undefined) return new CardCell(card)
  cell.card = card
  return cell
}

function isCut({ status, count, cards }: OperationOutput<'board.view'>['columns'][number]): boolean {
  return status !== 'done' && status !== 'archived' && cards.length < count
}
