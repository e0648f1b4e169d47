import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Connection } from './db/connection.ts'
import { openBoardFile, type OpenOptions } from './db/open.ts'
import type { BoardFile, BoardFolders } from './home/board-folders.ts'

/** Where a run keeps its files. */
export interface RunFiles {
  log_path: string
  exit_path: string
  context_path: string
}

/** An open board: its file, its folder, its settings. */
export class Board {
  readonly slug: string
  readonly folder: string
  /** Absolute path of board.db. */
  readonly path: string
  readonly connection: Connection
  readonly #folders: BoardFolders

  constructor(slug: string, folders: BoardFolders, options: OpenOptions) {
    this.slug = slug
    this.folder = folders.folder(slug)
    this.#folders = folders
    this.path = join(this.folder, 'board.db')
    this.connection = openBoardFile(this.path, options)
  }

  /** Name, project folder and limits, as board.json has them now. */
  settings(): BoardFile {
    return this.#folders.read(this.slug)
  }

  /** Whether the board's folder is still where it was when it was opened. */
  isThere(): boolean {
    return this.#folders.exists(this.slug)
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
    }
  }

  close(): void {
    this.connection.close()
  }
}
