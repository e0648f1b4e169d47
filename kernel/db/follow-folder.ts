import { randomBytes } from 'node:crypto'
import { realpathSync } from 'node:fs'
import { sep } from 'node:path'
import * as boardState from '../tables/board-state.ts'
import * as taskRuns from '../tables/task-runs.ts'
import * as tasks from '../tables/tasks.ts'
import type { Connection } from './connection.ts'

/**
 * Updates absolute paths on a board, of logs and of workspaces that Runboard created, after the board's folder was
 * moved or copied (to another disk, another home, out of the archive). Then logs are found, and a task continues in
 * its own workspace instead of a new one at the old path.
 *
 * @param folder absolute path of the folder that now holds the board's file
 */
export function followFolder(connection: Connection, folder: string): void {
  const before = connection.read.get(boardState.get, { key: 'folder' })?.value
  const hasId = connection.read.get(boardState.get, { key: 'board_id' }) !== undefined
  const hasMoved = before !== folder && (before === undefined || !isSame(before, folder))
  if (!hasMoved && hasId) return
  connection.writeNow('dispatcher', (tx) => {
    if (!hasId)
      tx.run(boardState.set, { key: 'board_id', value: randomBytes(16).toString('hex'), now: tx.now })
    if (!hasMoved) return
    if (before !== undefined) {
      const move = { from: before + sep, to: folder + sep }
      tx.run(taskRuns.followFolder, move)
      tx.run(tasks.followFolder, move)
    }
    tx.run(boardState.set, { key: 'folder', value: folder, now: tx.now })
  })
}

/** Two paths to one folder: nothing has moved. */
function isSame(before: string, now: string): boolean {
  try {
    return realpathSync(before) === realpathSync(now)
  } catch {
    // The old one is gone.
    return false
  }
}
