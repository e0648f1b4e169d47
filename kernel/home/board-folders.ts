import { existsSync, mkdirSync, readdirSync, realpathSync, renameSync, rmSync } from 'node:fs'
import { isAbsolute, join, sep } from 'node:path'
import { boardSettingsInput, OperationError, slug as slugSchema } from '../../contract/index.ts'
import { isMissing, readFileIfThere, removeFile, writeFileAtomic } from './files.ts'
import { withLockFile } from './lock-file.ts'

/** What `board.json` holds. */
export interface BoardFile {
  name: string
  icon: string | null
  color: string | null
  project_dir: string | null
  created_at: number
  max_running: number | null
  failure_limit: number | null
  stale_after_seconds: number | null
  default_workspace: string | null
  /** Planned tasks run without a person's acceptance. */
  accept_plans: boolean
}

type Settings = ReturnType<typeof boardSettingsInput.parse>

export const DEFAULT_SLUG = 'default'

/** The folders of boards below RUNBOARD_HOME. A board exists if its folder has a `board.json`. */
export class BoardFolders {
  readonly #home: string
  readonly #checked = new Map<string, { text: string; file: BoardFile }>()

  constructor(home: string) {
    this.#home = home
  }

  /** @returns the absolute path of a board's folder, whether it exists or not */
  folder(slug: string): string {
    return join(this.#home, 'boards', slug)
  }

  exists(slug: string): boolean {
    return existsSync(join(this.folder(slug), 'board.json'))
  }

  /** @returns the slugs of all boards, sorted */
  list(): string[] {
    return this.#slugsIn(join(this.#home, 'boards'))
  }

  #slugsIn(folder: string): string[] {
    try {
      return readdirSync(folder)
        .filter((name) => slugSchema.safeParse(name).success && this.exists(name))
        .sort()
    } catch (error) {
      if (isMissing(error)) return []
      throw error
    }
  }

  /**
   * @throws OperationError NOT_FOUND, CONFLICT when board.json is no JSON
   */
  read(slug: string): BoardFile {
    // Each time from the disk, where others write it; checked anew only when it says something else.
    const text = this.#text(slug)
    const before = this.#checked.get(slug)
    if (before?.text === text) return { ...before.file }
    const file = this.#check(slug, text)
    this.#checked.set(slug, { text, file })
    return { ...file }
  }

  #check(slug: string, text: string): BoardFile {
    const json = this.#parse(slug, text)
    const settings = usableSettings(json)
    return {
      name: settings.name ?? slug,
      icon: settings.icon ?? null,
      color: settings.color ?? null,
      project_dir: settings.project_dir ?? null,
      created_at: typeof json['created_at'] === 'number' ? json['created_at'] : 0,
      max_running: settings.max_running ?? null,
      failure_limit: settings.failure_limit ?? null,
      stale_after_seconds: settings.stale_after_seconds ?? null,
      default_workspace: settings.default_workspace ?? null,
      accept_plans: settings.accept_plans ?? false,
    }
  }

  #text(slug: string): string {
    const text = readFileIfThere(join(this.folder(slug), 'board.json'))
    if (text === null) throw noSuchBoard(slug)
    return text
  }

  #parse(slug: string, text: string): Record<string, unknown> {
    const path = join(this.folder(slug), 'board.json')
    try {
      return JSON.parse(text) as Record<string, unknown>
    } catch (error) {
      throw new OperationError(
        'CONFLICT',
        `${path} is not valid JSON and was left as it is.`,
        { path },
        { cause: error },
      )
    }
  }

  /**
   * Changes board.json under a lock file, so that of two processes that change it, each sees the other's change. Keys that
   * this version does not know are kept.
   *
   * @throws OperationError NOT_FOUND, CONFLICT when board.json is no JSON, BUSY
   */
  async change(slug: string, fields: Partial<BoardFile>): Promise<void> {
    if (!this.exists(slug)) throw noSuchBoard(slug)
    await withLockFile(join(this.folder(slug), 'board.json.lock'), () => this.write(slug, fields))
  }

  /** Writes board.json of a board that is being made. */
  write(slug: string, fields: Partial<BoardFile>): void {
    const before = this.exists(slug) ? this.#parse(slug, this.#text(slug)) : {}
    const path = join(this.folder(slug), 'board.json')
    mkdirSync(this.folder(slug), { recursive: true, mode: 0o700 })
    writeFileAtomic(path, `${JSON.stringify({ ...before, ...fields }, null, 2)}\n`)
  }

  /** Writes board.json into a folder that is to become a board's. */
  writeIn(folder: string, fields: BoardFile): void {
    writeFileAtomic(join(folder, 'board.json'), `${JSON.stringify(fields, null, 2)}\n`)
  }

  /** @returns the board whose project folder holds `cwd`, the innermost if there are several */
  ofProject(cwd: string): string | null {
    let best: { slug: string; length: number } | null = null
    const here = realPathOf(cwd)
    for (const slug of this.list()) {
      const folder = this.read(slug).project_dir
      if (folder === null) continue
      const project = realPathOf(folder)
      const holds = here === project || here.startsWith(project.endsWith(sep) ? project : project + sep)
      if (holds && project.length > (best?.length ?? -1)) best = { slug, length: project.length }
    }
    return best?.slug ?? null
  }

  /** @returns the slug of the current board, if it still exists */
  current(): string | null {
    const slug = readFileIfThere(join(this.#home, 'current'))?.trim() ?? ''
    return slug !== '' && slugSchema.safeParse(slug).success && this.exists(slug) ? slug : null
  }

  setCurrent(slug: string | null): void {
    const path = join(this.#home, 'current')
    if (slug === null) removeFile(path)
    else writeFileAtomic(path, `${slug}\n`)
  }

  /** Moves a board's folder away, whole. @returns where it lies now */
  archive(slug: string, now: number): string {
    const archive = join(this.#home, 'boards', '_archived')
    mkdirSync(archive, { recursive: true, mode: 0o700 })
    const stamp = new Date(now).toISOString().replace(/[:.]/g, '-')
    const target = join(archive, `${slug}-${stamp}`)
    renameSync(this.folder(slug), target)
    return target
  }

  delete(slug: string): void {
    rmSync(this.folder(slug), { recursive: true, force: true })
  }
}

/** What of board.json can be used: a setting that makes no sense counts as not set, and takes no other with it. */
function usableSettings(json: Record<string, unknown>): Settings {
  const usable = Object.entries(boardSettingsInput.shape).flatMap(([key, schema]) => {
    const parsed = schema.safeParse(json[key])
    return parsed.success && parsed.data !== undefined ? [[key, parsed.data]] : []
  })
  return Object.fromEntries(usable) as Settings
}

export function noSuchBoard(slug: string): OperationError {
  return new OperationError(
    'NOT_FOUND',
    `There is no board “${slug}”. “runboard boards list” shows those there are; “runboard boards create ${slug}” makes it.`,
    { board: slug },
  )
}

/** @throws OperationError INVALID_INPUT unless it is an absolute path of a folder that exists */
export function requireProjectFolder(path: string): string {
  if (!isAbsolute(path)) {
    throw new OperationError('INVALID_INPUT', `project_dir must be an absolute path; “${path}” is not.`)
  }
  try {
    return realpathSync(path)
  } catch (error) {
    if (!isMissing(error)) throw error
    throw new OperationError('CONFLICT', `The project folder ${path} does not exist.`, { path })
  }
}

function realPathOf(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    // A project folder that is away for now is compared as it was written.
    return path
  }
}
