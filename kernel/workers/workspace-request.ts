import type { WorkStart } from './work-start.ts'

export interface WorkspaceRequest {
  kind: 'scratch' | 'dir' | 'worktree'
  /** What the task asks for, or where its workspace was before. null: chosen here. */
  path: string | null
  task_id: string
  /** The board's folder for workspaces; made if missing. */
  workspaces_dir: string
  /** The board's project, needed for worktrees. */
  project_dir: string | null
  /** Worktrees only. null: `runboard/<task>`. */
  branch: string | null
  /** What a new branch starts from. null: what the project has checked out. */
  base_ref: string | null
  /** What an earlier run recorded: the start of work on a branch that exists already. */
  started_from?: WorkStart | null
  /** Where it is recorded what the repository may run. */
  trust_file?: string | null
  now?: () => number
}

export interface Workspace {
  /** Absolute. */
  path: string
  /** The branch that is checked out in a worktree, else null. */
  branch: string | null
  /** Whether it was made by this call. */
  created: boolean
  /** What the work started from; null outside of worktrees. */
  start: WorkStart | null
}
