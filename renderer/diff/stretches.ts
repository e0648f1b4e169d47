import type { ChangedFile } from '../../contract/index.ts'
import type { LineNote } from './review-notes.ts'

type Hunks = ChangedFile['hunks']

/** How many lines of a file are rendered at once without a noticeable delay. */
export const STRETCH = 300

/** @returns the first `most` lines as hunks; the last hunk is cut, later ones are left out */
export function firstLines(hunks: Hunks, most: number): Hunks {
  const shown: Hunks = []
  let left = most
  for (const hunk of hunks) {
    if (left <= 0) break
    shown.push(hunk.lines.length <= left ? hunk : { ...hunk, lines: hunk.lines.slice(0, left) })
    left -= hunk.lines.length
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
