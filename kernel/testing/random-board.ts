import fc from 'fast-check'
import { expect } from 'vitest'
import { OperationError, type Outcome, type TaskStatus } from '../../contract/index.ts'
import type { Caller } from '../api.ts'
import { failOpenRun } from './factories.ts'
import { Model, type ModelRun, type ModelTask, type Verdict } from './model.ts'
import type { Setup } from './setup.ts'

const ACTIONS = [
  'create',
  'claim',
  'claim',
  'heartbeat',
  'complete',
  'completeAsWorker',
  'completeAsWorker',
  'block',
  'blockAsWorker',
  'reviewAsWorker',
  'approve',
  'requestChanges',
  'unblock',
  'retry',
  'stop',
  'reclaim',
  'reopen',
  'archive',
  'restore',
  'promote',
  'hold',
  'release',
  'assign',
  'link',
  'unlink',
  'delete',
  'fail',
  'fail',
  'advance',
  'pass',
] as const

/**
 * One action of a person, a worker or the dispatcher; `a`, `b` and `n` choose its objects, modulo how many there are.
 */
export interface Step {
  action: (typeof ACTIONS)[number]
  a: number
  b: number
  n: number
}

/** @returns lists of steps that begin by creating some tasks to act on */
export function steps(most: number): fc.Arbitrary<Step[]> {
  const step = fc.record({
    action: fc.constantFrom(...ACTIONS),
    a: fc.nat({ max: 1000 }),
    b: fc.nat({ max: 1000 }),
    n: fc.nat({ max: 1000 }),
  })
  const beginning = fc
    .array(step, { minLength: 3, maxLength: 5 })
    .map((list) => list.map((one) => ({ ...one, action: 'create' as const })))
  const rest = fc.array(step, { minLength: Math.floor(most / 2), maxLength: most, size: 'max' })
  return fc.tuple(beginning, rest).map(([first, others]) => [...first, ...others])
}

/**
 * The statuses in which an action is allowed. Two times in three it is applied to a task in one of them, else to any.
 */
const FITTING: Partial<Record<Step['action'], readonly TaskStatus[]>> = {
  claim: ['ready'],
  fail: ['running'],
  complete: ['running', 'ready', 'blocked', 'review'],
  block: ['todo', 'ready', 'running'],
  approve: ['review'],
  requestChanges: ['review'],
  unblock: ['blocked'],
  retry: ['blocked', 'ready'],
  stop: ['running'],
  reclaim: ['running'],
  reopen: ['done'],
  restore: ['archived'],
  promote: ['triage'],
  delete: ['archived'],
}

const PEOPLE = ['ada', 'grace', 'linus']

/** Applies each step to a board and to the model, and compares them afterwards. */
export class RandomBoard {
  readonly #bundle: Setup
  readonly #model = new Model()
  readonly #ids = new Map<ModelTask, string>()
  readonly #workers = new Map<ModelRun, Caller>()

  constructor(bundle: Setup) {
    this.#bundle = bundle
    this.#model.now = bundle.clock.now
  }

  async do(step: Step): Promise<void> {
    const task = this.#choose(step)
    const { expected, happened } =
      step.action === 'create'
        ? await this.#create(step)
        : task === undefined
          ? { expected: null, happened: null }
          : await this.#act(step, task)
    expect({ step, verdict: happened }).toEqual({ step, verdict: expected })
    this.#compare(step)
  }

  #choose({ action, a, n }: Step): ModelTask | undefined {
    const { tasks } = this.#model
    const fitting = tasks.filter((task) => !task.deleted && FITTING[action]?.includes(task.status) === true)
    const among = n % 3 === 0 || fitting.length === 0 ? tasks : fitting
    return among[a % Math.max(1, among.length)]
  }

  async #create({ a, b, n }: Step) {
    const { tasks } = this.#model
    const parents =
      tasks.length === 0 ? [] : [...new Set([a, b].slice(0, n % 3).map((at) => tasks[at % tasks.length]!))]
    const given = { triage: n % 7 === 0, held: n % 11 === 0, limit: (n % 4) + 1 }
    const name = `T${tasks.length}`
    const expected = this.#model.create(name, parents, given)
    const happened = await verdictOf(async () => {
      const { limit, ...flags } = given
      const ids = parents.map((parent) => this.#idOf(parent))
      const input = { title: name, assignee: 'coder', parents: ids, max_retries: limit, ...flags }
      const { task } = await this.#bundle.call('task.create', input, this.#person(a))
      this.#ids.set(tasks.at(-1)!, task.id)
    })
    return { expected, happened }
  }

  async #act(step: Step, task: ModelTask): Promise<{ expected: Verdict; happened: Verdict }> {
    const model = this.#model
    const { action, b, n } = step
    const linked = [...task.parents]
    const near = action === 'unlink' && linked.length > 0 ? linked : model.tasks
    const other = near[b % near.length]!
    const id = this.#idOf(task)
    const handoff = { summary: `by ${n}` }
    switch (action) {
      case 'claim':
        return this.#claim(task, step)
      case 'heartbeat':
      case 'completeAsWorker':
      case 'blockAsWorker':
      case 'reviewAsWorker':
        return this.#asWorker(step)
      case 'complete':
        return this.#call(model.complete(task), 'task.complete', { id, ...handoff }, step)
      case 'block':
        return this.#call(model.block(task), 'task.block', { id, reason: 'Why?' }, step)
      case 'requestChanges':
        return this.#call(model.requestChanges(task), 'task.request_changes', { id, note: 'Again' }, step)
      case 'assign': {
        const assignee = n % 2 === 0 ? 'coder' : 'tester'
        return this.#call(model.assign(task, assignee), 'task.assign', { id, assignee }, step)
      }
      case 'link':
      case 'unlink': {
        const input = { parent_id: this.#idOf(other), child_id: id }
        const name = action === 'link' ? 'link.add' : 'link.remove'
        return this.#call(model[action](other, task), name, input, step)
      }
      case 'fail':
        return this.#fail(task, step)
      case 'advance':
        model.now = this.#bundle.clock.advance(n % 5 === 0 ? 1_000_000 : n * 30)
        return { expected: null, happened: null }
      case 'pass':
        return this.#call(model.pass(), 'dispatcher.dispatch', {}, step)
      case 'create':
        throw new Error('creating is done elsewhere')
      default:
        return this.#call(model[action](task), `task.${action}`, { id }, step)
    }
  }

  async #claim(task: ModelTask, step: Step) {
    const expected = this.#model.claim(task)
    const happened = await verdictOf(async () => {
      const { worker } = await this.#bundle.claim(this.#idOf(task))
      this.#workers.set(task.runs.at(-1)!, worker)
    })
    return { expected, happened, step }
  }

  /** A worker with any claim that was ever given, over or not. */
  async #asWorker(step: Step) {
    const open = [...this.#workers].filter(([{ outcome, task }]) => outcome === null && !task.deleted)
    const among = step.n % 3 === 0 || open.length === 0 ? [...this.#workers] : open
    const [run, worker] = among[step.b % Math.max(1, among.length)] ?? []
    if (run === undefined || worker === undefined) return { expected: null, happened: null }
    const isOver = run.outcome !== null || run.task.deleted
    const id = this.#idOf(run.task)
    const late: Verdict = isOver ? 'STALE_RUN' : null
    switch (step.action) {
      case 'heartbeat':
        return this.#call(late ?? this.#model.heartbeat(run), 'task.heartbeat', { id }, step, worker)
      case 'blockAsWorker':
        return this.#call(
          late ?? this.#model.block(run.task),
          'task.block',
          { id, reason: 'Why?' },
          step,
          worker,
        )
      case 'reviewAsWorker':
        return this.#call(
          late ?? this.#model.requestReview(run.task),
          'task.request_review',
          { id },
          step,
          worker,
        )
      default: {
        const expected = run.task.deleted ? 'NOT_FOUND' : (late ?? this.#model.complete(run.task))
        return this.#call(expected, 'task.complete', { id, summary: 'Done' }, step, worker)
      }
    }
  }

  async #fail(task: ModelTask, { b, n }: Step) {
    const outcome = (['crashed', 'spawn_failed', 'timed_out'] as const)[b % 3]!
    const backoff_seconds = n % 2 === 0 ? 0 : 10
    if (task.deleted || task.status !== 'running') return { expected: null, happened: null }
    const failures = task.failures
    const expected = this.#model.fail(task, outcome, backoff_seconds * 1000 * 2 ** failures)
    failOpenRun(this.#bundle, this.#idOf(task), { outcome }, { backoff_seconds })
    return { expected, happened: null }
  }

  async #call(expected: Verdict, name: string, input: object, { a }: Step, caller?: Caller) {
    const happened = await verdictOf(() =>
      this.#bundle.call(name as 'task.complete', input as { id: string }, caller ?? this.#person(a)),
    )
    return { expected, happened }
  }

  #person(n: number): Caller {
    return { ...this.#bundle.person, actor: PEOPLE[n % PEOPLE.length]! }
  }

  #idOf(task: ModelTask): string {
    return this.#ids.get(task) ?? 't_00000000'
  }

  #compare(step: Step): void {
    const rows = this.#bundle.inspector.all<BoardRow>(
      `SELECT task.id, task.status, task.held, task.retry_at, task.consecutive_failures AS failures,
        (SELECT json_group_array(outcome) FROM (SELECT outcome FROM task_runs WHERE task_id = task.id ORDER BY attempt)) AS outcomes
       FROM tasks AS task`,
    )
    const onBoard = new Map(
      rows.map(({ id, outcomes, ...row }) => [id, { ...row, outcomes: JSON.parse(outcomes) as unknown }]),
    )
    const inModel = new Map(
      this.#model.tasks
        .filter((task) => !task.deleted)
        .map((task) => [this.#idOf(task), shownOf(task)] as const),
    )
    expect({ step, tasks: onBoard }).toEqual({ step, tasks: inModel })
  }
}

interface BoardRow {
  id: string
  status: TaskStatus
  held: number
  retry_at: number | null
  failures: number
  outcomes: string
}

function shownOf({ status, held, retry_at, failures, runs }: ModelTask) {
  const outcomes: (Outcome | null)[] = runs.map((run) => run.outcome)
  return { status, held: held ? 1 : 0, retry_at, failures, outcomes }
}

async function verdictOf(body: () => Promise<unknown>): Promise<Verdict> {
  try {
    await body()
    return null
  } catch (error) {
    if (error instanceof OperationError) return error.code
    throw error
  }
}
