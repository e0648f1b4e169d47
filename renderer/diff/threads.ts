import type { ChangedFile, Remark } from '../../contract/index.ts'
import { lineKey } from './review-notes.ts'

/** The earlier remarks of a diff, at their present places in it. */
export interface Threads {
  /** By the key of a line. */
  onLines: ReadonlyMap<string, readonly Remark[]>
  /** By path: remarks whose line has changed or is not shown. */
  onFiles: ReadonlyMap<string, readonly Remark[]>
}

/**
 * Finds the present lines of earlier remarks: for each, the nearest line with the same text. A remark whose line no longer
 * exists stays with its file.
 */
export function placeRemarks(files: readonly ChangedFile[], remarks: readonly Remark[]): Threads {
  const onLines = new Map<string, Remark[]>()
  const onFiles = new Map<string, Remark[]>()
  const add = (to: Map<string, Remark[]>, key: string, remark: Remark) =>
    to.set(key, [...(to.get(key) ?? []), remark])
  for (const remark of remarks) {
    const file = files.find(({ path, old_path }) => path === remark.path || old_path === remark.path)
    const line = file === undefined ? null : nearest(file, remark)
    if (file !== undefined && line !== null) add(onLines, lineKey(file.path, line, remark.removed), remark)
    else add(onFiles, file?.path ?? remark.path, remark)
  }
  return { onLines, onFiles }
}

function nearest(file: ChangedFile, { line, removed, quote }: Remark): number | null {
  const same = file.hunks
    .flatMap(({ lines }) => lines)
    .filter(({ kind, text }) => (kind === 'removed') === removed && text === quote)
    .map(({ old_line, new_line }) => (removed ? old_line : new_line) ?? 0)
    .sort((a, b) => Math.abs(a - line) - Math.abs(b - line))
  return same[0] ?? null
}
