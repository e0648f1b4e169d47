import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { join, sep } from 'node:path'
import { OperationError, slug as slugSchema } from '../../contract/index.ts'
import { type BoardFile, fileOf, type MadeBoard, parseBoardFile, unreadable } from './board-file.ts'
import {
  codeOf,
  isMissing,
  isProcess,
  readFileIfThere,
  removeFile,
  signatureOf,
  syncFolder,
  writeFileAtomic,
} from './files.ts'
import { withLockFile } from './lock-file.ts'
import { isSameFolder, realPathOf } from './project-folder.ts'

export const DEFAULT_SLUG = 'default'

/** Files that show that a folder holds a board, even if a part of it was lost. */
const TRACES = ['board.json', 'board.db', 'board.db-wal', 'backups']

/** Folders in which a board is assembled before it is moved into place. */
const UNFINISHED = /^\.(?:making|importing)-(\d+)-[0-9a-f]+$/

/** A board in the archive. */
export interface ArchivedBoard {
  /** The name of its folder, which is unique. */
  name: string
  slug: string
  path: string
}

/** The folders of boards below RUNBOARD_HOME. */
export class BoardFolders {
  readonly #home: string
  readonly #checked = new Map<string, { signature: string; file: BoardFile }>()

  constructor(home: string) {
    this.#home = home
  }

  /** @returns the absolute path of a board's folder, whether it exists or not */
  folder(slug: string): string {
    return join(this.#home, 'boards', slug)
  }

  exists(slug: string): boolean {
    const folder = this.folder(slug)
    return TRACES.some((name) => existsSync(join(folder, name)))
  }

  /** @returns the slugs of all boards, sorted */
  list(): string[] {
    return this.names().filter((name) => this.exists(name))
  }

  /** @returns the names in the folder of boards that can be slugs, sorted; not each need hold a board */
  names(): string[] {
    return namesIn(join(this.#home, 'boards')).filter(isSlug).sort()
  }

  /**
   * @returns the board's settings; the defaults without a board.json
   * @throws OperationError NOT_FOUND, CONFLICT when board.json cannot be read
   */
  read(slug: string): BoardFile {
    // Other processes write it. Read again only when it has changed.
    const path = this.#path(slug)
    const signature = signatureOf(path)
    const before = this.#checked.get(slug)
    if (signature !== null && before?.signature === signature) return { ...before.file }
    const file = fileOf(slug, parseBoardFile(path, this.#text(slug)))
    if (signature !== null) this.#checked.set(slug, { signature, file })
    return { ...file }
  }

  #path(slug: string): string {
    return join(this.folder(slug), 'board.json')
  }

  #text(slug: string): string {
    const path = this.#path(slug)
    let text: string | null
    try {
      text = readFileIfThere(path)
    } catch (error) {
      throw unreadable(path, error instanceof Error ? error.message : String(error), error)
    }
    if (text === null && !this.exists(slug)) throw noSuchBoard(slug)
    // Lost or moved away: the board itself is in board.db, and is used with the default settings.
    return text ?? '{}'
  }

  /**
   * Changes board.json under a lock file, so that two processes that change it see each other's changes. Keys that
   * this version does not know are kept.
   *
   * @throws OperationError NOT_FOUND, CONFLICT when board.json is not JSON, BUSY
   */
  async change(slug: string, fields: Partial<BoardFile>): Promise<void> {
    if (!this.exists(slug)) throw noSuchBoard(slug)
    await withLockFile(`${this.#path(slug)}.lock`, () => this.write(slug, fields))
  }

  /** Writes board.json of an existing board. Keys that this version does not know are kept. */
  write(slug: string, fields: Partial<BoardFile>): void {
    const path = this.#path(slug)
    const before = parseBoardFile(path, this.#text(slug))
    writeFileAtomic(path, `${JSON.stringify({ ...before, ...fields }, null, 2)}\n`)
  }

  /**
   * @returns a new hidden folder for assembling a board, until `adopt` moves it into place. The caller removes the
   *   remains.
   */
  unfinished(): string {
    const boards = join(this.#home, 'boards')
    mkdirSync(boards, { recursive: true, mode: 0o700 })
    for (const name of readdirSync(boards)) {
      const pid = UNFINISHED.exec(name)?.[1]
      if (pid !== undefined && !isProcess(Number(pid)))
        rmSync(join(boards, name), { recursive: true, force: true })
    }
    const folder = join(boards, `.making-${process.pid}-${randomBytes(4).toString('hex')}`)
    mkdirSync(folder, { mode: 0o700 })
    return folder
  }

  /**
   * Makes a folder that holds a board's file a board, completely or not at all.
   *
   * @throws OperationError CONFLICT if the name is taken
   */
  adopt(folder: string, slug: string, file: MadeBoard): void {
    writeFileAtomic(
      join(folder, 'board.json'),
      `${JSON.stringify({ ...fileOf(slug, {}), ...file }, null, 2)}\n`,
    )
    this.#place(folder, slug)
    syncFolder(join(this.#home, 'boards'))
  }

  #place(folder: string, slug: string): void {
    try {
      renameSync(folder, this.folder(slug))
    } catch (error) {
      if (!['ENOTEMPTY', 'EEXIST', 'ENOTDIR', 'EPERM'].includes(codeOf(error))) throw error
      const what = this.exists(slug)
        ? `Board “${slug}” already exists.`
        : `The folder for board “${slug}” already exists: ${this.folder(slug)}. Move it away, or choose another slug.`
      throw new OperationError('CONFLICT', what, { board: slug }, { cause: error })
    }
  }

  /** @returns a free slug based on a wish: `app`, else `app-2`, `app-3` … */
  freeSlug(wish: string): string {
    for (let number = 1; ; number++) {
      const suffix = number === 1 ? '' : `-${number}`
      const slug = `${wish.slice(0, 64 - suffix.length)}${suffix}`
      if (!existsSync(this.folder(slug))) return slug
    }
  }

  /** @returns the boards whose project is this very folder, by whatever path; the current one first */
  ofFolder(folder: string): string[] {
    const current = this.current()
    return this.list()
      .filter((slug) => {
        const project = this.projectOf(slug)
        return project !== null && isSameFolder(project, folder)
      })
      .sort((a, b) => Number(b === current) - Number(a === current))
  }

  /**
   * @returns null for a board without a project, and for one whose settings cannot be read: it must not hide others
   */
  projectOf(slug: string): string | null {
    try {
      return this.read(slug).project_dir
    } catch (error) {
      if (error instanceof OperationError) return null
      throw error
    }
  }

  /**
   * @returns the board whose project folder contains `cwd`: the innermost, and of several with the same folder the
   *   current one
   */
  ofProject(cwd: string): string | null {
    let best: { slug: string; length: number } | null = null
    const here = realPathOf(cwd)
    const current = this.current()
    for (const slug of this.list()) {
      const folder = this.projectOf(slug)
      if (folder === null) continue
      const project = realPathOf(folder)
      const holds = here === project || here.startsWith(project.endsWith(sep) ? project : project + sep)
      if (!holds) continue
      const longest = best?.length ?? -1
      if (project.length > longest || (project.length === longest && slug === current))
        best = { slug, length: project.length }
    }
    return best?.slug ?? null
  }

  /** @returns the slug of the current board, if it still exists */
  current(): string | null {
    const slug = this.#currentText().trim()
    return slug !== '' && slugSchema().safeParse(slug).success && this.exists(slug) ? slug : null
  }

  /** @returns the content of `current` if no board has that name; null if one does, or the file is missing */
  chosenInVain(): string | null {
    const text = this.#currentText().trim()
    return this.current() !== null || text === '' ? null : JSON.stringify(text)
  }

  #currentText(): string {
    try {
      return readFileIfThere(join(this.#home, 'current')) ?? ''
    } catch (error) {
      // Not a file, or not readable: then no board is chosen, and choosing one reports the problem.
      return `(${error instanceof Error ? error.message : String(error)})`
    }
  }

  setCurrent(slug: string | null): void {
    const path = join(this.#home, 'current')
    if (slug === null) removeFile(path)
    else writeFileAtomic(path, `${slug}\n`)
  }

  get #archive(): string {
    return join(this.#home, 'boards', '_archived')
  }

  /** Moves a whole board folder to the archive. @returns its new path */
  archive(slug: string, now: number): string {
    mkdirSync(this.#archive, { recursive: true, mode: 0o700 })
    const stamp = (at: number) => new Date(at).toISOString().replace(/[:.]/g, '-')
    let at = now
    while (existsSync(join(this.#archive, `${slug}-${stamp(at)}`))) at++
    const target = join(this.#archive, `${slug}-${stamp(at)}`)
    renameSync(this.folder(slug), target)
    return target
  }

  /** @returns the boards in the archive, oldest first */
  archived(): ArchivedBoard[] {
    return namesIn(this.#archive)
      .flatMap((name) => {
        const slug = /^(.+)-\d{4}-\d\d-\d\dT[\d-]+Z$/.exec(name)?.[1] ?? name
        const path = join(this.#archive, name)
        const isBoard =
          slugSchema().safeParse(slug).success && TRACES.some((one) => existsSync(join(path, one)))
        return isBoard ? [{ name, slug, path }] : []
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  /** @returns the settings of a board in the archive; the defaults where they cannot be read */
  readArchived({ slug, path }: ArchivedBoard): BoardFile {
    try {
      const json: unknown = JSON.parse(readFileIfThere(join(path, 'board.json')) ?? '{}')
      return fileOf(slug, json as Record<string, unknown>)
    } catch {
      return fileOf(slug, {})
    }
  }

  /**
   * Moves a whole board folder out of the archive.
   *
   * @throws OperationError CONFLICT if the name is taken
   */
  restore(board: ArchivedBoard, slug: string): void {
    this.#place(board.path, slug)
    syncFolder(join(this.#home, 'boards'))
  }

  delete(slug: string): void {
    rmSync(this.folder(slug), { recursive: true, force: true })
  }
}

/** Names that were slugs before; the check of a thousand takes milliseconds. */
const knownSlugs = new Set<string>()

function isSlug(name: string): boolean {
  if (knownSlugs.has(name)) return true
  const isValid = slugSchema().safeParse(name).data === name
  if (isValid) knownSlugs.add(name)
  return isValid
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder)
  } catch (error) {
    if (isMissing(error)) return []
    throw error
  }
}

export function noSuchBoard(slug: string): OperationError {
  return new OperationError(
    'NOT_FOUND',
    `Board “${slug}” not found. “runboard boards list” lists the boards; “runboard boards create ${slug}” creates it.`,
    { board: slug },
  )
}
