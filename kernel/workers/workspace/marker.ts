import { lstatSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { writeFileAtomic } from '../../home/files.ts'
import { readRegular } from '../../home/regular-file.ts'

/** Lies in each folder that Runboard created. Only folders with a matching marker are ever moved to the trash. */
export const MARKER_NAME = '.runboard'

/** In bytes; ours are a few hundred. */
const LARGEST_MARKER = 64 * 1024

export interface Marker {
  task_id: string
  created_at: number
  /** The folder's path, and its inode: a copy of the marker in another folder proves nothing. */
  path: string
  inode: string
}

/** Writes the marker into a folder that we have just created. */
export function writeMarker(folder: string, task_id: string, now: number): void {
  const path = realpathSync(folder)
  const marker: Marker = { task_id, created_at: now, path, inode: inodeOf(path) }
  writeFileAtomic(join(path, MARKER_NAME), `${JSON.stringify(marker, null, 2)}\n`, { sync: false })
}

/** The marker of a folder that we created and that is still the same folder, else null. */
export function readMarker(folder: string): Marker | null {
  try {
    if (!lstatSync(folder).isDirectory()) return null
    const path = realpathSync(folder)
    const marker: unknown = JSON.parse(readRegular(join(path, MARKER_NAME), LARGEST_MARKER).toString('utf8'))
    return isMarker(marker) && marker.path === path && marker.inode === inodeOf(path) ? marker : null
  } catch {
    // Unreadable, not JSON, or gone: it does not show that the folder is ours.
    return null
  }
}

function isMarker(value: unknown): value is Marker {
  if (typeof value !== 'object' || value === null) return false
  const { task_id, created_at, path, inode } = value as Partial<Record<keyof Marker, unknown>>
  return [task_id, path, inode].every((field) => typeof field === 'string') && typeof created_at === 'number'
}

function inodeOf(path: string): string {
  return String(lstatSync(path, { bigint: true }).ino)
}
