import type {
  Attachment,
  Board,
  BoardEvent,
  Client,
  Comment,
  Message,
  Omitted,
  Question,
  Run,
  Task,
  TaskDetail,
  Why,
  Worker,
} from '../../contract/index.ts'
import { Coalescer } from '../shared/coalescer.ts'
import type { OpenBoard } from '../shared/context.ts'
import { asFailure, type Failure } from '../shared/errors.ts'
import type { ShownWalk } from './walk/walk.ts'
import { isSame, keepSame } from './same.ts'
import type { FailureLimit } from './verdict-parts.ts'

/** Events within this time are read together. */
const GATHER = 50
/** How often a live process is checked, while the window is visible. */
const PULSE = 2000
/** How many pulses between reads of a waiting task: limits and dispatchers cause no event of it. */
const WAITING_PULSES = 3
/** How many messages are read at once. */
const PAGE = 1000
/** How long after its report a process is expected to end, in milliseconds. */
const SETTLES_WITHIN = 120_000

/**
 * One task in the drawer: read once, then kept up to date. Each part is its own signal and is replaced only when it has
 * changed, so that a change of one run re-renders only that run.
 */
export class TaskStore {
  readonly id: string
  readonly board: OpenBoard

  phase = $state<'loading' | 'ready' | 'failed' | 'gone'>('loading')
  failure = $state.raw<Failure | null>(null)
  task = $state.raw<Task | null>(null)
  /** Oldest first. */
  runs = $state.raw<readonly Run[]>([])
  comments = $state.raw<readonly Comment[]>([])
  /** The questions of its runs, oldest first. */
  questions = $state.raw<readonly Question[]>([])
  /** What was said to its workers, oldest first. */
  told = $state.raw<readonly Message[]>([])
  attachments = $state.raw<readonly Attachment[]>([])
  events = $state.raw<readonly BoardEvent[]>([])
  parents = $state.raw<readonly string[]>([])
  children = $state.raw<readonly string[]>([])
  why = $state.raw<Why>(null)
  /** The newest walk through a workflow; null without one. */
  walk = $state.raw<ShownWalk | null>(null)
  /** What the answer left out because the task is large. */
  omitted = $state.raw<Omitted | null>(null)
  /** The process of the open run, while there is one. */
  worker = $state.raw<Worker | null>(null)

  #settings = $state.raw<Board['settings'] | null>(null)
  readonly #client: Client
  readonly #waiting: (() => void)[] = []
  readonly #reading = new Coalescer(() => this.#read(), { wait: GATHER })
  #pulses = 0
  #ends: (() => void)[] = []
  #stopped = false

  constructor(client: Client, board: OpenBoard, id: string) {
    this.#client = client
    this.board = board
    this.id = id
  }

  /** @returns a function that stops it, to be returned from `onMount` */
  start(): () => void {
    const pulse = setInterval(() => {
      if (!document.hidden) this.#beat()
    }, PULSE)
    this.#ends = [
      this.board.feed.subscribe((event) => this.#hear(event)),
      this.board.feed.onReconnect(() => this.refreshSoon()),
      () => clearInterval(pulse),
    ]
    void this.refresh()
    void this.#readSettings()
    return () => this.stop()
  }

  stop(): void {
    this.#stopped = true
    this.#waiting.length = 0
    this.#ends.splice(0).forEach((end) => end())
    this.#reading.stop()
  }

  get openRun(): Run | null {
    const last = this.runs.at(-1)
    return last?.outcome === null ? last : null
  }

  run(attempt: number): Run | undefined {
    return this.runs.find((run) => run.attempt === attempt)
  }

  /** After how many consecutive failures Runboard gives up on this task, and where that limit is set. */
  get failureLimit(): FailureLimit {
    const { task } = this
    if (task?.max_retries != null) return { limit: task.max_retries, source: 'task' }
    const profile = this.board.profiles.find(({ name }) => name === task?.assignee)
    if (profile?.failure_limit != null) return { limit: profile.failure_limit, source: 'profile' }
    if (this.#settings?.failure_limit != null) return { limit: this.#settings.failure_limit, source: 'board' }
    return { limit: 3, source: 'default' }
  }

  /** Runs it once the task has been read, or could not be: a key that was pressed before must not be lost. */
  whenRead(body: () => void): void {
    if (this.phase === 'loading') this.#waiting.push(body)
    else body()
  }

  refreshSoon(): void {
    this.#reading.soon()
  }

  /** Reads the task. Calls during a read cause one more read. */
  refresh(): Promise<void> {
    return this.#reading.now()
  }

  async #read(): Promise<void> {
    try {
      const detail = await this.#client.task.show({ board: this.board.slug, id: this.id })
      if (this.#stopped) return
      const [walk, told] = await Promise.all([this.#readWalk(detail.task), this.#readTold()])
      if (this.#stopped) return
      this.#take(detail)
      this.told = keepSame(this.told, told)
      if (!isSame(this.walk, walk)) this.walk = walk
      this.failure = null
      this.phase = 'ready'
      if (this.openRun !== null && this.worker === null) void this.#readWorker()
    } catch (error) {
      this.failure = asFailure(error)
      if (this.failure.code === 'NOT_FOUND') this.phase = 'gone'
      else if (this.task === null) this.phase = 'failed'
    } finally {
      if (this.phase !== 'loading') for (const body of this.#waiting.splice(0)) body()
    }
  }

  async #readTold(): Promise<Message[]> {
    const told: Message[] = []
    for (;;) {
      const since = told.at(-1)?.id ?? 0
      const page = await this.#client.message.list({
        board: this.board.slug,
        id: this.id,
        since,
        limit: PAGE,
      })
      told.push(...page.messages)
      if (page.messages.length < PAGE) return told
    }
  }

  async #readWalk({ workflow_template_id }: Task): Promise<ShownWalk | null> {
    if (workflow_template_id === null) return null
    const { walks } = await this.#client.task.walk({ board: this.board.slug, id: this.id })
    return walks.at(-1) ?? null
  }

  /** Applies a verb's answer before its event arrives. */
  apply(task: Task): void {
    if (!isSame(this.task, task)) this.task = task
    this.refreshSoon()
  }

  #take({ task, runs, comments, questions, attachments, events, links, why, omitted }: TaskDetail): void {
    if (!isSame(this.task, task)) this.task = task
    if (!isSame(this.why, why)) this.why = why
    if (!isSame(this.omitted, omitted ?? null)) this.omitted = omitted ?? null
    if (!isSame(this.parents, links.parents)) this.parents = links.parents
    if (!isSame(this.children, links.children)) this.children = links.children
    this.runs = keepSame(this.runs, runs.map(withoutClock))
    this.comments = keepSame(this.comments, comments)
    this.questions = keepSame(this.questions, questions)
    this.attachments = keepSame(this.attachments, attachments)
    this.events = keepSame(this.events, events)
    if (this.openRun === null) this.worker = null
  }

  #hear(event: BoardEvent): void {
    const isNear =
      event.task_id === null ||
      event.task_id === this.id ||
      this.parents.includes(event.task_id) ||
      this.children.includes(event.task_id)
    if (isNear) this.refreshSoon()
  }

  #beat(): void {
    this.#pulses++
    if (this.openRun !== null) void this.#readWorker()
    else if (this.task?.status === 'ready' && this.#pulses % WAITING_PULSES === 0) this.refreshSoon()
    else if (this.phase === 'failed' || this.#isSettling()) this.refreshSoon()
  }

  /**
   * Whether the newest run had reported when it was read, but its process had not ended. The exit and the changed files
   * are recorded later, and perhaps without an event, so the task must be read again.
   */
  #isSettling(): boolean {
    const last = this.runs.at(-1)
    if (last?.ended_at == null || last.spawned_at === null) return false
    return last.exit_code === null && last.signal === null && Date.now() - last.ended_at < SETTLES_WITHIN
  }

  async #readWorker(): Promise<void> {
    try {
      const { workers } = await this.#client.worker.list({ board: this.board.slug })
      if (this.#stopped) return
      const worker = workers.find(({ task_id }) => task_id === this.id) ?? null
      if (!isSame(this.worker, worker)) this.worker = this.openRun === null ? null : worker
    } catch (error) {
      this.failure = asFailure(error) // the feed is then broken too, and shows it
    }
  }

  async #readSettings(): Promise<void> {
    try {
      const { board } = await this.#client.board.show({ board: this.board.slug })
      this.#settings = board.settings
    } catch (error) {
      this.failure = asFailure(error) // without it the default failure limit is assumed
    }
  }
}

/** The elapsed time of an open run differs in each answer; clocks count it from `started_at`. */
function withoutClock(run: Run): Run {
  return run.ended_at === null ? { ...run, elapsed_ms: 0 } : run
}
