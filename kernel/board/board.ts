import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Connection, ConnectionOptions } from '../db/connection.ts'
import { openBoardFile, openEmptyBoard, type OpenOptions } from '../db/open.ts'
import { type BoardFile, type BoardFolders, defaultSettings } from '../home/board-folders.ts'

/** Where a run keeps its files. */
export interface RunFiles {
  log_path: string
  exit_path: string
  context_path: string
  /** What its check writes. */
  check_log_path: string
}

/** An open board: its file, its folder, its settings. */
export class Board {
  readonly slug: string
  readonly folder: string
  /** Absolute path of board.db. */
  readonly path: string
  readonly connection: Connection
  /** The board is not there: this stands for it, empty, in memory, for what only reads. */
  readonly isPlaceholder: boolean
  readonly #folders: BoardFolders

  /** @throws OperationError BOARD_DAMAGED, also where the file of the board is gone */
  constructor(slug: string, folders: BoardFolders, options: OpenOptions, placeholder?: Connection) {
    this.slug = slug
    this.folder = folders.folder(slug)
    this.#folders = folders
    this.path = join(this.folder, 'board.db')
    this.isPlaceholder = placeholder !== undefined
    this.connection = placeholder ?? openBoardFile(this.path, { ...options, mustExist: true })
  }

  /** @returns what answers for a board that nobody has made yet */
  static placeholder(slug: string, folders: BoardFolders, options: ConnectionOptions): Board {
    return new Board(slug, folders, options, openEmptyBoard(options))
  }

  /** Name, project folder and limits, as board.json has them now. */
  settings(): BoardFile {
    return this.isPlaceholder ? defaultSettings(this.slug) : this.#folders.read(this.slug)
  }

  /** Whether the board is still where it was when it was opened, and its file the one that is open. */
  isThere(): boolean {
    return !this.isPlaceholder && this.#folders.exists(this.slug) && this.connection.isCurrent()
  }

  get workspacesFolder(): string {
    return join(this.folder, 'workspaces')
  }

  get trashFolder(): string {
    return join(this.folder, 'trash')
  }

  /** @returns the files of a run; their folder is made if need be */
  runFiles(taskId: string, runId: number): RunFiles {
    const folder = join(this.folder, 'logs', taskId)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    return {
      log_path: join(folder, `${runId}.log`),
      exit_path: join(folder, `${runId}.exit`),
      context_path: join(folder, `${runId}.context.md`),
      check_log_path: join(folder, `${runId}.check.log`),
    }
  }

  close(): void {
    this.connection.close()
  }
}
