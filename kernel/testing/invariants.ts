import Database from 'better-sqlite3'
import {
  EVENT_KINDS,
  isRunScoped,
  OUTCOMES,
  SATISFIED_STATUSES,
  STOP_OUTCOMES,
  TASK_STATUSES,
} from '../../contract/index.ts'

interface Rule {
  /** The rule, as a sentence. */
  holds: string
  /** Returns a row for each violation. */
  breaches: string
  /** The rule reads the event log, which is thinned out on finished tasks after a time. */
  ofLog?: true
}

const list = (values: readonly string[]) => values.map((value) => `'${value}'`).join(', ')
const satisfied = list(SATISFIED_STATUSES)
const taskScopedKinds = list(EVENT_KINDS.filter((kind) => !isRunScoped(kind)))

/** What holds on every board after every operation, as SQL that looks for violations. */
export const RULES: readonly Rule[] = [
  {
    holds: 'the pointer of a task leads to an open run of that very task',
    breaches: `SELECT task.id, task.current_run_id FROM tasks AS task
      LEFT JOIN task_runs AS run ON run.id = task.current_run_id AND run.task_id = task.id AND run.ended_at IS NULL
      WHERE task.current_run_id IS NOT NULL AND run.id IS NULL`,
  },
  {
    holds: 'an open run is pointed at by its task',
    breaches: `SELECT run.id, run.task_id FROM task_runs AS run JOIN tasks AS task ON task.id = run.task_id
      WHERE run.ended_at IS NULL AND task.current_run_id IS NOT run.id`,
  },
  {
    holds: 'a task is running if and only if it points at a run',
    breaches: `SELECT id, status FROM tasks WHERE (status = 'running') <> (current_run_id IS NOT NULL)`,
  },
  {
    holds: 'an open run has its claim',
    breaches: `SELECT id FROM task_runs WHERE ended_at IS NULL AND (claim_lock IS NULL OR claim_lock = '')`,
  },
  {
    holds: 'a run has ended if and only if it has an outcome',
    breaches: `SELECT id, ended_at, outcome FROM task_runs WHERE (ended_at IS NULL) <> (outcome IS NULL)`,
  },
  {
    holds: 'an outcome is one of the contract’s',
    breaches: `SELECT id, outcome FROM task_runs WHERE outcome NOT IN (${list(Object.keys(OUTCOMES))})
      OR stop_outcome NOT IN (${list(STOP_OUTCOMES)})`,
  },
  {
    holds: 'an open question has an open run',
    breaches: `SELECT question.id FROM questions AS question LEFT JOIN task_runs AS run
      ON run.id = question.run_id AND run.ended_at IS NULL
      WHERE question.answered_at IS NULL AND question.withdrawn_at IS NULL AND run.id IS NULL`,
  },
  {
    holds: 'the moments of a run are in order',
    breaches: `SELECT id, started_at, spawned_at, first_output_at, ended_at FROM task_runs
      WHERE ended_at < started_at OR spawned_at < started_at OR first_output_at < coalesce(spawned_at, started_at)`,
  },
  {
    holds: 'attempts of a task are numbered from 1 without gaps, in the order of their ids',
    breaches: `SELECT task_id, attempt, id FROM (
        SELECT task_id, attempt, id, row_number() OVER (PARTITION BY task_id ORDER BY id) AS place FROM task_runs
      ) WHERE attempt <> place`,
  },
  {
    holds: 'only the newest attempt of a task is open',
    breaches: `SELECT run.id FROM task_runs AS run WHERE run.ended_at IS NULL AND EXISTS (
        SELECT 1 FROM task_runs AS later WHERE later.task_id = run.task_id AND later.attempt > run.attempt)`,
  },
  {
    holds: 'events of a task are in the order of time',
    breaches: `SELECT task_id, id, created_at, before FROM (
        SELECT task_id, id, created_at, lag(created_at) OVER (PARTITION BY task_id ORDER BY id) AS before FROM task_events
      ) WHERE before > created_at`,
  },
  {
    holds: 'an event has a known kind',
    breaches: `SELECT id, kind FROM task_events WHERE kind NOT IN (${list(EVENT_KINDS)})`,
  },
  {
    holds: 'task-scoped events carry no run',
    breaches: `SELECT id, kind, run_id FROM task_events WHERE kind IN (${taskScopedKinds}) AND run_id IS NOT NULL`,
  },
  {
    holds: 'an event and a comment of a run are on the task of that run',
    breaches: `SELECT event.id, event.task_id, run.task_id FROM task_events AS event
      JOIN task_runs AS run ON run.id = event.run_id WHERE event.task_id IS NOT run.task_id`,
  },
  {
    holds: 'a claimed run has one event of its claim',
    ofLog: true,
    breaches: `SELECT run.id FROM task_runs AS run
      WHERE run.claim_lock IS NOT NULL AND run.host IS NOT NULL AND 1 <>
        (SELECT count(*) FROM task_events AS event WHERE event.run_id = run.id AND event.kind = 'claimed')`,
  },
  {
    holds: 'an ended run has one event of its end',
    ofLog: true,
    breaches: `SELECT run.id, run.outcome FROM task_runs AS run
      WHERE run.claim_lock IS NOT NULL AND run.host IS NOT NULL AND run.ended_at IS NOT NULL AND 1 <>
        (SELECT count(*) FROM task_events AS event WHERE event.run_id = run.id
          AND (event.kind = run.outcome OR (run.outcome = 'crashed' AND event.kind = 'protocol_violation')))`,
  },
  {
    holds: 'no task waits in todo with all its parents satisfied',
    breaches: `SELECT task.id FROM tasks AS task WHERE task.status = 'todo' AND NOT EXISTS (
        SELECT 1 FROM task_links AS link JOIN tasks AS parent ON parent.id = link.parent_id
        WHERE link.child_id = task.id AND parent.status NOT IN (${satisfied}))`,
  },
  {
    holds: 'no ready task has an open parent',
    breaches: `SELECT task.id, parent.id, parent.status FROM tasks AS task
      JOIN task_links AS link ON link.child_id = task.id JOIN tasks AS parent ON parent.id = link.parent_id
      WHERE task.status = 'ready' AND parent.status NOT IN (${satisfied})`,
  },
  {
    holds: 'a walk has one open visit while it is open, and none afterwards',
    breaches: `SELECT walk.id, walk.ended_at, count(visit.id) AS visits FROM workflow_runs AS walk
      LEFT JOIN workflow_visits AS visit ON visit.workflow_run_id = walk.id AND visit.left_at IS NULL
      GROUP BY walk.id HAVING count(visit.id) <> (walk.ended_at IS NULL)`,
  },
  {
    holds: 'a task points at its open walk, and is at the step of the open visit',
    breaches: `SELECT task.id, task.workflow_run_id, walk.id FROM workflow_runs AS walk
      JOIN tasks AS task ON task.id = walk.task_id
      LEFT JOIN workflow_visits AS visit ON visit.workflow_run_id = walk.id AND visit.left_at IS NULL
      WHERE (walk.ended_at IS NULL) <> (task.workflow_run_id IS walk.id)
        OR (walk.ended_at IS NULL AND task.current_step_key IS NOT visit.step_key)`,
  },
  {
    holds: 'a visit has a verdict if and only if the card has left it',
    breaches: `SELECT id, left_at, verdict FROM workflow_visits WHERE (left_at IS NULL) <> (verdict IS NULL)`,
  },
  {
    holds: 'the visit of a run is one of its task, at the step of the run',
    breaches: `SELECT run.id, run.visit_id FROM task_runs AS run
      JOIN workflow_visits AS visit ON visit.id = run.visit_id
      JOIN workflow_runs AS walk ON walk.id = visit.workflow_run_id
      WHERE walk.task_id <> run.task_id OR visit.step_key IS NOT run.step_key`,
  },
  {
    holds: 'an open run of a card on a walk is at the open visit',
    breaches: `SELECT run.id, run.visit_id, visit.id FROM task_runs AS run
      JOIN tasks AS task ON task.id = run.task_id
      JOIN workflow_visits AS visit ON visit.workflow_run_id = task.workflow_run_id AND visit.left_at IS NULL
      WHERE run.ended_at IS NULL AND run.visit_id IS NOT visit.id`,
  },
  {
    holds: 'only the work of an item that succeeded is joined',
    breaches: `SELECT visit_id, item_key, state FROM workflow_items WHERE joined_at IS NOT NULL AND state <> 'succeeded'`,
  },
  {
    holds: 'an item of an open map is open as long as its card is, unless a person let it go',
    breaches: `SELECT item.visit_id, item.item_key, item.state, task.status FROM workflow_items AS item
      JOIN workflow_visits AS visit ON visit.id = item.visit_id LEFT JOIN tasks AS task ON task.id = item.task_id
      WHERE visit.left_at IS NULL AND item.state <> 'let_go'
        AND (item.state = 'open') <> (task.id IS NOT NULL AND task.status NOT IN (${satisfied}))`,
  },
  {
    holds: 'no item is open after its visit',
    breaches: `SELECT item.visit_id, item.item_key FROM workflow_items AS item
      JOIN workflow_visits AS visit ON visit.id = item.visit_id
      WHERE visit.left_at IS NOT NULL AND item.state = 'open'`,
  },
  {
    holds: 'a card at a map step waits for each of its open items',
    breaches: `SELECT item.visit_id, item.item_key, walk.task_id FROM workflow_items AS item
      JOIN workflow_visits AS visit ON visit.id = item.visit_id
      JOIN workflow_runs AS walk ON walk.id = visit.workflow_run_id
      WHERE item.state = 'open' AND NOT EXISTS (
        SELECT 1 FROM task_links AS link WHERE link.parent_id = item.task_id AND link.child_id = walk.task_id)`,
  },
  {
    holds:
      'a card at a map step is in todo with an open item, or ready to join their work, unless a person has to act',
    breaches: `SELECT task.id, task.status FROM workflow_visits AS visit
      JOIN workflow_runs AS walk ON walk.id = visit.workflow_run_id
      JOIN workflow_steps AS step ON step.template_id = walk.template_id AND step.key = visit.step_key
      JOIN tasks AS task ON task.id = walk.task_id
      WHERE visit.left_at IS NULL AND step.kind = 'map' AND task.status NOT IN ('blocked', 'archived', 'running')
        AND CASE task.status
          WHEN 'ready' THEN EXISTS (
            SELECT 1 FROM workflow_items AS item WHERE item.visit_id = visit.id AND item.state = 'open')
          WHEN 'todo' THEN NOT EXISTS (
            SELECT 1 FROM workflow_items AS item WHERE item.visit_id = visit.id AND (item.state = 'open'
              OR (item.state = 'succeeded' AND item.has_branch = 1 AND item.joined_at IS NULL)))
          ELSE 1 END`,
  },
  {
    holds: 'the card of an item was created as one, and every card that was is an item',
    ofLog: true,
    breaches: `SELECT event.task_id FROM task_events AS event
      LEFT JOIN workflow_items AS item ON item.task_id = event.task_id
      WHERE event.kind = 'created' AND (event.payload ->> 'item_of' IS NULL) <> (item.task_id IS NULL)
        AND (item.task_id IS NOT NULL OR EXISTS (
          SELECT 1 FROM tasks AS carrier WHERE carrier.id = event.payload ->> 'item_of'))`,
  },
  {
    holds: 'no links lead in a circle',
    breaches: `WITH RECURSIVE below (start, id) AS (
        SELECT parent_id, child_id FROM task_links
        UNION
        SELECT below.start, link.child_id FROM below JOIN task_links AS link ON link.parent_id = below.id
      ) SELECT start FROM below WHERE start = id`,
  },
  {
    holds: 'the fields of a status are there in that status and only there',
    breaches: `SELECT id, status, ready_at, retry_at, block_kind, block_reason, completed_at, archived_from FROM tasks
      WHERE status NOT IN (${list(TASK_STATUSES)})
        OR (status = 'ready') <> (ready_at IS NOT NULL)
        OR (retry_at IS NOT NULL AND status <> 'ready')
        OR (status = 'blocked' AND block_kind IS NULL)
        OR (status NOT IN ('blocked', 'archived') AND (block_kind IS NOT NULL OR block_reason IS NOT NULL))
        OR (status = 'done' AND completed_at IS NULL)
        OR (status NOT IN ('done', 'archived') AND completed_at IS NOT NULL)
        OR (status = 'archived') <> (archived_from IS NOT NULL)`,
  },
  {
    holds: 'the counts of statuses are what is there',
    breaches: `SELECT status, count FROM status_counts
      WHERE count <> (SELECT count(*) FROM tasks WHERE tasks.status = status_counts.status)`,
  },
  {
    holds: 'no two tasks on the board share an idempotency key',
    breaches: `SELECT idempotency_key FROM tasks WHERE idempotency_key IS NOT NULL AND status <> 'archived'
      GROUP BY idempotency_key HAVING count(*) > 1`,
  },
]

/** Inspects a board's file from outside, through its own read-only connection. */
export class Inspector {
  readonly #db: Database.Database

  /** @param path absolute path of board.db */
  constructor(path: string) {
    this.#db = new Database(path, { readonly: true, fileMustExist: true })
  }

  /** @returns every violation, as a sentence with its rows; empty on a healthy board */
  breaches(): string[] {
    this.#lookAgainAtSearch()
    const integrity = this.#db.pragma('integrity_check') as { integrity_check: string }[]
    const broken = this.#db.pragma('foreign_key_check') as unknown[]
    const damage = integrity.filter((row) => row.integrity_check !== 'ok').map((row) => row.integrity_check)
    const found = RULES.flatMap(({ holds, breaches }) => {
      const rows = this.#db.prepare(breaches).all()
      return rows.length === 0 ? [] : [`not so: ${holds}: ${JSON.stringify(rows.slice(0, 5))}`]
    })
    return [...damage, ...broken.map((row) => `broken reference: ${JSON.stringify(row)}`), ...found]
  }

  /**
   * On a long-lived connection, SQLite 3.54.1 checks a full-text index against its cached state, and reports it as
   * corrupt once another connection has written. A search makes it reload the index.
   */
  #lookAgainAtSearch(): void {
    const tables = this.#db
      .prepare(
        `SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE % USING fts5%'`,
      )
      .pluck()
      .all() as string[]
    for (const table of tables)
      this.#db.prepare(`SELECT 1 FROM ${table} WHERE ${table} MATCH 'a' LIMIT 1`).get()
  }

  /** @throws Error that names every violation */
  check(): void {
    const found = this.breaches()
    if (found.length > 0) throw new Error(`The board is not as it must be:\n${found.join('\n')}`)
  }

  /** Every row of every table except derived ones, for comparing a board before and after. */
  dump(): Record<string, unknown[]> {
    const tables = this.#db
      .prepare(
        `SELECT name FROM sqlite_schema WHERE type = 'table' AND name GLOB '[a-z]*'
        AND name NOT GLOB '*_fts*' AND name NOT GLOB 'sqlite_*' AND sql NOT LIKE '%VIRTUAL TABLE%' ORDER BY name`,
      )
      .pluck()
      .all() as string[]
    return Object.fromEntries(tables.map((name) => [name, this.#db.prepare(`SELECT * FROM "${name}"`).all()]))
  }

  /** For tests that read a column which no operation shows. */
  all<T>(sql: string, ...params: unknown[]): T[] {
    return this.#db.prepare(sql).all(...params) as T[]
  }

  close(): void {
    this.#db.close()
  }
}
