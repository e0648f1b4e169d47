import type Database from 'better-sqlite3'
import { backupBoard, copyBoard } from '../db/backup.ts'
import type { BackupReason, CheckedBackup } from '../db/backup-folder.ts'
import { inspectFile, type FileFindings } from '../db/inspect.ts'
import { withBoardFile } from '../db/open.ts'
import { readyBackup, type ReadyRequest, type Readied } from '../db/restore.ts'
import {
  type Exported,
  type ExportRequest,
  type Imported,
  type ImportRequest,
  runExport,
  runImport,
} from '../exchange/jobs.ts'
import { replaceBoard, type Replaced, type ReplaceRequest } from '../upkeep/replace-board.ts'

/** Work that takes long on a large board. Each job opens the board's file itself, and gets plain data only. */
export interface Jobs {
  /** Without `target`, into the board's backup folder. */
  backup: {
    input: { path: string; reason: BackupReason; target: string | null; now: number }
    output: { path: string } & CheckedBackup
  }
  /** Copies a backup beside the board that it will become, and checks it. */
  ready: { input: ReadyRequest; output: Readied }
  /** Makes a board a copy of another file, under one lock. */
  replace: { input: ReplaceRequest; output: Replaced }
  inspect: { input: { path: string }; output: FileFindings }
  export: { input: ExportRequest; output: Exported }
  import: { input: ImportRequest; output: Imported }
}
export type JobName = keyof Jobs

export const jobs: { [N in JobName]: (input: Jobs[N]['input']) => Jobs[N]['output'] } = {
  backup: ({ path, reason, target, now }) =>
    withBoardFile(path, (db: Database.Database) =>
      target === null ? backupBoard(db, path, reason, now) : { path: target, ...copyBoard(db, target) },
    ),
  ready: readyBackup,
  replace: (request) => replaceBoard(request),
  inspect: ({ path }) => withBoardFile(path, inspectFile),
  export: runExport,
  import: runImport,
}
