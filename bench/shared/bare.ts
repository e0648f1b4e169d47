import { randomBytes } from 'node:crypto'
import Database from 'better-sqlite3'

/** The same transactions as the kernel's, as plain SQL: the baseline. */
export class BareBoard {
  readonly #db: Database.Database
  #made = 0
  readonly #prepared = new Map<string, Database.Statement<unknown[], unknown>>()

  /** @param path of a board.db that the kernel has created */
  constructor(path: string) {
    this.#db = new Database(path)
    this.#db.pragma('synchronous = FULL')
    this.#db.pragma('foreign_keys = ON')
    this.#db.pragma('busy_timeout = 10000')
  }

  #of(sql: string): Database.Statement<unknown[], unknown> {
    let prepared = this.#prepared.get(sql)
    if (prepared === undefined) this.#prepared.set(sql, (prepared = this.#db.prepare(sql)))
    return prepared
  }

  #write<T>(body: () => T): T {
    this.#of('BEGIN IMMEDIATE').run()
    const result = body()
    this.#of('COMMIT').run()
    return result
  }

  #event(task: string, run: number | null, kind: string, payload: string | null): void {
    this.#of(
      `INSERT INTO task_events (task_id, run_id, kind, payload, actor, created_at) VALUES (?, ?, ?, ?, 'bench', ?)`,
    ).run(task, run, kind, payload, Date.now())
  }

  /**
   * Puts `count` tasks on the board in one transaction: 40 % ready, 60 % waiting, each for one of the ready tasks.
   *
   * @returns the ready ones
   */
  fill(count: number): string[] {
    const ready: string[] = []
    this.#write(() => {
      for (let n = 0; n < count; n++) {
        const isReady = n % 10 < 4
        const id = this.#insert(isReady ? 'ready' : 'todo', `Task number ${n}`)
        if (isReady) ready.push(id)
        else this.#of('INSERT INTO task_links VALUES (?, ?)').run(ready[(n * 7) % ready.length], id)
      }
    })
    return ready
  }

  #insert(status: 'ready' | 'todo', title: string): string {
    const id = this.#nextId()
    const now = Date.now()
    this.#of(
      `INSERT INTO tasks (id, title, body, status, assignee, priority, created_by, created_at, updated_at, ready_at)
       VALUES (?, ?, 'What is to be done, in a sentence or two.', ?, 'coder', 0, 'bench', ?, ?, ?)`,
    ).run(id, title, status, now, now, status === 'ready' ? now : null)
    this.#event(id, null, 'created', `{"status":"${status}","assignee":"coder"}`)
    return id
  }

  /** Scattered like the kernel's ids, but unique: among a hundred thousand random ids, two are often equal. */
  #nextId(): string {
    this.#made++
    return `t_${((this.#made * 0x9e3779b1) >>> 0).toString(16).padStart(8, '0')}`
  }

  create(): string {
    return this.#write(() => this.#insert('ready', 'A bare task'))
  }

  /** @returns the run */
  claim(id: string): number {
    return this.#write(() => {
      const now = Date.now()
      const run = this.#of(
        `INSERT INTO task_runs (task_id, attempt, profile, trigger, claim_lock, claim_expires_at, host, started_at)
         VALUES (?, (SELECT coalesce(max(attempt), 0) + 1 FROM task_runs WHERE task_id = ?), 'coder', 'cli', ?, ?, 'here', ?)
         RETURNING id`,
      ).get(id, id, randomBytes(24).toString('base64url'), now + 900_000, now) as { id: number }
      const { changes } = this.#of(
        `UPDATE tasks SET status = 'running', current_run_id = ?, ready_at = NULL, started_at = ?, updated_at = ?
         WHERE id = ? AND status = 'ready'`,
      ).run(run.id, now, now, id)
      if (changes !== 1) throw new Error(`task ${id} was not ready`)
      this.#event(id, run.id, 'claimed', '{"attempt":1}')
      return run.id
    })
  }

  complete(id: string, run: number): void {
    this.#write(() => {
      const now = Date.now()
      this.#of(
        `UPDATE task_runs SET ended_at = ?, outcome = 'completed', summary = 'Done' WHERE id = ? AND ended_at IS NULL`,
      ).run(now, run)
      this.#of(
        `UPDATE tasks SET status = 'done', current_run_id = NULL, completed_at = ?, updated_at = ?
         WHERE id = ? AND current_run_id = ?`,
      ).run(now, now, id, run)
      this.#event(id, run, 'completed', '{"summary":"Done"}')
      for (const child of this.#promotable(id)) {
        this.#of(
          `UPDATE tasks SET status = 'ready', ready_at = ?, updated_at = ? WHERE id = ? AND status = 'todo'`,
        ).run(now, now, child)
        this.#event(child, null, 'promoted', `{"parent":"${id}"}`)
      }
    })
  }

  #promotable(id: string): string[] {
    const rows = this.#of(
      `SELECT child.id FROM task_links AS link JOIN tasks AS child ON child.id = link.child_id
       WHERE link.parent_id = ? AND child.status = 'todo' AND NOT EXISTS (
         SELECT 1 FROM task_links AS other JOIN tasks AS parent ON parent.id = other.parent_id
         WHERE other.child_id = child.id AND parent.status NOT IN ('done', 'archived'))`,
    ).all(id) as { id: string }[]
    return rows.map((row) => row.id)
  }

  /** The cards that changed after a cursor, with what they show of their neighbours. */
  delta(since: number): unknown[] {
    return this.#of(
      `SELECT task.*,
        (SELECT json_group_array(parent_id) FROM task_links WHERE child_id = task.id) AS parents,
        (SELECT json_group_array(child_id) FROM task_links WHERE parent_id = task.id) AS children,
        (SELECT count(*) FROM task_comments WHERE task_id = task.id) AS comment_count,
        (SELECT outcome FROM task_runs WHERE task_id = task.id ORDER BY attempt DESC LIMIT 1) AS last_outcome
       FROM tasks AS task WHERE task.id IN (
         SELECT task_id FROM task_events NOT INDEXED WHERE id > :since
         UNION SELECT child_id FROM task_links WHERE parent_id IN (SELECT task_id FROM task_events NOT INDEXED WHERE id > :since)
         UNION SELECT parent_id FROM task_links WHERE child_id IN (SELECT task_id FROM task_events NOT INDEXED WHERE id > :since))`,
    ).all({ since })
  }

  cursor(): number {
    return (this.#of('SELECT max(id) AS id FROM task_events').get() as { id: number }).id
  }

  close(): void {
    this.#db.close()
  }
}
