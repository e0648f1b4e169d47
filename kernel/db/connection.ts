import { basename, dirname } from 'node:path'
import type Database from 'better-sqlite3'
import { OperationError } from '../../contract/index.ts'
import type { Statement } from './statement.ts'

type Prepared = Database.Statement<unknown[], unknown>

/** The prepared statements of one connection, prepared on first use. */
class StatementCache {
  readonly #db: Database.Database
  readonly #before: ((sql: string) => void) | undefined
  readonly #prepared = new Map<string, Prepared>()
  /** The name of the folder that holds the board's file. */
  readonly boardSlug: string

  /** @param before called before each use of a statement; an error it throws becomes the statement's */
  constructor(db: Database.Database, before: ((sql: string) => void) | undefined) {
    this.#db = db
    this.#before = before
    this.boardSlug = basename(dirname(db.name))
  }

  of({ sql }: { readonly sql: string }): Prepared {
    this.#before?.(sql)
    let prepared = this.#prepared.get(sql)
    if (prepared === undefined) {
      prepared = this.#db.prepare(sql)
      this.#prepared.set(sql, prepared)
    }
    return prepared
  }
}

/** Reads a board. Code that is given only a Reader cannot write. */
export class Reader {
  protected readonly statements: StatementCache

  constructor(statements: StatementCache) {
    this.statements = statements
  }

  /** The slug of the board, for messages. */
  get boardSlug(): string {
    return this.statements.boardSlug
  }

  /** @returns the first row, or undefined */
  get<P, R>(statement: Statement<P, R>, params: P): R | undefined {
    return this.#readonly(statement).get(params) as R | undefined
  }

  /** @returns all rows */
  all<P, R>(statement: Statement<P, R>, params: P): R[] {
    return this.#readonly(statement).all(params) as R[]
  }

  /**
   * @returns the rows one at a time, for results too large to hold. Nothing else may run on the connection meanwhile.
   */
  iterate<P, R>(statement: Statement<P, R>, params: P): IterableIterator<R> {
    return this.#readonly(statement).iterate(params) as IterableIterator<R>
  }

  #readonly(statement: { readonly sql: string }): Prepared {
    const prepared = this.statements.of(statement)
    if (!prepared.readonly) throw new Error(`a reader was given a statement that writes: ${statement.sql}`)
    return prepared
  }
}

/**
 * An open write transaction. Only `Connection.write` creates one, so code that takes a WriteTx always runs inside a
 * transaction. All writes of one transaction share one time and one actor.
 */
export class WriteTx extends Reader {
  /** Milliseconds since the epoch, the same for the whole transaction. */
  readonly now: number
  /** The actor; written on events. */
  readonly actor: string

  constructor(statements: StatementCache, now: number, actor: string) {
    super(statements)
    this.now = now
    this.actor = actor
  }

  /** @returns how many rows changed */
  run<P>(statement: Statement<P, never>, params: P): number {
    return this.statements.of(statement).run(params).changes
  }

  /** For INSERT and UPDATE with RETURNING. @returns the first row, or undefined when none was written */
  returning<P, R>(statement: Statement<P, R>, params: P): R | undefined {
    return this.statements.of(statement).get(params) as R | undefined
  }

  /** As `returning`, for statements that write several rows. */
  returningAll<P, R>(statement: Statement<P, R>, params: P): R[] {
    return this.statements.of(statement).all(params) as R[]
  }
}

/** How long a write waits in total for other processes before the caller gets BUSY. */
const BUSY_LIMIT_MS = 10_000
const RETRY_PAUSE_MS = { least: 4, most: 40 }

/** SQLite's errors when another connection holds the lock. */
export function isBusy(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  return code.startsWith('SQLITE_BUSY') || code === 'SQLITE_LOCKED'
}

export interface ConnectionOptions {
  clock: () => number
  /** `yield`: never waits inside SQLite for more than 50 ms; retries from the event loop. */
  busy: 'block' | 'yield'
  /** Whether the file that is open is still the one at its path. */
  isCurrent?: (() => boolean) | undefined
  /** Called before each statement of a transaction, its BEGIN and COMMIT too. Fault tests throw there. */
  beforeStatement?: ((sql: string) => void) | undefined
}

/** The board's file was deleted, moved or replaced while it was open: the last write is in no board. */
export class FileReplaced extends Error {
  constructor() {
    super('the board’s file was deleted, moved or replaced while it was open')
  }
}

/** One connection to a board's file: reads, and short synchronous write transactions. */
export class Connection {
  readonly read: Reader
  readonly #db: Database.Database
  readonly #statements: StatementCache
  readonly #options: ConnectionOptions
  readonly #committed = new Set<() => void>()
  #dataVersion: Prepared | undefined
  readonly #onClose: () => void

  /** @param onClose called once it is closed */
  constructor(db: Database.Database, options: ConnectionOptions, onClose: () => void = () => undefined) {
    this.#db = db
    this.#options = options
    this.#onClose = onClose
    this.#statements = new StatementCache(db, options.beforeStatement)
    this.read = new Reader(this.#statements)
  }

  /** Calls `listener` after each commit of this connection. @returns a function that stops the calls */
  onCommit(listener: () => void): () => void {
    this.#committed.add(listener)
    return () => this.#committed.delete(listener)
  }

  /**
   * Runs `body` in one IMMEDIATE transaction: completely or not at all.
   *
   * @param actor written on its events
   * @param body synchronous; no await, no spawn, no file access inside
   * @throws OperationError BUSY when other processes kept the lock for ten seconds
   */
  async write<T>(actor: string, body: (tx: WriteTx) => T): Promise<T> {
    return this.#retryBusy(() => this.writeNow(actor, body))
  }

  async #retryBusy<T>(attempt: () => T): Promise<T> {
    let deadline: number | undefined
    for (;;) {
      try {
        return attempt()
      } catch (error) {
        if (!isBusy(error)) throw error
        if (this.#options.busy === 'block') throw busyError(error)
        // Not by the wall clock, which may be set meanwhile.
        deadline ??= performance.now() + BUSY_LIMIT_MS
        if (performance.now() >= deadline) throw busyError(error)
      }
      const pause = RETRY_PAUSE_MS.least + Math.random() * (RETRY_PAUSE_MS.most - RETRY_PAUSE_MS.least)
      await new Promise((resolve) => setTimeout(resolve, pause))
    }
  }

  /** Like `write`, but waits for other processes only inside SQLite; SQLite's errors then reach the caller. */
  writeNow<T>(actor: string, body: (tx: WriteTx) => T): T {
    const result = this.#transact(actor, body)
    for (const listener of this.#committed) listener()
    return result
  }

  #transact<T>(actor: string, body: (tx: WriteTx) => T): T {
    this.#exec('BEGIN IMMEDIATE')
    let result: T
    try {
      result = body(new WriteTx(this.#statements, this.#options.clock(), actor))
      this.#exec('COMMIT')
    } catch (error) {
      // SQLite itself rolls back on some errors; keep the first error.
      if (this.#db.inTransaction) this.#db.exec('ROLLBACK')
      throw error
    }
    // Checked after the commit: if the file was removed before it, the transaction is in the removed file, where
    // nobody will read it.
    if (!this.isCurrent()) throw new FileReplaced()
    return result
  }

  #exec(sql: string): void {
    this.#statements.of({ sql }).run()
  }

  /**
   * Like `write`, for what may be lost in a power cut and concerns no listener of this process: not synced to the
   * disk, and not reported to `onCommit`.
   */
  async writeUnsynced<T>(actor: string, body: (tx: WriteTx) => T): Promise<T> {
    return this.#retryBusy(() => {
      // Only between transactions. The next synced commit syncs this one too.
      this.#db.exec('PRAGMA synchronous = NORMAL')
      try {
        return this.#transact(actor, body)
      } finally {
        this.#db.exec('PRAGMA synchronous = FULL')
      }
    })
  }

  /** Runs `body` on one consistent snapshot. */
  snapshot<T>(body: (reader: Reader) => T): T {
    if (this.#db.inTransaction) return body(this.read)
    this.#db.exec('BEGIN')
    try {
      return body(this.read)
    } finally {
      if (this.#db.inTransaction) this.#db.exec('COMMIT')
    }
  }

  /** Whether the file that is open is still the one at its path: not deleted, moved or replaced. */
  isCurrent(): boolean {
    return this.#options.isCurrent?.() ?? true
  }

  get isOpen(): boolean {
    return this.#db.open
  }

  /** Changes whenever another connection has changed the file. Takes a few microseconds. */
  dataVersion(): number {
    this.#dataVersion ??= this.#db.prepare('PRAGMA data_version').pluck()
    return this.#dataVersion.get() as number
  }

  close(): void {
    this.#committed.clear()
    if (this.#db.open) this.#db.close()
    this.#onClose()
  }
}

export function busyError(cause: unknown): OperationError {
  return new OperationError(
    'BUSY',
    'Another process kept the board locked for ten seconds. Nothing was changed; try again.',
    undefined,
    { cause },
  )
}
