import { isAbsolute, normalize } from 'node:path'
import { OperationError } from '../../contract/index.ts'
import { defaultWorkspace } from '../board/workspace-choice.ts'
import { findProjectFiles } from '../board/project-files.ts'
import { expandHome } from '../home/home-path.ts'
import { requireProjectFolder } from '../home/project-folder.ts'
import type { Services } from '../services.ts'
import { currentBranch } from '../workers/git/git-refs.ts'
import { isRepository } from '../workers/git/project-repository.ts'
import type { AppHandlers, BoardHandlers } from './handler.ts'

export const projectHandlersOfApp = {
  'project.look': async ({ services }, { path }) => ({ project: await look(services, path) }),
} satisfies Partial<AppHandlers>

export const projectHandlersOfBoard = {
  'project.files': async ({ board }, { q, limit }) => {
    const { project_dir } = board.settings()
    if (project_dir === null) return { files: [] }
    return { files: await findProjectFiles(requireProjectFolder(project_dir), q ?? '', limit) }
  },
} satisfies Partial<BoardHandlers>

async function look({ folders }: Services, given: string) {
  const path = expandHome(given.trim())
  try {
    const folder = requireProjectFolder(path)
    const workspace = await defaultWorkspace({ default_workspace: null, project_dir: folder })
    return {
      path: folder,
      problem: null,
      branch: (await isRepository(folder)) ? await currentBranch(folder) : null,
      workspace: workspace === 'worktree' ? ('worktree' as const) : ('scratch' as const),
      boards: folders.ofFolder(folder),
    }
  } catch (error) {
    if (!(error instanceof OperationError)) throw error
    const absolute = isAbsolute(path) ? normalize(path) : path
    return { path: absolute, problem: error.message, branch: null, workspace: 'scratch' as const, boards: [] }
  }
}
