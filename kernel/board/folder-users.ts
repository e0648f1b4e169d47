import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs'
import { basename, dirname, join, sep } from 'node:path'
import type { Services } from '../services.ts'
import * as tasks from '../tables/tasks.ts'

/** The services to read the boards of a home and their tasks. */
type Boards = Pick<Services, 'board' | 'folders'>

/** The caller of the question: its own tasks in its own folder do not block a move. */
export interface FolderAsker {
  board: string
  /** Tasks of that board to ignore; null: all of them. */
  tasks: readonly string[] | null
}

/**
 * Why a folder must stay in place: an open task of any board works in or below it, by its own path or through a link;
 * a board has its project there; or a process runs there. Ask before moving a folder.
 *
 * @returns a sentence, or null when nothing uses it
 */
export function whoUses(services: Boards, folder: string, asker: FolderAsker): string | null {
  const real = realPathOf(folder)
  for (const slug of services.folders.list()) {
    const use = useByBoard(services, slug, real, asker)
    if (use !== null) return `${folder} stays: ${use}.`
  }
  const busy = processIn(real)
  return busy === null ? null : `${folder} stays: ${busy} runs in it.`
}

function useByBoard(services: Boards, slug: string, real: string, asker: FolderAsker): string | null {
  const isOwn = slug === asker.board
  try {
    const project = services.folders.read(slug).project_dir
    if (project !== null && isWithin(realPathOf(project), real)) {
      return `it holds the project folder of the board ${slug}`
    }
    if (isOwn && asker.tasks === null) return null
    const user = services
      .board(slug)
      .connection.read.all(tasks.openFolders, {})
      .find(({ id, path }) => !(isOwn && asker.tasks?.includes(id)) && isWithin(realPathOf(path), real))
    if (user === undefined) return null
    return `task ${user.id}${isOwn ? '' : ` of the board ${slug}`} is open and works in it`
  } catch (error) {
    // A board that cannot be read may use any folder.
    const why = error instanceof Error ? error.message.replace(/\.$/, '') : String(error)
    return `the board ${slug} cannot be read, so nobody knows whether it is used (${why})`
  }
}

/** The name of a process that runs in or below a folder; null if there is none, or the system does not say. */
function processIn(real: string): string | null {
  if (process.platform !== 'linux') return null
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (!isWithin(readlinkSync(`/proc/${pid}/cwd`), real)) continue
      const name = readFileSync(`/proc/${pid}/comm`, 'utf8').trim()
      return `${name === '' ? 'a process' : name} (pid ${pid})`
    } catch {
      // It has ended, or belongs to another user.
    }
  }
  return null
}

/** A path with its links resolved as far as it exists. */
function realPathOf(path: string): string {
  const missing: string[] = []
  for (let at = path; ; at = dirname(at)) {
    try {
      return join(realpathSync(at), ...missing)
    } catch {
      if (dirname(at) === at) return path
      missing.unshift(basename(at))
    }
  }
}

/** Both without links. */
function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : `${folder}${sep}`)
}
