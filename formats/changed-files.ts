import { count } from './count.ts'
/** What Runboard observed of the files of a run. Fields that an older version did not write are absent. */
export interface SeenFiles {
  /** All files that the task changed in its worktree, committed or not. */
  work_files_count?: number | undefined
  /** Of these, the files with uncommitted changes. */
  work_uncommitted?: number | undefined
  /** What this attempt changed, when there is no worktree. The list is cut, the count is not. */
  files_changed?: readonly string[] | undefined
  files_changed_count?: number | undefined
  dirty_files?: number | undefined
}

/** @returns `3 files, 1 not committed`; null when the workspace is not under git or was not inspected */
export function changedFilesWords(seen: SeenFiles | null | undefined): string | null {
  if (seen == null) return null
  const isWork = seen.work_files_count !== undefined
  const files = seen.work_files_count ?? seen.files_changed_count ?? seen.files_changed?.length
  if (files === undefined) return null
  const open = (isWork ? seen.work_uncommitted : seen.dirty_files) ?? 0
  return `${count(files, 'file')}${open === 0 ? '' : `, ${open} not committed`}`
}

/** @returns the newest facts about the files of a task; not every attempt gets far enough to change a file */
export function newestSeenFiles(runs: readonly { observed: SeenFiles | null }[]): SeenFiles | null {
  const seen = runs.filter(({ observed }) => changedFilesWords(observed) !== null)
  return seen.at(-1)?.observed ?? null
}
