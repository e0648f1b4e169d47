import { createHash } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { OperationError } from '../../contract/index.ts'
import { cleanUp, temporaryFolder } from '../testing/setup.ts'
import { listBackups } from './backup-folder.ts'
import { type FileSystem, probeFileSystem } from './file-system.ts'
import { migrate } from './migrate.ts'
import { openBoardFile } from './open.ts'

const clock = () => Date.UTC(2026, 10, 22, 12)

function open(path: string, fileSystem?: () => FileSystem | null) {
  const connection = openBoardFile(path, { clock, busy: 'block', fileSystem })
  cleanUp(() => connection.close())
  return connection
}

/** Opens a file that must be refused. @returns the error; the file is unchanged */
function refused(path: string): OperationError {
  const before = readFileSync(path)
  try {
    openBoardFile(path, { clock, busy: 'block' }).close()
  } catch (error) {
    expect(readFileSync(path).equals(before)).toBe(true)
    expect(error).toBeInstanceOf(OperationError)
    return error as OperationError
  }
  throw new Error(`${path} was opened`)
}

function folder() {
  const made = temporaryFolder()
  return { made, path: join(made, 'board.db'), files: () => readdirSync(made).sort() }
}

/** A board with some content, closed. */
function aBoard(path: string): void {
  const connection = openBoardFile(path, { clock, busy: 'block' })
  connection.close()
  const db = new Database(path)
  db.exec(`INSERT INTO tasks (id, title, status, created_by, created_at, updated_at, ready_at)
    VALUES ('t_00000001', 'Kept', 'ready', 'ada', 1, 1, 1)`)
  db.close()
}

const sha = (content: Buffer) => createHash('sha256').update(content).digest('hex').slice(0, 16)

describe('a file that is not a healthy board', () => {
  it('a missing or empty file becomes a new board', () => {
    const { path, made } = folder()
    writeFileSync(path, '')
    expect(open(path).dataVersion()).toBeGreaterThan(0)
    expect(open(join(made, 'other.db')).dataVersion()).toBeGreaterThan(0)
  })

  it.each([
    ['a TLS record', Buffer.from('1603010200010001fc0303', 'hex')],
    ['a text', Buffer.from('# my notes\n'.repeat(1000))],
    ['zeros', Buffer.alloc(8192)],
    ['a broken page after a good header', null],
    ['two bytes', Buffer.from('xy')],
  ])('%s is left unchanged and set aside once', (_what, given) => {
    const { path, files } = folder()
    if (given === null) {
      aBoard(path)
      const content = readFileSync(path)
      content.fill(0xff, 100, 4096)
      writeFileSync(path, content)
    } else writeFileSync(path, given)
    const content = readFileSync(path)
    const copy = `${path}.corrupt.${sha(content)}.bak`

    for (let time = 0; time < 3; time++) {
      const error = refused(path)
      expect(error.code).toBe('BOARD_DAMAGED')
      expect(error.data).toEqual({ path, set_aside: copy, backup: null })
      expect(error.message).toContain(copy)
    }
    expect(readFileSync(copy).equals(content)).toBe(true)
    expect(statSync(copy).mode & 0o777).toBe(0o600)
    expect(files().filter((name) => name.endsWith('.bak'))).toHaveLength(1)

    writeFileSync(path, 'other garbage')
    refused(path)
    expect(files().filter((name) => name.endsWith('.bak'))).toHaveLength(2)
  })

  it('a truncated board is damaged', () => {
    const { path } = folder()
    aBoard(path)
    writeFileSync(path, readFileSync(path).subarray(0, 4096 * 3))
    expect(refused(path).code).toBe('BOARD_DAMAGED')
  })

  it('the error names the newest healthy backup, not a broken one', () => {
    const { path, made } = folder()
    aBoard(path)
    const db = new Database(path)
    mkdirSync(join(made, 'backups'))
    const good = join(made, 'backups/board-20261120T000000000Z-daily.db')
    db.prepare('VACUUM INTO ?').run(good)
    db.close()
    writeFileSync(join(made, 'backups/board-20261121T000000000Z-daily.db'), 'rubbish')
    writeFileSync(path, 'rubbish')
    const error = refused(path)
    expect(error.data?.['backup']).toBe(good)
    expect(error.message).toContain(good)
  })

  it('a database of another program is refused, and even its journal mode is unchanged', () => {
    const { path, files } = folder()
    const db = new Database(path)
    db.exec('CREATE TABLE notes (text)')
    db.close()
    expect(refused(path).code).toBe('BOARD_DAMAGED')
    expect(files()).toEqual(['board.db'])
  })

  it('a board of a newer version is refused', () => {
    const { path } = folder()
    aBoard(path)
    const db = new Database(path)
    db.exec(`INSERT INTO schema_migrations VALUES (9999, '9999_later', 'x', 1)`)
    db.pragma('journal_mode = DELETE')
    db.close()
    const error = refused(path)
    expect(error.code).toBe('BOARD_TOO_NEW')
    expect(error.message).toContain('9999_later')
  })

  it('a log whose database was removed is not deleted', () => {
    const { path, made, files } = folder()
    const writer = new Database(path)
    cleanUp(() => void writer.close())
    migrate(writer, { now: 1 })
    writer.pragma('journal_mode = WAL')
    writer.exec('CREATE TABLE more (x)')
    renameSync(path, join(made, 'moved.db'))
    const log = readFileSync(`${path}-wal`)
    expect(log.length).toBeGreaterThan(0)

    let error: unknown
    try {
      openBoardFile(path, { clock, busy: 'block' })
    } catch (cause) {
      error = cause
    }
    expect(error).toMatchObject({ code: 'BOARD_DAMAGED' })
    expect(readFileSync(`${path}-wal`).equals(log)).toBe(true)
    expect(files()).not.toContain('board.db')
    expect(files().filter((name) => name.endsWith('.bak-wal'))).toHaveLength(1)
  })
})

describe('where a board may lie', () => {
  it.each([
    [{ type: 0x6969, name: null }, 'NFS'],
    [{ type: 0xfe534d42, name: null }, 'SMB'],
    [{ type: 0x01021997, name: null }, '9p'],
    [{ type: 0x65735546, name: 'fuse.sshfs' }, 'fuse.sshfs'],
    [{ type: 0, name: 'network share' }, 'network share'],
  ])('a network file system is refused: %o', (fileSystem, name) => {
    const { path, files } = folder()
    expect(() => open(path, () => fileSystem)).toThrow(new RegExp(`network file system \\(${name}\\)`))
    expect(files()).toEqual([])
  })

  it.each([
    [{ type: 0xef53, name: null }],
    [{ type: 0x65735546, name: 'fuseblk' }],
    [{ type: 0x65735546, name: 'fuse.encfs' }],
    [null],
  ])('a local one is accepted: %o', (fileSystem) => {
    const { path, files } = folder()
    open(path, () => fileSystem)
    expect(files()).toContain('board.db')
  })

  it.runIf(process.platform === 'linux')('the system names the file system of a folder', () => {
    expect(probeFileSystem('/proc')).toEqual({ type: 0x9fa0, name: null })
  })
})

describe('before a migration', () => {
  it('a board with content is backed up unchanged', () => {
    const { path } = folder()
    const db = new Database(path)
    migrate(db, { now: 1, upTo: 1 })
    db.exec(`INSERT INTO tasks (id, title, status, created_by, created_at, updated_at)
      VALUES ('t_00000001', 'Old', 'ready', 'ada', 1, 1)`)
    db.close()
    open(path)
    const [backup, ...others] = listBackups(path)
    expect(others).toEqual([])
    expect(backup).toMatchObject({ reason: 'migration', made_at: clock() })
    const copy = new Database(backup!.path, { readonly: true })
    cleanUp(() => void copy.close())
    expect(copy.prepare('SELECT max(version) AS v FROM schema_migrations').get()).toEqual({ v: 1 })
    expect(copy.prepare('SELECT title FROM tasks').all()).toEqual([{ title: 'Old' }])
    expect(statSync(backup!.path).mode & 0o777).toBe(0o600)
  })

  it('a fresh board, or one opened again, is not backed up', () => {
    const { path } = folder()
    open(path)
    open(path)
    expect(listBackups(path)).toEqual([])
  })
})
