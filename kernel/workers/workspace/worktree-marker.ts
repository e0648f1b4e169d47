import { join } from 'node:path'
import { writeFileAtomic } from '../../home/files.ts'
import { askGit } from '../git/git.ts'
import { readRegular } from '../../home/regular-file.ts'

/** In bytes; ours are a few hundred. */
const LARGEST_MARKER = 64 * 1024

/** What Runboard records when it creates a worktree. */
export interface WorktreeMarker {
  task_id: string
  created_at: number
  /** The commit that the worktree was created from. */
  base: string
  /** The local branch that the work is merged into; null when it started from none. Missing in old markers. */
  base_branch?: string | null
}

/** Kept in the worktree's own git folder, so that the marker does not count as a file of the project. */
async function worktreeMarkerPath(worktree: string): Promise<string | null> {
  const gitDir = await askGit(worktree, ['rev-parse', '--absolute-git-dir'])
  return gitDir === null ? null : join(gitDir, 'runboard.json')
}

export async function writeWorktreeMarker(worktree: string, marker: WorktreeMarker): Promise<void> {
  const path = await worktreeMarkerPath(worktree)
  if (path !== null) writeFileAtomic(path, `${JSON.stringify(marker, null, 2)}\n`, { sync: false })
}

/** What Runboard recorded when it created this worktree; null for other worktrees. */
export async function readWorktreeMarker(worktree: string): Promise<WorktreeMarker | null> {
  const path = await worktreeMarkerPath(worktree)
  try {
    const marker: unknown =
      path === null ? null : JSON.parse(readRegular(path, LARGEST_MARKER).toString('utf8'))
    return isMarker(marker) ? marker : null
  } catch {
    // Unreadable, not a regular file, not JSON, or gone: it does not show that the worktree is ours.
    return null
  }
}

function isMarker(value: unknown): value is WorktreeMarker {
  if (typeof value !== 'object' || value === null) return false
  const { task_id, created_at, base, base_branch } = value as Partial<Record<keyof WorktreeMarker, unknown>>
  const isKnown = typeof task_id === 'string' && typeof created_at === 'number' && typeof base === 'string'
  return isKnown && (base_branch === undefined || base_branch === null || typeof base_branch === 'string')
}
