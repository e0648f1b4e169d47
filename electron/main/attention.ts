import { ATTENTION_EVENT_KINDS, FAILURE_EVENT_KINDS } from '../../contract/index.ts'
import type { BoardEvent, Client, EventKind } from '../../contract/index.ts'
import { groupedNotice, heldProfileNotice, noticeOf } from './sentences.ts'
import type { Notice } from './sentences.ts'

const TOLD_KINDS: ReadonlySet<EventKind> = new Set([...FAILURE_EVENT_KINDS, ...ATTENTION_EVENT_KINDS])

/** A run's end writes several events; by then they are all there. In milliseconds. */
const COLLECT_MS = 300
/** After something was told, what comes within this is told together. In milliseconds. */
const BURST_MS = 4_000
/** So many are told one by one; more become one notice. */
const SINGLE_LIMIT = 3

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
  clock?: () => number
}

/**
 * Tells of runs that failed and of tasks that need a person: once a run, after what comes next has been decided, and
 * several that come in a burst as one.
 */
export class Attention {
  readonly #options: AttentionOptions
  readonly #clock: () => number
  readonly #pending = new Map<string, Pending>()
  /** Told with the others, but about no task. */
  readonly #ready: Notice[] = []
  #timer: NodeJS.Timeout | undefined
  #toldAt = Number.NEGATIVE_INFINITY

  constructor(options: AttentionOptions) {
    this.#options = options
    this.#clock = options.clock ?? Date.now
  }

  /** Takes one event of a board. */
  notice(board: string, event: BoardEvent): void {
    const held = heldProfileNotice(board, event)
    if (held !== null) this.#ready.push(held)
    else if (event.task_id !== null && TOLD_KINDS.has(event.kind)) this.#add(board, event, event.task_id)
    else return
    const quietFor = this.#toldAt + BURST_MS - this.#clock()
    this.#timer ??= setTimeout(() => void this.tellNow(), Math.max(COLLECT_MS, quietFor))
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

  /** Tells what has been collected. */
  async tellNow(): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const collected = [...this.#pending.values()]
    this.#pending.clear()
    const found = await Promise.all(collected.map((pending) => this.#noticeOf(pending)))
    const notices = [...this.#ready.splice(0), ...found.filter((notice) => notice !== null)]
    const [first, ...rest] = notices
    if (first === undefined) return
    this.#toldAt = this.#clock()
    if (notices.length > SINGLE_LIMIT) this.#options.tell(groupedNotice([first, ...rest]))
    else for (const notice of notices) this.#options.tell(notice)
  }

  stop(): void {
    clearTimeout(this.#timer)
    this.#pending.clear()
    this.#ready.length = 0
  }

  async #noticeOf({ board, task_id: id, run_id: runId, kinds }: Pending): Promise<Notice | null> {
    try {
      const detail = await this.#options.client.task.show({ board, id })
      return noticeOf(board, detail, kinds, runId, this.#clock())
    } catch (cause) {
      this.#options.report(`Task ${id} on board “${board}” needs a look, but cannot be read`, cause)
      return null
    }
  }
}
