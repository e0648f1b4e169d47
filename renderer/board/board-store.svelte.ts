import { SvelteMap } from 'svelte/reactivity'
import type {
  Board,
  BoardEvent,
  Client,
  Conflict,
  DispatcherState,
  OperationOutput,
  ProfileState,
  Task,
  Worker,
} from '../../contract/index.ts'
import { hasEnded, TASK_STATUSES, type TaskStatus } from '../../contract/states.ts'
import { announce } from '../shared/announce.svelte.ts'
import { Coalescer } from '../shared/coalescer.ts'
import { toasts } from '../shared/toasts.svelte.ts'
import type { OpenBoard } from '../shared/context.ts'
import { asFailure, type Failure } from '../shared/errors.ts'
import { whenIdle } from '../shared/idle.ts'
import { LiveFeed } from '../shared/live.svelte.ts'
import { profileColors } from '../shared/profile-colors.svelte.ts'
import { Conflicts } from './conflicts.svelte.ts'
import { LoadedCards } from './loaded-cards.svelte.ts'

const DONE_PAGE = 200
/** How many cards of each column are read first, so that a large board appears before all of it has loaded. */
const FIRST_CARDS = 40
/** Events within this time are fetched together. */
const GATHER = 40
/** How often to read what no event reports: who holds the lease, today's counts. Only while the window is visible. */
const PULSE = 5000
const BESIDE = 1500

type Changes = Pick<OperationOutput<'board.changes'>, 'cards' | 'removed' | 'counts' | 'dispatcher'>
export type Stats = OperationOutput<'stats.show'>

/** The board in the window: read once, then kept up to date by changes. */
export class BoardStore extends LoadedCards implements OpenBoard {
  readonly slug: string
  readonly feed: LiveFeed

  phase = $state<'loading' | 'ready' | 'failed'>('loading')
  failure = $state.raw<Failure | null>(null)
  board = $state.raw<Board | null>(null)
  dispatcher = $state.raw<DispatcherState | null>(null)
  profiles = $state.raw<readonly ProfileState[]>([])
  stats = $state.raw<Stats | null>(null)
  /** Workers by task: their output and memory are not part of a card. */
  readonly workers = new SvelteMap<string, Worker>()

  readonly #client: Client
  readonly #conflicts: Conflicts
  #cursor = 0
  #doneLimit = DONE_PAGE
  /** Only the first cards are loaded. */
  #isPartial = false
  readonly #changes = new Coalescer(() => this.#readChanges(), { wait: GATHER })
  /** Reads the counts, profiles and workers at most once per interval, even if the cards change faster. */
  readonly #beside = new Coalescer(() => this.#readBeside(), { every: BESIDE })
  #stopped = false
  #pulse: ReturnType<typeof setInterval> | undefined

  constructor(client: Client, slug: string) {
    super()
    this.#client = client
    this.slug = slug
    this.feed = new LiveFeed(client, slug)
    this.#conflicts = new Conflicts(client, slug)
    this.feed.subscribe((event) => this.#hear(event))
    this.feed.onReconnect(() => this.#changes.soon())
  }

  async start(): Promise<void> {
    await this.load()
    if (this.#stopped) return
    this.#pulse = setInterval(() => {
      if (!document.hidden) this.#changes.soon()
    }, PULSE)
  }

  stop(): void {
    this.#stopped = true
    this.feed.stop()
    this.#conflicts.stop()
    clearInterval(this.#pulse)
    this.#changes.stop()
    this.#beside.stop()
  }

  conflictsOf(id: string): readonly Conflict[] {
    return this.#conflicts.of(id)
  }

  #lookForConflicts(): void {
    for (const { workspace_kind, status } of this.cards())
      if (workspace_kind === 'worktree' && status !== 'archived') return this.#conflicts.lookSoon()
  }

  get unseen(): number {
    return this.stats?.unseen ?? 0
  }

  get inReview(): readonly string[] {
    return this.columns.review.ids
  }

  get mergeMethod(): 'merge' | 'squash' {
    return this.board?.settings.merge_method ?? 'merge'
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
      this.#show(view)
      this.#isPartial = isFirst && view.columns.some(isCut)
      this.phase = 'ready'
      this.failure = null
      // What follows would delay the first paint of the cards.
      if (isFirst) await whenIdle()
      if (this.#stopped) return
      this.#lookForConflicts()
      this.feed.start(this.#cursor)
      this.#beside.soon()
      if (this.#isPartial) await this.load()
    } catch (error) {
      if (this.#stopped) return
      this.failure = asFailure(error)
      if (this.phase === 'loading') this.phase = 'failed'
    }
  }

  /** Whether cards are still missing that the first answer left out. */
  get isPartial(): boolean {
    return this.#isPartial
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
    const isFinished = hasEnded({ status })
    const { tasks } = await this.#client.task.list({
      board: this.slug,
      status: [status],
      archived: status === 'archived',
      sort: isFinished ? '-updated' : '-priority',
      offset: column.ids.length,
      limit: DONE_PAGE,
    })
    this.take({ cards: tasks, removed: [] })
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
    this.#takeProfiles((await this.#client.profile.list({ board: this.slug })).profiles)
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
    const cell = this.cell(task.id)
    if (cell !== undefined) this.take({ cards: [{ ...cell.card, ...task }], removed: [] })
  }

  /** Reads the changes. Calls during a read cause one more read. */
  refresh(): Promise<void> {
    return this.#changes.now()
  }

  /** Reads the counts again, after a call that writes no event. */
  readCounts(): Promise<void> {
    return this.#beside.now()
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
      this.#takeProfiles(profiles)
      for (const id of this.workers.keys()) {
        if (!workers.some((worker) => worker.task_id === id)) this.workers.delete(id)
      }
      for (const worker of workers) this.workers.set(worker.task_id, worker)
    } catch (error) {
      this.failure = asFailure(error)
    }
  }

  #takeProfiles(profiles: readonly ProfileState[]): void {
    this.profiles = profiles
    profileColors.know(profiles.map(({ name }) => name))
  }

  #show(view: OperationOutput<'board.view'>): void {
    this.fill(view)
    this.board = view.board
    this.dispatcher = view.dispatcher
    this.#cursor = view.cursor
  }

  #apply(changes: Changes, cursor: number): void {
    this.take(changes)
    for (const status of TASK_STATUSES) this.columns[status].count = changes.counts[status]
    this.dispatcher = changes.dispatcher
    this.#cursor = cursor
    if (changes.cards.length > 0) this.#lookForConflicts()
  }
}

function isCut({ status, count, cards }: OperationOutput<'board.view'>['columns'][number]): boolean {
  return !hasEnded({ status }) && cards.length < count
}
