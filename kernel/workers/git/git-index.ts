import { lstatSync } from 'node:fs'

/** A file as recorded in the index. */
export interface IndexEntry {
  path: string
  mtime_seconds: number
  mtime_nanoseconds: number
  size: number
}

const ENTRY =
  /([^\0]+)\0 {2}ctime: \d+:\d+\n {2}mtime: (\d+):(\d+)\n[^\n]*\n[^\n]*\n {2}size: (\d+)\t[^\n]*\n/gs

/** Parses the output of `git ls-files --debug -z`. */
export function parseIndexEntries(output: string): IndexEntry[] {
  return [...output.matchAll(ENTRY)].map(([, path = '', seconds, nanoseconds, size]) => ({
    path,
    mtime_seconds: Number(seconds),
    mtime_nanoseconds: Number(nanoseconds),
    size: Number(size),
  }))
}

/** Whether a file has the time and size that it was checked out with. */
export function isAsCheckedOut(file: string, entry: IndexEntry): boolean {
  const stats = lstatSync(file, { bigint: true, throwIfNoEntry: false })
  if (stats === undefined) return false
  const nanoseconds = Number(stats.mtimeNs % 1_000_000_000n)
  const isSameTime =
    Number(stats.mtimeNs / 1_000_000_000n) === entry.mtime_seconds &&
    // Some builds of git keep whole seconds.
    (entry.mtime_nanoseconds === 0 || nanoseconds === entry.mtime_nanoseconds)
  return isSameTime && Number(stats.size) === entry.size
}
