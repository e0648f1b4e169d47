import { closeSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import type { BoardExport } from '../../contract/index.ts'
import type { Connection } from '../db/connection.ts'
import { openBoardFile, withConnection } from '../db/open.ts'
import { sizeOf } from '../db/set-aside.ts'
import type { BoardFile } from '../home/board-file.ts'
import { checkBoard, settleReadiness } from './check-board.ts'
import { exportDocument, type ExportCounts, exportHead, exportLines, exportToFile } from './export.ts'
import { readHermes } from './hermes/read-hermes.ts'
import { refuseOverLimits } from './limits.ts'
import { readExport } from './read-json.ts'
import * as whole from '../tables/whole-board.ts'
import { writeAttachments } from './write-attachments.ts'
import { writeBoard } from './write-board.ts'

/** The thread jobs of export and import. */

export interface ExportRequest {
  path: string
  settings: BoardFile
  format: 'json' | 'jsonl'
  /** Absolute; null returns the content. */
  out: string | null
  now: number
}

export type Exported =
  | ({ path: string; size_bytes: number; format: 'json' | 'jsonl' } & ExportCounts)
  | BoardExport
  | { lines: string[] }

export function runExport({ path, settings, format, out, now }: ExportRequest): Exported {
  return withConnection(
    path,
    () => now,
    (connection) =>
      connection.snapshot((read) => {
        const head = exportHead(read, settings, now)
        const folder = dirname(path)
        if (out !== null) {
          exportToFile(read, head, folder, format, out)
          return { path: out, size_bytes: sizeOf(out), format, ...countsOf(connection) }
        }
        return format === 'json'
          ? exportDocument(read, head, folder)
          : { lines: [...exportLines(read, head, folder)] }
      }),
  )
}

function countsOf({ read }: Connection): ExportCounts {
  const row = read.get(whole.counts, {})
  if (row === undefined) throw new Error('a board was not counted')
  return row
}

export interface ImportRequest {
  source: 'json' | 'hermes'
  /** Absolute path of the source. It is only read. */
  file: string
  /** Absolute path of the new board.db; its folder exists. */
  target: string
  now: number
}

/** What an import writes, and what it had to leave out. */
interface ReadBoard {
  board: BoardExport
  warnings: string[]
  /** The host recorded for the processes of open runs. */
  host: string | null
}

export interface Imported extends ExportCounts {
  settings: BoardExport['board']
  warnings: string[]
}

function read(source: ImportRequest['source'], file: string, now: number): ReadBoard {
  return source === 'json' ? { board: readExport(file), warnings: [], host: null } : readHermes(file, now)
}

/** Creates the file of a new board from a source file. The caller removes it if this fails. */
export function runImport({ source, file, target, now }: ImportRequest): Imported {
  const { board, warnings: left, host } = read(source, file, now)
  refuseOverLimits(board, file)
  checkBoard(board, file)
  const warnings = [...left, ...settleReadiness(board), ...writeAttachments(board, dirname(target))]
  // Created empty first: a thread cannot set the umask, and only its user may read this file.
  closeSync(openSync(target, 'wx', 0o600))
  const connection = openBoardFile(target, { clock: () => now, busy: 'block' })
  try {
    writeBoard(connection, board, host, file)
    return { settings: board.board, warnings, ...countsOf(connection) }
  } finally {
    connection.close()
  }
}
