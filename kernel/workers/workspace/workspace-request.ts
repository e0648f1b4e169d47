import type { WorkStart } from './work-start.ts'

export interface WorkspaceRequest {
  kind: 'scratch' | 'dir' | 'worktree'
  /** The path that the task asks for, or that its workspace had before. null: chosen here. */
  path: string | null
  task_id: string
  /** The board's folder for workspaces; created if missing. */
  workspaces_dir: string
  /** The board's project, needed for worktrees. */
  project_dir: string | null
  /** Worktrees only. null: `runboard/<task>`. */
  branch: string | null
  /** What a new branch starts from. null: what the project has checked out. */
  base_ref: string | null
  /** The start of work on an existing branch, as an earlier run recorded it. */
  started_from?: WorkStart | null
  /** The file that records which programs of the repository may run. */
  trust_file?: string | null
  now?: () => number
}

export interface Workspace {
  /** Absolute. */
  path: string
  /** The branch that is checked out in a worktree, else null. */
  branch: string | null
  /** Whether this call created it. */
  created: boolean
  /** What the work started from; null without a worktree. */
  start: WorkStart | null
  /** Set for a fresh worktree: it is not the workspace of the task, and goes to the trash after the run. */
  for_one_run?: true
}
