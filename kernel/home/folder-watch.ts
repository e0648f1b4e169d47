import { type FSWatcher, statSync, watch } from 'node:fs'
import { basename, join } from 'node:path'
import { isMissing } from './files.ts'

/**
 * Reports changes in folders, as the system announces them: names that appear, disappear or are written, not what is in
 * folders below. A report is a hint. It may come twice or not at all, so callers also look at an interval.
 */
export class FolderWatch {
  readonly #folders: ReadonlyMap<string, readonly string[] | null>
  readonly #onReport: () => void
  readonly #watched = new Map<string, { identity: string; watcher: FSWatcher }>()

  /**
   * Call `renew` to begin.
   *
   * @param folders each with the names in it that matter; null for all
   */
  constructor(folders: ReadonlyMap<string, readonly string[] | null>, onReport: () => void) {
    this.#folders = folders
    this.#onReport = onReport
  }

  /**
   * Begins to watch folders that have appeared or were replaced since the last call.
   *
   * @returns whether each folder that exists is watched; false where the system watches too many already, or cannot, and
   *   for a folder that cannot be looked at
   */
  renew(): boolean {
    return [...this.#folders].map(([folder, names]) => this.#renew(folder, names)).every(Boolean)
  }

  #renew(folder: string, names: readonly string[] | null): boolean {
    try {
      const identity = identityOf(folder)
      const known = this.#watched.get(folder)
      if (known !== undefined && known.identity === identity) return true
      this.#leave(folder)
      if (identity === null) return true
      const watcher = watch(folder, { persistent: false }, (event, name) => {
        // The folder itself: it was moved or removed. The next one may get its inode.
        const isItself = event === 'rename' && name === basename(folder)
        if (isItself) this.#leave(folder)
        if (isItself || name === null || names === null || names.includes(name)) this.#onReport()
      })
      watcher.on('error', () => this.#leave(folder))
      this.#watched.set(folder, { identity, watcher })
      return true
    } catch {
      this.#leave(folder)
      return false
    }
  }

  #leave(folder: string): void {
    this.#watched.get(folder)?.watcher.close()
    this.#watched.delete(folder)
  }

  /** May be called twice. */
  stop(): void {
    for (const folder of [...this.#watched.keys()]) this.#leave(folder)
  }
}

/** @returns null for a folder that does not exist */
function identityOf(folder: string): string | null {
  try {
    const { dev, ino } = statSync(folder, { bigint: true })
    return `${dev}:${ino}`
  } catch (error) {
    if (isMissing(error)) return null
    throw error
  }
}

/** Watches the folder of boards of a home, also before it exists. @param names other names in the home that matter */
export function watchBoards(home: string, names: readonly string[], onReport: () => void): FolderWatch {
  const folders = new Map([
    [home, ['boards', ...names]],
    [join(home, 'boards'), null],
  ])
  return new FolderWatch(folders, onReport)
}
