import type { ChangedFile } from '../../contract/index.ts'
import type { LineNote } from './review-notes.ts'

type Hunks = ChangedFile['hunks']

/** How many more lines of a file are shown at a time. */
export const STRETCH = 300
/** How many lines are rendered in one frame without delaying it. */
export const LINES_A_FRAME = 30

/** @returns how many lines of each hunk are among the first `most` lines of the file; hunks without any are left out */
export function firstLines(hunks: Hunks, most: number): number[] {
  const shown: number[] = []
  let left = most
  for (const { lines } of hunks) {
    if (left <= 0) break
    shown.push(Math.min(lines.length, left))
    left -= lines.length
  }
  return shown
}

/** @returns how many lines of a file, in whole stretches, contain all its remarks; 0 without a remark */
export function stretchesTo(file: ChangedFile, notes: readonly LineNote[]): number {
  const own = notes.filter(({ path }) => path === file.path)
  if (own.length === 0) return 0
  const isOn = (line: Hunks[number]['lines'][number]) =>
    own.some(({ line: at, isRemoved }) =>
      isRemoved
        ? line.kind === 'removed' && line.old_line === at
        : line.kind !== 'removed' && line.new_line === at,
    )
  const last = file.hunks
    .flatMap(({ lines }) => lines)
    .reduce((found, line, at) => (isOn(line) ? at : found), -1)
  return Math.ceil((last + 1) / STRETCH) * STRETCH
}
