import { listBackups } from '../db/backup-folder.ts'
import { writeBackup } from '../upkeep/backups.ts'
import { runDoctor } from '../upkeep/doctor.ts'
import { collectGarbage } from '../upkeep/gc.ts'
import { restoreBackup } from '../upkeep/restore.ts'
import { requireAbsolute } from './absolute.ts'
import type { AppHandlers, BoardHandlers } from './handler.ts'

export const upkeepHandlersOfBoard = {
  'backup.create': ({ services, board }, { out }) =>
    writeBackup(services, board, 'hand', out === null ? null : requireAbsolute('out', out)),

  'backup.list': ({ board }) => ({ backups: listBackups(board.path) }),

  'gc.run': (context, { dry_run }) => collectGarbage(context, dry_run),
} satisfies Partial<BoardHandlers>

export const upkeepHandlersOfApp = {
  'backup.restore': ({ services, caller }, { slug, path }) =>
    restoreBackup(services, services.resolveSlug(caller, slug), requireAbsolute('path', path), caller.actor),

  'doctor.run': ({ services }, { slug }) => runDoctor(services, slug),
} satisfies Partial<AppHandlers>
