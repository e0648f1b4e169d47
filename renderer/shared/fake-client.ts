import type {
  BoardEvent,
  Card,
  Client,
  DispatcherState,
  OperationOutput,
  Task,
} from '../../contract/index.ts'
import { hasEnded, hasFailed, TASK_STATUSES, type TaskStatus } from '../../contract/states.ts'
import { fakeBoard, fakeCards, fakeProfiles, noCounts } from './fake-data.ts'

/** Controls of the board behind a fake client, for a test or a page without a kernel. */
export interface FakeBoard {
  client: Client
  cards: Map<string, Card>
  /** Changes a card and notifies the watchers. */
  change: (id: string, change: Partial<Card>) => void
}

type Handler = (input: {
  id: string
  since: number
  status: TaskStatus
  search?: string
  limit?: number
}) => unknown

/** A client over cards in memory. It implements enough operations to view the screens, and refuses the others. */
export function fakeClient(size: number, now = Date.now()): FakeBoard {
  const cards = new Map(fakeCards(size, now).map((card) => [card.id, card]))
  const log: { cursor: number; id: string }[] = []
  const wake: (() => void)[] = []
  let paused = false

  const dispatcher = (): DispatcherState => ({
    who: 'here',
    holder: 'this window',
    pid: 4242,
    paused,
    running: countOf('running'),
    limit: 4,
  })
  const countOf = (status: TaskStatus) => [...cards.values()].filter((card) => card.status === status).length
  const counts = () => {
    const all = noCounts()
    for (const card of cards.values()) all[card.status]++
    return all
  }
  const board = () => fakeBoard('runboard', 'Runboard', counts(), now)

  function change(id: string, values: Partial<Card>): void {
    const card = cards.get(id)
    if (card === undefined) throw refusal('NOT_FOUND', `Task ${id} not found on board “runboard”.`)
    cards.set(id, { ...card, ...values, updated_at: Date.now() })
    log.push({ cursor: log.length + 1, id })
    for (const resume of wake.splice(0)) resume()
  }

  const move = (status: TaskStatus, values: Partial<Card> = {}) => {
    return ({ id }: { id: string }): { task: Task } => {
      change(id, { status, why: null, ...values })
      return { task: cards.get(id) as Task }
    }
  }

  async function* watch(since: number): AsyncGenerator<BoardEvent> {
    for (let cursor = since; ;) {
      const entry = log[cursor]
      if (entry === undefined) {
        await new Promise<void>((resolve) => wake.push(resolve))
        continue
      }
      cursor = entry.cursor
      yield {
        id: cursor,
        task_id: entry.id,
        run_id: null,
        kind: 'moved',
        payload: null,
        actor: 'human',
        created_at: Date.now(),
      }
    }
  }

  const verbs: Record<string, Handler> = {
    'board.list': () => ({
      boards: size < 0 ? [] : [board(), fakeBoard('website', 'Website', noCounts(), now)],
    }),
    'board.view': ({ limit }): OperationOutput<'board.view'> => ({
      board: board(),
      columns: TASK_STATUSES.filter((status) => status !== 'archived').map((status) => ({
        status,
        count: countOf(status),
        // As in the kernel, finished columns have a limit of their own.
        cards: [...cards.values()]
          .filter((card) => card.status === status)
          .slice(0, hasEnded({ status }) ? undefined : limit),
      })),
      cursor: log.length,
      dispatcher: dispatcher(),
      notices: [],
    }),
    'board.changes': ({ since }: { since: number }): OperationOutput<'board.changes'> => ({
      cursor: log.length,
      reset: false,
      cards: [...new Set(log.slice(since).map(({ id }) => id))].map((id) => cards.get(id) as Card),
      removed: [],
      counts: counts(),
      dispatcher: dispatcher(),
    }),
    'event.watch': ({ since }: { since: number }) => watch(since),
    'stats.show': () => ({
      by_status: counts(),
      by_assignee: {},
      by_outcome: {},
      oldest_ready_age_ms: null,
      runs_open: countOf('running'),
      failed: [...cards.values()].filter(hasFailed).length,
      failed_today: 3,
      needs_me: countOf('blocked') + countOf('review'),
      unseen: 0,
      now: Date.now(),
    }),
    'profile.list': () => ({ profiles: size < 0 ? [] : fakeProfiles(), broken: [] }),
    'view.list': () => ({ views: [] }),
    'profile.presets': () => ({ presets: fakeProfiles() }),
    'message.list': () => ({ messages: [] }),
    'worker.list': () => ({ workers: [] }),
    'dispatcher.pause': () => ({ dispatcher: ((paused = true), dispatcher()) }),
    'dispatcher.resume': () => ({ dispatcher: ((paused = false), dispatcher()) }),
    'task.list': ({ search = '' }: { search?: string }) => ({
      tasks: [...cards.values()].filter((card) => card.title.toLowerCase().includes(search.toLowerCase())),
    }),
    'task.show': ({ id }: { id: string }) => ({
      task: cards.get(id),
      comments: [],
      questions: [],
      events: [],
      links: { parents: [], children: [] },
      unmerged_parents: [],
      attachments: [],
      runs: [],
      why: null,
    }),
    'task.move': ({ id, status }: { id: string; status: TaskStatus }) => move(status)({ id }),
    'task.complete': move('done', {
      last_outcome: 'completed',
      last_shown_outcome: 'completed',
      completed_at: now,
    }),
    'task.approve': move('done', { completed_at: now }),
    'task.unblock': move('ready', { block_reason: null, block_kind: null }),
    'task.retry': move('ready', { retry_at: null }),
    'task.stop': move('ready', { held: true, last_outcome: 'stopped', last_shown_outcome: 'stopped' }),
    'task.archive': move('archived'),
    'task.restore': move('todo'),
    'task.reopen': move('ready'),
  }

  const group = (name: string) =>
    new Proxy(
      {},
      {
        get: (_, verb) => (input: unknown) => {
          const handler = verbs[`${name}.${String(verb)}`]
          if (handler === undefined)
            throw refusal('CONFLICT', `The example board has no ${name} ${String(verb)}.`)
          return handler((input ?? {}) as Parameters<Handler>[0])
        },
      },
    )
  const client = new Proxy({}, { get: (_, name) => group(String(name)) }) as Client
  return { client, cards, change }
}

function refusal(code: string, message: string): Error {
  return Object.assign(new Error(message), { code })
}
