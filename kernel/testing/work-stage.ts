import { join } from 'node:path'
import { expect } from 'vitest'
import type { OperationInput } from '../../contract/index.ts'
import { giveProject } from './give-project.ts'
import { COMMIT, type Repository } from './repository.ts'
import { setupWorkers, type WorkerSetup } from './workers.ts'

export interface WorkStage extends WorkerSetup {
  /** The project of the board. */
  repository: Repository
  /** Creates a task with a worktree, runs its worker, and waits until it is in review. @returns its id */
  run: (fields?: Partial<OperationInput<'task.create'>>) => Promise<string>
}

/** A board on a repository, and a profile whose worker does this work in its worktree and asks for review. */
export async function stageWork(work: string): Promise<WorkStage> {
  const bundle = await setupWorkers()
  const repository = await giveProject(bundle, join(bundle.shared, 'project'))
  await bundle.profile('author', `set -e; ${work}; runboard request_review '{"summary":"Look"}'`)
  const run: WorkStage['run'] = async (fields = {}) => {
    const { id } = await bundle.create({
      title: 'Write it',
      assignee: 'author',
      workspace: 'worktree',
      ...fields,
    })
    await bundle.drain()
    expect((await bundle.task(id)).status).toBe('review')
    return id
  }
  return { ...bundle, repository, run }
}

/** Work that changes a line, adds a file, and commits both. */
export const EDIT = `sed -i s/three/THREE/ notes.txt; printf 'new\\n' > fresh.txt; git add -A; ${COMMIT} 'Change three'`
