import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Connection, ConnectionOptions } from '../db/connection.ts'
import { openBoardFile, openEmptyBoard, type OpenOptions } from '../db/open.ts'
import { type BoardFile, defaultSettings } from '../home/board-file.ts'
import type { BoardFolders } from '../home/board-folders.ts'

/** The files of a run. */
export interface RunFiles {
  log_path: string
  exit_path: string
  context_path: string
  /** The output of its check. */
  check_log_path: string
  /** A program that does not report may write the verdict of its workflow step here. */
  verdict_path: string
}

/** An open board: its file, its folder, its settings. */
export class Board {
  readonly slug: string
  readonly folder: string
  /** Absolute path of board.db. */
  readonly path: string
  readonly connection: Connection
  /** The board does not exist: this is an empty one in memory, for reads only. */
  readonly isPlaceholder: boolean
  readonly #folders: BoardFolders

  /** @throws OperationError BOARD_DAMAGED, also if the file of the board is gone */
  constructor(slug: string, folders: BoardFolders, options: OpenOptions, placeholder?: Connection) {
    this.slug = slug
    this.folder = folders.folder(slug)
    this.#folders = folders
    this.path = join(this.folder, 'board.db')
    this.isPlaceholder = placeholder !== undefined
    this.connection = placeholder ?? openBoardFile(this.path, { ...options, mustExist: true })
  }

  /** @returns a placeholder for a board that has not been created yet */
  static placeholder(slug: string, folders: BoardFolders, options: ConnectionOptions): Board {
    return new Board(slug, folders, options, openEmptyBoard(options))
  }

  /** Name, project folder and limits, from the current board.json. */
  settings(): BoardFile {
    return this.isPlaceholder ? defaultSettings(this.slug) : this.#folders.read(this.slug)
  }

  /** Whether the board is still at its path, and its file is open here. */
  isThere(): boolean {
    return !this.isPlaceholder && this.connection.isOpen && this.connection.isCurrent()
  }

  get workspacesFolder(): string {
    return join(this.folder, 'workspaces')
  }

  get trashFolder(): string {
    return join(this.folder, 'trash')
  }

  /** @returns the files of a run; their folder is created if missing */
  runFiles(taskId: string, runId: number): RunFiles {
    const folder = join(this.folder, 'logs', taskId)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return {
      log_path: join(folder, `${runId}.log`),
      exit_path: join(folder, `${runId}.exit`),
      context_path: join(folder, `${runId}.context.md`),
      check_log_path: join(folder, `${runId}.check.log`),
      verdict_path: join(folder, `${runId}.verdict`),
    }
  }

  close(): void {
    this.connection.close()
  }
}
