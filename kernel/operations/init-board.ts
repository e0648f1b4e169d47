import { basename } from 'node:path'
import {
  type Board as BoardAnswer,
  type CheckedInput,
  OperationError,
  TEXT_LIMITS,
} from '../../contract/index.ts'
import { slugOf } from '../../formats/slug.ts'
import { shellWord } from '../../formats/shell-word.ts'
import { type BoardFolders, DEFAULT_SLUG } from '../home/board-folders.ts'
import { requireProjectFolder } from '../home/project-folder.ts'
import { acceptProject, requireUsableProject } from '../board/own-workspace.ts'
import { checkedSlug, type Services } from '../services.ts'
import type { AppContext } from './handler.ts'
import { describeBoard } from './describe-board.ts'

export function makeBoard(
  { services }: AppContext,
  slug: string,
  given: { name: string | null; icon?: string | null; color?: string | null; project_dir: string | null },
): void {
  const project_dir = given.project_dir === null ? null : requireProjectFolder(given.project_dir)
  services.makeBoard(slug, {
    name: given.name ?? (project_dir === null ? slug : basename(project_dir).slice(0, TEXT_LIMITS.name)),
    icon: given.icon ?? null,
    color: given.color ?? null,
    project_dir,
    created_at: services.clock(),
  })
}

/**
 * Creates a board for a project, or finds the existing one, and switches to it. It never changes the project of a
 * board that has one: the board's tasks must not continue in another project.
 */
export async function initBoard(
  context: AppContext,
  input: CheckedInput<'board.init'>,
): Promise<{ board: BoardAnswer }> {
  const { services } = context
  const { folders } = services
  const project = input.project_dir === null ? null : requireProjectFolder(input.project_dir)
  const named = input.slug ?? slugFromName(input.name)
  const slug = named ?? unnamedSlug(folders, project)
  if (project !== null) refuseOtherBoard(folders, project, slug)
  if (project !== null) await requireUsableProject(project)
  if (!folders.exists(slug)) makeBoard(context, slug, { name: input.name, project_dir: project })
  else if (project !== null) await tieToProject(services, slug, project)
  if (project !== null) await acceptProject(folders, slug, project, services.clock())
  folders.setCurrent(slug)
  return { board: describeBoard(services, slug) }
}

/** The board of an `init` without a name: the project's, else `default`, else a new one named after the folder. */
function unnamedSlug(folders: BoardFolders, project: string | null): string {
  if (project === null) return DEFAULT_SLUG
  const [own] = folders.ofFolder(project)
  if (own !== undefined) return own
  if (!folders.exists(DEFAULT_SLUG) || hasNoProject(folders, DEFAULT_SLUG)) return DEFAULT_SLUG
  return folders.freeSlug(slugOf(basename(project)) || 'board')
}

/** false also for a board whose settings cannot be read: it may have a project. */
function hasNoProject(folders: BoardFolders, slug: string): boolean {
  try {
    return folders.read(slug).project_dir === null
  } catch (error) {
    if (error instanceof OperationError) return false
    throw error
  }
}

function refuseOtherBoard(folders: BoardFolders, project: string, slug: string): void {
  const boards = folders.ofFolder(project)
  const [other] = boards
  if (other === undefined || boards.includes(slug)) return
  throw new OperationError(
    'CONFLICT',
    `The board “${other}” works on ${project} already. “runboard boards switch ${other}” goes to it; “runboard boards create ${slug} --project ${shellWord(project)}” makes a second board for that folder.`,
    { board: other, project_dir: project },
  )
}

async function tieToProject(services: Services, slug: string, project: string): Promise<void> {
  const { folders } = services
  const present = folders.read(slug).project_dir
  if (folders.ofFolder(project).includes(slug)) return
  if (present === null) return folders.change(slug, { project_dir: project })
  throw new OperationError(
    'CONFLICT',
    `The board “${slug}” works on ${present}, and was left so. “runboard boards set ${slug} --project ${shellWord(project)}” gives it the other folder; “runboard init --project ${shellWord(project)}” makes a board of its own.`,
    { board: slug, project_dir: present },
  )
}

/** A slug made from a display name. */
function slugFromName(name: string | null): string | null {
  if (name === null) return null
  const made = slugOf(name)
  if (made !== '') return checkedSlug(made)
  throw new OperationError(
    'INVALID_INPUT',
    `No slug can be made of “${name}”: it has neither letters a-z nor digits.`,
  )
}
