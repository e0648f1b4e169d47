import {
  ATTENTION_EVENT_KINDS,
  type BoardEvent,
  type Client,
  type EventKind,
  FAILURE_EVENT_KINDS,
  type NotifyLevel,
} from '../../contract/index.ts'
import { type EventMark, markOf } from './event-mark.ts'
import { groupedNotice, heldProfileNotice, type Notice, noticeOf, type Occasion } from './sentences.ts'

const ATTENTION_KINDS: ReadonlySet<EventKind> = new Set([...FAILURE_EVENT_KINDS, ...ATTENTION_EVENT_KINDS])

/** The end of a run writes several events; after this time all are there. In milliseconds. */
const COLLECT_MS = 300
/** After a notification, events within this time are grouped into one. In milliseconds. */
const BURST_MS = 4_000
/** Up to this many notifications are shown one by one; more are grouped into one. */
const SINGLE_LIMIT = 3
/** The longest timer: setTimeout takes 31 bits. */
const LONGEST_SLEEP_MS = 3_600_000

interface Pending {
  board: string
  task_id: string
  run_id: number | null
  kinds: Set<EventKind>
}

export interface AttentionOptions {
  client: Client
  tell: (notice: Notice) => void
  report: (message: string, cause: unknown) => void
  /** The board's current notification level. */
  levelOf: (board: string) => NotifyLevel
  /** When the quiet hours end, or null outside of them. Both in milliseconds since the epoch. */
  quietUntil: (now: number) => number | null
  /** Called when every event of the board up to this one has been notified or deliberately skipped. */
  onTold: (board: string, mark: EventMark) => void
  clock?: () => number
}

/**
 * Notifies about failed runs and tasks that need a person: once per run, after the dispatcher has decided what comes
 * next, and a burst as one notification. Events from while the app was closed, or from the quiet hours, are grouped
 * into one notification.
 */
export class Attention {
  readonly #options: AttentionOptions
  readonly #clock: () => number
  readonly #startedAt: number
  readonly #pending = new Map<string, Pending>()
  /** Shown with the others, but not about a task. */
  readonly #ready: Notice[] = []
  /** The newest event received from each board, whether or not it causes a notification. */
  readonly #taken = new Map<string, EventMark>()
  #occasion: Occasion = 'burst'
  #timer: NodeJS.Timeout | undefined
  #toldAt = Number.NEGATIVE_INFINITY
  /** Notifications in progress: one after the other, so that they are recorded in order. */
  #telling: Promise<void> = Promise.resolve()
  #isTelling = false
  #isStopped = false

  constructor(options: AttentionOptions) {
    this.#options = options
    this.#clock = options.clock ?? Date.now
    this.#startedAt = this.#clock()
  }

  /** Receives one event of a board. */
  notice(board: string, event: BoardEvent): void {
    this.#taken.set(board, markOf(event))
    if (!this.#collect(board, event)) return
    if (event.created_at < this.#startedAt) this.#occasion = 'closed'
    // No longer than a burst, also where the clock was set back since.
    const quietFor = Math.min(BURST_MS, this.#toldAt + BURST_MS - this.#clock())
    this.#timer ??= setTimeout(() => void this.tellNow(), Math.max(COLLECT_MS, quietFor))
  }

  /** @returns whether the event causes a notification */
  #collect(board: string, event: BoardEvent): boolean {
    const level = this.#options.levelOf(board)
    if (level === 'none') return false
    const held = heldProfileNotice(board, event)
    if (held !== null) this.#ready.push(held)
    else if (event.task_id === null || !isTold(event.kind, level)) return false
    else this.#add(board, event, event.task_id)
    return true
  }

  #add(board: string, event: BoardEvent, taskId: string): void {
    const key = `${board}/${taskId}/${event.run_id ?? ''}`
    const pending = this.#pending.get(key) ?? {
      board,
      task_id: taskId,
      run_id: event.run_id,
      kinds: new Set(),
    }
    pending.kinds.add(event.kind)
    this.#pending.set(key, pending)
  }

  /** Notifies about everything collected, or waits for the end of the quiet hours. */
  async tellNow(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#telling = this.#telling.then(() => this.#tellCollected())
    return this.#telling
  }

  async #tellCollected(): Promise<void> {
    if (this.#isStopped) return
    const now = this.#clock()
    const end = this.#options.quietUntil(now)
    if (end !== null) {
      this.#occasion = 'quiet'
      this.#timer ??= setTimeout(() => void this.tellNow(), Math.min(end - now, LONGEST_SLEEP_MS))
      return
    }
    const [occasion, collected, taken] = [this.#occasion, [...this.#pending.values()], [...this.#taken]]
    this.#occasion = 'burst'
    this.#pending.clear()
    this.#isTelling = true
    const found = await Promise.all(collected.map((pending) => this.#noticeOf(pending)))
    this.#isTelling = false
    if (this.#isStopped) return
    this.#tell([...this.#ready.splice(0), ...found.filter((notice) => notice !== null)], occasion)
    for (const [board, mark] of taken) this.#options.onTold(board, mark)
  }

  /** Call it when the quiet hours have changed. */
  quietHoursChanged(): void {
    if (this.#timer !== undefined && this.#occasion === 'quiet') void this.tellNow()
  }

  #tell(notices: readonly Notice[], occasion: Occasion): void {
    const [first, ...rest] = notices
    if (first === undefined) return
    this.#toldAt = this.#clock()
    const singly = occasion === 'burst' ? SINGLE_LIMIT : 1
    if (notices.length > singly) this.#options.tell(groupedNotice([first, ...rest], occasion))
    else for (const notice of notices) this.#options.tell(notice)
  }

  /** Pending notifications are shown at the next start. */
  stop(): void {
    this.#isStopped = true
    clearTimeout(this.#timer)
    if (this.#pending.size === 0 && this.#ready.length === 0 && !this.#isTelling) {
      for (const [board, mark] of this.#taken) this.#options.onTold(board, mark)
    }
    this.#taken.clear()
    this.#pending.clear()
    this.#ready.length = 0
  }

  async #noticeOf({ board, task_id: id, run_id: runId, kinds }: Pending): Promise<Notice | null> {
    try {
      const detail = await this.#options.client.task.show({ board, id })
      return noticeOf(board, detail, kinds, runId, this.#clock())
    } catch (error) {
      if (!this.#isStopped) {
        this.#options.report(`Task ${id} on board “${board}” needs a look, but cannot be read`, error)
      }
      return null
    }
  }
}

function isTold(kind: EventKind, level: NotifyLevel): boolean {
  return ATTENTION_KINDS.has(kind) || (level === 'all' && kind === 'completed')
}
