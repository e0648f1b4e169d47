import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import type { Board } from './board.ts'
import { workspaceOwner } from './gates.ts'

/**
 * The project folder of a card: that of its board, except for an item of a map step with `project`. A card that shares the
 * workspace of another is in the project of that one.
 */
export function projectOf(
  board: Board,
  task: Pick<TaskRow, 'id' | 'workspace_of' | 'project_dir'>,
): string | null {
  const owner =
    task.workspace_of === null ? task : board.connection.read.get(tasks.byId, { id: workspaceOwner(task) })
  return owner?.project_dir ?? board.settings().project_dir
}
