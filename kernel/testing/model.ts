import type { ErrorCode, Outcome, TaskStatus } from '../../contract/index.ts'

/** An attempt, as the model remembers it. */
export interface ModelRun {
  task: ModelTask
  outcome: Outcome | null
  expires_at: number
}

export interface ModelTask {
  name: string
  status: TaskStatus
  parents: Set<ModelTask>
  held: boolean
  retry_at: number | null
  failures: number
  limit: number
  assignee: string
  archived_from: TaskStatus | null
  runs: ModelRun[]
  deleted: boolean
}

/** The model's answer to a call: null when it succeeds, else the error code. */
export type Verdict = ErrorCode | null

export const CLAIM_MS = 900_000

/**
 * The rules of design §4 and §5 again, written as plainly as possible: no SQL, no transactions, no processes. The
 * property test compares the kernel with it.
 */
export class Model {
  readonly tasks: ModelTask[] = []
  now = 0

  create(
    name: string,
    parents: ModelTask[],
    given: { triage: boolean; held: boolean; limit: number },
  ): Verdict {
    if (parents.some((parent) => parent.deleted)) return 'NOT_FOUND'
    const task: ModelTask = {
      name,
      status: 'triage',
      parents: new Set(parents),
      held: given.held,
      retry_at: null,
      failures: 0,
      limit: given.limit,
      assignee: 'coder',
      archived_from: null,
      runs: [],
      deleted: false,
    }
    if (!given.triage) task.status = this.#runnable(task)
    this.tasks.push(task)
    return null
  }

  claim(task: ModelTask): Verdict {
    if (task.status !== 'ready' || task.held || (task.retry_at ?? 0) > this.now) return refusal(task)
    this.#enter(task, 'running')
    task.runs.push({ task, outcome: null, expires_at: this.now + CLAIM_MS })
    return null
  }

  heartbeat(run: ModelRun): Verdict {
    if (run.outcome !== null) return 'STALE_RUN'
    run.expires_at = Math.max(run.expires_at, this.now + CLAIM_MS)
    return null
  }

  complete(task: ModelTask): Verdict {
    if (!['running', 'ready', 'blocked', 'review'].includes(task.status)) return refusal(task)
    this.#endRun(task, 'completed')
    task.failures = 0
    this.#enter(task, 'done')
    return null
  }

  block(task: ModelTask): Verdict {
    if (!['todo', 'ready', 'running'].includes(task.status)) return refusal(task)
    this.#endRun(task, 'blocked')
    this.#enter(task, 'blocked')
    return null
  }

  requestReview(task: ModelTask): Verdict {
    if (task.status !== 'running') return refusal(task)
    this.#endRun(task, 'review_requested')
    task.failures = 0
    this.#enter(task, 'review')
    return null
  }

  approve(task: ModelTask): Verdict {
    return this.#move(task, 'review', 'done')
  }

  requestChanges(task: ModelTask): Verdict {
    return this.#move(task, 'review', 'runnable')
  }

  promote(task: ModelTask): Verdict {
    return this.#move(task, 'triage', 'runnable')
  }

  unblock(task: ModelTask): Verdict {
    if (task.status === 'blocked') task.failures = 0
    return this.#move(task, 'blocked', 'runnable')
  }

  retry(task: ModelTask): Verdict {
    if (task.status !== 'ready' && task.status !== 'blocked') return refusal(task)
    this.unblock(task)
    task.retry_at = null
    task.held = false
    return null
  }

  stop(task: ModelTask): Verdict {
    if (task.status !== 'running') return refusal(task)
    this.#endRun(task, 'stopped')
    task.held = true
    this.#enter(task, this.#runnable(task))
    return null
  }

  reclaim(task: ModelTask): Verdict {
    if (task.status !== 'running') return refusal(task)
    this.#endRun(task, 'reclaimed')
    this.#enter(task, this.#runnable(task))
    return null
  }

  reopen(task: ModelTask): Verdict {
    return this.#move(task, 'done', 'runnable')
  }

  archive(task: ModelTask): Verdict {
    if (task.deleted || task.status === 'archived') return refusal(task)
    task.archived_from = task.status === 'running' ? 'ready' : task.status
    if (task.status === 'running') this.#endRun(task, 'reclaimed')
    this.#enter(task, 'archived')
    return null
  }

  restore(task: ModelTask): Verdict {
    const was = task.archived_from
    task.archived_from = task.deleted ? was : null
    return this.#move(task, 'archived', was === 'ready' || was === 'todo' || was === null ? 'runnable' : was)
  }

  delete(task: ModelTask): Verdict {
    if (task.deleted || task.status !== 'archived') return refusal(task)
    task.deleted = true
    for (const other of this.tasks) other.parents.delete(task)
    return null
  }

  hold(task: ModelTask): Verdict {
    if (task.deleted || task.status === 'done' || task.status === 'archived') return refusal(task)
    task.held = true
    return null
  }

  release(task: ModelTask): Verdict {
    if (task.deleted) return refusal(task)
    task.held = false
    return null
  }

  assign(task: ModelTask, assignee: string): Verdict {
    if (task.deleted || task.status === 'running' || task.status === 'archived') return refusal(task)
    if (task.assignee === assignee) return null
    Object.assign(task, { assignee, failures: 0, retry_at: null })
    return null
  }

  link(parent: ModelTask, child: ModelTask): Verdict {
    if (parent.deleted || child.deleted) return 'NOT_FOUND'
    if (parent === child || this.#isBelow(parent, child)) return 'CYCLE'
    child.parents.add(parent)
    // A child that stays ready keeps the time of its next try.
    if (child.status === 'ready' && this.#runnable(child) !== 'ready') this.#enter(child, 'todo')
    return null
  }

  unlink(parent: ModelTask, child: ModelTask): Verdict {
    if (parent.deleted || child.deleted) return 'NOT_FOUND'
    child.parents.delete(parent)
    if (child.status === 'todo') this.#enter(child, this.#runnable(child))
    return null
  }

  /** The dispatcher ends the open run as failed. */
  fail(task: ModelTask, outcome: 'crashed' | 'spawn_failed' | 'timed_out', backoffMs: number): Verdict {
    if (task.status !== 'running') return refusal(task)
    task.failures++
    const isLast = task.failures >= task.limit
    this.#endRun(task, isLast && outcome === 'spawn_failed' ? 'gave_up' : outcome)
    this.#enter(task, isLast ? 'blocked' : this.#runnable(task))
    if (!isLast && this.#runnable(task) === 'ready' && backoffMs > 0) task.retry_at = this.now + backoffMs
    return null
  }

  /** A pass of the dispatcher takes back lapsed claims. */
  pass(): Verdict {
    for (const task of this.tasks) {
      const open = task.runs.find((run) => run.outcome === null)
      if (open !== undefined && open.expires_at <= this.now) this.reclaim(task)
    }
    return null
  }

  #move(task: ModelTask, from: TaskStatus, to: TaskStatus | 'runnable'): Verdict {
    if (task.deleted || task.status !== from) return refusal(task)
    this.#enter(task, to === 'runnable' ? this.#runnable(task) : to)
    return null
  }

  /** Ends the open run, or writes one that carries the handoff. Every call of the test has a handoff. */
  #endRun(task: ModelTask, outcome: Outcome): void {
    const open = task.runs.find((run) => run.outcome === null)
    if (open !== undefined) open.outcome = outcome
    else task.runs.push({ task, outcome, expires_at: 0 })
  }

  /** Children follow: they become ready when a parent is satisfied, and wait again when it no longer is. */
  #enter(task: ModelTask, status: TaskStatus): void {
    task.status = status
    task.retry_at = null
    for (const child of this.tasks) {
      if (!child.parents.has(task) || (child.status !== 'todo' && child.status !== 'ready')) continue
      const wanted = this.#runnable(child)
      if (child.status !== wanted) this.#enter(child, wanted)
    }
  }

  #runnable(task: ModelTask): 'ready' | 'todo' {
    const isOpen = (parent: ModelTask) => parent.status !== 'done' && parent.status !== 'archived'
    return [...task.parents].some(isOpen) ? 'todo' : 'ready'
  }

  #isBelow(task: ModelTask, ancestor: ModelTask): boolean {
    return [...task.parents].some((parent) => parent === ancestor || this.#isBelow(parent, ancestor))
  }
}

function refusal(task: ModelTask): Verdict {
  return task.deleted ? 'NOT_FOUND' : 'CONFLICT'
}
