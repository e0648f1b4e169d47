import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type Database from 'better-sqlite3'
import { OperationError } from '../../contract/index.ts'

export interface Migration {
  readonly version: number
  readonly name: string
  readonly sql: string
  /** As `migrations/checksums.json` gives it. */
  readonly checksum: string
}

const FILE_PATTERN = /^(\d{4})_[a-z0-9_]+\.sql$/

/** Finds the project's root from here: the sources and the built file lie at different depths below it. */
export function applicationRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'migrations')) && dirname(folder) !== folder) folder = dirname(folder)
  return folder
}

let known: Migration[] | undefined

/** @returns the migrations of this version of Runboard, in order */
export function migrations(): readonly Migration[] {
  if (known !== undefined) return known
  const folder = join(applicationRoot(), 'migrations')
  const checksums = JSON.parse(readFileSync(join(folder, 'checksums.json'), 'utf8')) as Record<string, string>
  known = readdirSync(folder)
    .filter((file) => FILE_PATTERN.test(file))
    .sort()
    .map((file) => new MigrationFile(folder, file.replace(/\.sql$/, ''), checksums))
  return known
}

/** Opening a board needs only the checksums of its migrations: their files are read by what applies them. */
class MigrationFile implements Migration {
  readonly version: number
  readonly name: string
  readonly #path: string
  readonly #checksum: string | undefined

  constructor(folder: string, name: string, checksums: Readonly<Record<string, string>>) {
    this.version = Number(name.slice(0, 4))
    this.name = name
    this.#path = join(folder, `${name}.sql`)
    this.#checksum = checksums[name]
  }

  get sql(): string {
    return readFileSync(this.#path, 'utf8')
  }

  get checksum(): string {
    return this.#checksum ?? checksumOf(this.sql)
  }
}

export function checksumOf(sql: string): string {
  return createHash('sha256').update(sql).digest('hex')
}

const BOOKKEEPING = `CREATE TABLE IF NOT EXISTS schema_migrations (
  version    INTEGER PRIMARY KEY,
  name       TEXT NOT NULL,
  checksum   TEXT NOT NULL,
  applied_at INTEGER NOT NULL
) STRICT`

interface Applied {
  version: number
  name: string
  checksum: string
}

function appliedTo(db: Database.Database): Applied[] {
  const exists = db.prepare(`SELECT 1 FROM sqlite_schema WHERE name = 'schema_migrations'`).get()
  if (exists === undefined) return []
  return db
    .prepare('SELECT version, name, checksum FROM schema_migrations ORDER BY version')
    .all() as Applied[]
}

/**
 * Refuses a file that is neither empty nor a board that this version knows. Only reads.
 *
 * @throws OperationError BOARD_TOO_NEW, BOARD_DAMAGED
 */
export function refuseUnknown(db: Database.Database): void {
  const all = migrations()
  const applied = appliedTo(db)
  const newest = all[all.length - 1]?.version ?? 0
  const beyond = applied.find((row) => row.version > newest)
  if (beyond !== undefined) {
    throw new OperationError(
      'BOARD_TOO_NEW',
      `This board was written by a newer Runboard (schema ${beyond.name}; this one knows up to ${newest}). Update Runboard to open it.`,
    )
  }
  for (const row of applied) {
    const mine = all.find((migration) => migration.version === row.version)
    if (mine !== undefined && mine.checksum !== row.checksum) {
      throw new OperationError(
        'BOARD_DAMAGED',
        `This board has another version of migration ${row.name} than this Runboard; it was not changed.`,
      )
    }
  }
  if (applied.length > 0) return
  const tables = db.prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' LIMIT 1`).get()
  if (tables !== undefined) {
    throw new OperationError(
      'BOARD_DAMAGED',
      'This file is a database, but not a board of Runboard; it was not changed.',
    )
  }
}

export interface MigrateOptions {
  /** Milliseconds since the epoch, written as applied_at. */
  now: number
  /** The file was just created. */
  fresh?: boolean
  /** Stops after this version; for tests of single migrations. */
  upTo?: number
  /** Called before the first change of a file that already held a board, so that it can be backed up. */
  beforeChange?: () => void
}

/**
 * Migrates a board's file to the newest schema, each migration in its own transaction. A second call does nothing. If
 * two processes open the file at once, one migrates and the other finds it done.
 *
 * @throws OperationError BOARD_TOO_NEW, BOARD_DAMAGED; the file is unchanged then
 */
export function migrate(db: Database.Database, options: MigrateOptions): void {
  const all = migrations().filter((migration) => migration.version <= (options.upTo ?? Infinity))
  refuseUnknown(db)
  const applied = appliedTo(db)
  const done = new Set(applied.map((row) => row.version))
  const pending = all.filter((migration) => !done.has(migration.version))
  if (pending.length === 0) return
  if (applied.length > 0) options.beforeChange?.()
  // Rebuilding a parent table with foreign keys on would delete its children; the pragma is a no-op inside a transaction.
  db.pragma('foreign_keys = OFF')
  try {
    for (const migration of pending) applyOne(db, migration, options.now)
  } finally {
    db.pragma('foreign_keys = ON')
  }
}

function applyOne(db: Database.Database, migration: Migration, now: number): void {
  db.exec('BEGIN IMMEDIATE')
  try {
    db.exec(BOOKKEEPING)
    // Another process may have migrated it since we looked.
    const done = db.prepare('SELECT 1 FROM schema_migrations WHERE version = ?').get(migration.version)
    if (done === undefined) {
      db.exec(migration.sql)
      const broken = db.pragma('foreign_key_check') as unknown[]
      if (broken.length > 0)
        throw new Error(`migration ${migration.name} leaves ${broken.length} broken references`)
      db.prepare('INSERT INTO schema_migrations VALUES (?, ?, ?, ?)').run(
        migration.version,
        migration.name,
        migration.checksum,
        now,
      )
    }
    db.exec('COMMIT')
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK')
    throw error
  }
}
