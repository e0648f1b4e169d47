import { realpathSync } from 'node:fs'
import { dirname, isAbsolute, join, relative } from 'node:path'
import { OperationError } from '../../contract/index.ts'
import { importBoard } from '../exchange/import.ts'
import { noSuchBoard } from '../home/board-folders.ts'
import { runJob } from '../jobs/run-job.ts'
import { requireAbsolute } from './absolute.ts'
import type { AppHandlers, BoardHandlers } from './handler.ts'

export const exchangeHandlersOfBoard = {
  'exchange.export': ({ services, board }, { format, out }) => {
    if (board.isPlaceholder) throw noSuchBoard(board.slug)
    const target = out === null ? null : requireAbsolute('out', out)
    if (target !== null) refuseHome(services.home, target)
    return runJob(
      'export',
      { path: board.path, settings: board.settings(), format, out: target, now: services.clock() },
      { inThread: services.isBusyElsewhere },
    )
  },
} satisfies Partial<BoardHandlers>

export const exchangeHandlersOfApp = {
  'exchange.import_json': ({ services }, { path, slug }) =>
    importBoard(services, 'json', requireAbsolute('path', path), slug),

  'exchange.import_hermes': ({ services }, { path, slug }) =>
    importBoard(services, 'hermes', requireAbsolute('path', path), slug),
} satisfies Partial<AppHandlers>

/** An export must not overwrite Runboard's own files, least of all a board. */
function refuseHome(home: string, out: string): void {
  let folder = dirname(out)
  try {
    folder = realpathSync(folder)
  } catch {
    // The path does not exist: the write will report that.
  }
  const inside = relative(realpathSync(home), join(folder, 'file'))
  if (inside.startsWith('..') || isAbsolute(inside)) return
  throw new OperationError('CONFLICT', `${out} is in Runboard’s own data folder; choose another.`, {
    path: out,
  })
}
