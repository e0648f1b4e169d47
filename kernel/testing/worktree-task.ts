import type { Task } from '../../contract/index.ts'
import { trustFileOf } from '../board/own-workspace.ts'
import * as tasks from '../tables/tasks.ts'
import { startFolder } from '../workers/workspace/start-folder.ts'
import { prepareWorkspace } from '../workers/workspace/workspace.ts'
import { giveProject } from './give-project.ts'
import { repositoryAt, type Repository } from './repository.ts'
import { type Setup, setup } from './setup.ts'

/** A task with a worktree, and that worktree as a repository to work in. */
export interface WorktreeTask extends Repository {
  id: string
  branch: string
  /** The whole worktree; `folder` is where the worker starts in it. */
  root: string
}

/** A board on a repository whose `main` is checked out, and tasks that work in worktrees of it, without worker processes. */
export interface WorktreeStage extends Setup {
  repository: Repository
  /** Creates a task, claims it, creates its worktree, works there, and asks for review. */
  inReview: (work?: (worktree: WorktreeTask) => void, fields?: StageFields) => Promise<WorktreeTask>
  /** Records the worktree of a claimed task, as the dispatcher does. */
  enter: (task: Task) => Promise<WorktreeTask>
}

type StageFields = Exclude<Parameters<Setup['create']>[0], string | undefined>

export async function worktreeStage(): Promise<WorktreeStage> {
  const bundle = await setup()
  const repository = await giveProject(bundle)
  repository.git('config', 'user.name', 'Pat')
  repository.git('config', 'user.email', 'pat@example.com')
  return worktreesOf(bundle, repository)
}

/** @param repository at the project folder of the board */
export function worktreesOf(bundle: Setup, repository: Repository): WorktreeStage {
  const { board, call, claim, clock, create, write } = bundle

  const enter = async (task: Task): Promise<WorktreeTask> => {
    const { path, branch } = await prepareWorkspace({
      kind: 'worktree',
      path: null,
      task_id: task.id,
      workspaces_dir: board.workspacesFolder,
      project_dir: repository.folder,
      branch: null,
      base_ref: task.base_ref,
      trust_file: trustFileOf(board, null),
      now: () => clock.now,
    })
    write((tx) => tx.run(tasks.setWorkspace, { id: task.id, path, branch }))
    const folder = await startFolder(path, repository.folder)
    return { id: task.id, branch: branch ?? '', ...repositoryAt(folder), root: path }
  }
  const inReview = async (
    work: (worktree: WorktreeTask) => void = (worktree) => worktree.commit('work.txt', 'work\n'),
    fields: StageFields = {},
  ): Promise<WorktreeTask> => {
    const task = await create({ title: 'Write it', workspace: 'worktree', ...fields })
    const { worker } = await claim(task.id)
    const worktree = await enter(task)
    work(worktree)
    await call('task.request_review', { id: task.id, summary: 'Look' }, worker)
    return worktree
  }
  return { ...bundle, repository, inReview, enter }
}
