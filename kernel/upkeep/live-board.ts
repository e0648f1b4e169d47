import { join } from 'node:path'
import { OperationError } from '../../contract/index.ts'
import { identityOf } from '../db/file-identity.ts'
import { isOpenHere } from '../db/set-aside.ts'
import type { Services } from '../services.ts'

/**
 * @throws OperationError CONFLICT for a path that cannot be resolved: a loop of links, a folder without permission
 */
function identityOfGiven(file: string): string | null {
  try {
    return identityOf(file)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new OperationError('CONFLICT', `${file} cannot be read: ${why}.`, { path: file }, { cause: error })
  }
}

/**
 * Refuses the file of a board of this home, by any path: through links, a second name, or a mount. Reading it past
 * SQLite while it is in use would drop the locks that keep other processes out.
 *
 * @throws OperationError CONFLICT
 */
export function refuseLiveBoard({ folders }: Pick<Services, 'folders'>, file: string): void {
  const identity = identityOfGiven(file)
  if (identity === null) return
  const slug = folders
    .list()
    .find((each) =>
      ['board.db', 'board.db-wal', 'board.db-shm'].some(
        (name) => identityOf(join(folders.folder(each), name)) === identity,
      ),
    )
  if (slug === undefined && !isOpenHere(file)) return
  const whose = slug === undefined ? 'a board in use' : `the board “${slug}”`
  throw new OperationError(
    'CONFLICT',
    `${file} is the file of ${whose}, which may be in use. “runboard backup” and “runboard export” write copies that can be read.`,
    { path: file, board: slug ?? null },
  )
}
