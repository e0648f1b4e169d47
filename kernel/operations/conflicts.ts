import { statSync } from 'node:fs'
import type { Conflict, OperationOutput } from '../../contract/index.ts'
import type { Board } from '../board/board.ts'
import * as runHistory from '../tables/run-history.ts'
import * as tasks from '../tables/tasks.ts'
import { ConflictFinder, type FoundConflict, type OpenBranch } from '../workers/changes/find-conflicts.ts'
import { readWorktreeMarker } from '../workers/workspace/worktree-marker.ts'
import { WorkerSetupError } from '../workers/setup-error.ts'
import type { BoardContext } from './handler.ts'

/** Maximum branches compared, the most recently changed first. */
const MOST_BRANCHES = 40
const MOST_FILES = 20

type Answer = OperationOutput<'board.conflicts'>

/** The earlier comparisons of each open board, and the one under way. */
const known = new WeakMap<Board, { finder: ConflictFinder; looking: Promise<Answer> | null }>()

/** Compares the open branches of a board. Concurrent callers share one comparison. */
export async function conflictsOf(context: BoardContext): Promise<Answer> {
  const { board } = context
  const own = known.get(board) ?? { finder: new ConflictFinder(), looking: null }
  known.set(board, own)
  own.looking ??= look(context, own.finder).finally(() => (own.looking = null))
  return own.looking
}

async function look({ board, read }: BoardContext, finder: ConflictFinder): Promise<Answer> {
  const { project_dir } = board.settings()
  const none: Answer = { problem: null, conflicts: [], branches: 0, omitted: 0 }
  if (project_dir === null || statSync(project_dir, { throwIfNoEntry: false })?.isDirectory() !== true)
    return none
  const rows = read.all(tasks.openWorktrees, {})
  const branches: OpenBranch[] = []
  for (const { id, branch, workspace_path } of rows.slice(0, MOST_BRANCHES)) {
    const recorded = read.get(runHistory.startOfWork, { owner: id })?.branch
    // A task that a person claimed has no recorded start; its worktree records the base branch.
    const into = recorded ?? (await readWorktreeMarker(workspace_path ?? ''))?.base_branch ?? null
    if (branch !== null && into !== null) branches.push({ task_id: id, branch, into })
  }
  if (branches.length === 0) return none
  const omitted = Math.max(0, rows.length - MOST_BRANCHES)
  try {
    const problem = await finder.problem(project_dir)
    const found = problem === null ? await finder.look(project_dir, branches) : []
    return {
      problem,
      conflicts: found.flatMap((one) => bothSides(one, branches)),
      branches: branches.length,
      omitted,
    }
  } catch (error) {
    if (!(error instanceof WorkerSetupError)) throw error
    return { ...none, problem: error.message }
  }
}

function bothSides(
  { task_id, other_id, branch, files }: FoundConflict,
  branches: readonly OpenBranch[],
): Conflict[] {
  const cut = { files: files.slice(0, MOST_FILES), files_count: files.length }
  const mine = { task_id, other_id, branch, ...cut }
  if (other_id === null) return [mine]
  const own = branches.find((one) => one.task_id === task_id)?.branch ?? ''
  return [mine, { task_id: other_id, other_id: task_id, branch: own, ...cut }]
}
