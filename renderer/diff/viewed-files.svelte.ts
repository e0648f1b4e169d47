import type { ChangedFile } from '../../contract/index.ts'

const PREFIX = 'runboard:viewed:'

type Marked = Pick<ChangedFile, 'path' | 'digest'>

/**
 * The files of a task's diff that the user has marked as viewed. A mark applies to one version of a change: if the change
 * differs, the file is no longer viewed.
 */
export class ViewedFiles {
  #digests = $state.raw<Readonly<Record<string, string>>>({})
  readonly #key: string

  /** @param key names the board and the task */
  constructor(key: string) {
    this.#key = PREFIX + key
    this.#digests = read(this.#key)
  }

  has({ path, digest }: Marked): boolean {
    return digest !== null && Object.hasOwn(this.#digests, path) && this.#digests[path] === digest
  }

  /** Marks a file as viewed, or not. A file without a digest cannot be marked. */
  set({ path, digest }: Marked, isViewed: boolean): void {
    const { [path]: _, ...others } = this.#digests
    this.#digests = isViewed && digest !== null ? { ...others, [path]: digest } : others
    if (Object.keys(this.#digests).length === 0) localStorage.removeItem(this.#key)
    else localStorage.setItem(this.#key, JSON.stringify(this.#digests))
  }
}

function read(key: string): Record<string, string> {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? '{}')
    if (typeof kept !== 'object' || kept === null) return {}
    return Object.fromEntries(Object.entries(kept).filter(([, digest]) => typeof digest === 'string'))
  } catch {
    return {} // not our format, or from another version
  }
}
