import { mkdirSync, readdirSync, statSync } from 'node:fs'
import { dirname, isAbsolute, join } from 'node:path'
import { readMarker, writeMarker } from './marker.ts'
import { WorkerSetupError } from '../setup-error.ts'
import { errorCode, errorMessage } from '../../home/system-error.ts'
import type { Workspace, WorkspaceRequest } from './workspace-request.ts'
import { prepareWorktree } from './worktree.ts'

/**
 * Makes sure that a task's workspace exists, and returns it. An existing one is used as it is; one created here is
 * marked as ours. Throws a WorkerSetupError with a sentence when there can be none.
 */
export async function prepareWorkspace(request: WorkspaceRequest): Promise<Workspace> {
  if (!/^[\w-]+$/.test(request.task_id)) throw new WorkerSetupError(`“${request.task_id}” is not a task id.`)
  if (request.kind === 'worktree') return prepareWorktree(request)
  const chosen = request.kind === 'scratch' ? join(request.workspaces_dir, request.task_id) : null
  const path = request.path ?? chosen
  if (path === null) throw new WorkerSetupError('The workspace names no folder: write dir:/absolute/path.')
  if (!isAbsolute(path)) throw new WorkerSetupError(`The workspace ${path} is not an absolute path.`)
  return { path, branch: null, created: makeFolder(path, request, path === chosen), start: null }
}

/** True when the folder was created and marked here. `ours`: only Runboard creates folders at this path. */
function makeFolder(path: string, { task_id, now = Date.now }: WorkspaceRequest, ours: boolean): boolean {
  makeParent(path, ours)
  try {
    mkdirSync(path, ours ? { mode: 0o700 } : {})
    writeMarker(path, task_id, now())
    return true
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') {
      throw new WorkerSetupError(`The workspace ${path} cannot be made: ${errorMessage(error)}.`, {
        cause: error,
      })
    }
  }
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
    throw new WorkerSetupError(`The workspace ${path} is a file, not a folder.`)
  }
  // We were ended between creating and marking it. It is empty, so it cannot hold a user's files.
  if (ours && readMarker(path) === null && readdirSync(path).length === 0) writeMarker(path, task_id, now())
  return false
}

function makeParent(path: string, ours: boolean): void {
  try {
    mkdirSync(dirname(path), { recursive: true, ...(ours && { mode: 0o700 }) })
  } catch (error) {
    const file = fileOnTheWay(path)
    const why = file === null ? errorMessage(error) : `${file} is a file`
    throw new WorkerSetupError(`The workspace ${path} cannot be made: ${why}.`, { cause: error })
  }
}

/** @returns the part of a path that exists but is not a folder, so that nothing can lie below it */
function fileOnTheWay(path: string): string | null {
  for (let part = dirname(path); part !== dirname(part); part = dirname(part)) {
    const stats = statSync(part, { throwIfNoEntry: false })
    if (stats !== undefined) return stats.isDirectory() ? null : part
  }
  return null
}
