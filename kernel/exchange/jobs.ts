import { closeSync, openSync } from 'node:fs'
import type { BoardExport } from '../../contract/index.ts'
import type { Connection } from '../db/connection.ts'
import { openBoardFile, withConnection } from '../db/open.ts'
import { sizeOf } from '../db/set-aside.ts'
import type { BoardFile } from '../home/board-folders.ts'
import { checkBoard, settleReadiness } from './check-board.ts'
import { exportDocument, type ExportCounts, exportHead, exportLines, exportToFile } from './export.ts'
import { readHermes } from './hermes/read-hermes.ts'
import { refuseOverLimits } from './limits.ts'
import { readExport } from './read-json.ts'
import * as whole from '../tables/whole-board.ts'
import { writeBoard } from './write-board.ts'

/** What the threads do that take boards out and bring them in. */

export interface ExportRequest {
  path: string
  settings: BoardFile
  format: 'json' | 'jsonl'
  /** Absolute; null gives the content back. */
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
        if (out !== null) {
          exportToFile(read, head, format, out)
          return { path: out, size_bytes: sizeOf(out), format, ...countsOf(connection) }
        }
        return format === 'json' ? exportDocument(read, head) : { lines: [...exportLines(read, head)] }
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
  /** Absolute path of what is imported. It is only read. */
  file: string
  /** Absolute path of the new board.db; its folder is there. */
  target: string
  now: number
}

/** What an import has to write, and what it could not take over. */
interface ReadBoard {
  board: BoardExport
  warnings: string[]
  /** Where the processes of open runs are said to be. */
  host: string | null
}

export interface Imported extends ExportCounts {
  settings: BoardExport['board']
  warnings: string[]
}

function read(source: ImportRequest['source'], file: string, now: number): ReadBoard {
  return source === 'json' ? { board: readExport(file), warnings: [], host: null } : readHermes(file, now)
}

/** Makes a new board's file of what a file holds. The caller takes it away again where this fails. */
export function runImport({ source, file, target, now }: ImportRequest): Imported {
  const { board, warnings: left, host } = read(source, file, now)
  refuseOverLimits(board, file)
  checkBoard(board, file)
  const warnings = [...left, ...settleReadiness(board)]
  // Made empty first: a thread cannot set the umask, and this file is for its user alone.
  closeSync(openSync(target, 'wx', 0o600))
  const connection = openBoardFile(target, { clock: () => now, busy: 'block' })
  try {
    writeBoard(connection, board, host, file)
    return { settings: board.board, warnings, ...countsOf(connection) }
  } finally {
    connection.close()
  }
}
