import { expect, it } from 'vitest'
import type { ChangedFile } from '../../contract/index.ts'
import { firstLines, STRETCH, stretchesTo } from './stretches.ts'

type Line = ChangedFile['hunks'][number]['lines'][number]

function file(...sizes: number[]): ChangedFile {
  let at = 0
  const hunks = sizes.map((size) => ({
    old_start: at + 1,
    new_start: at + 1,
    heading: '',
    lines: Array.from({ length: size }, (): Line => {
      at++
      return { kind: 'added', old_line: null, new_line: at, text: `line ${at}` }
    }),
  }))
  return {
    path: 'a.txt',
    old_path: null,
    change: 'modified',
    tracked: true,
    uncommitted: false,
    entry: 'file',
    binary: false,
    additions: at,
    deletions: 0,
    cut: false,
    digest: 'd',
    hunks,
  }
}

it('the first lines of a file are whole hunks and a part of the next hunk', () => {
  const { hunks } = file(10, 20, 30)
  expect(firstLines(hunks, 60)).toEqual([10, 20, 30])
  expect(firstLines(hunks, 30)).toEqual([10, 20])
  expect(firstLines(hunks, 15)).toEqual([10, 5])
})

it('shows whole stretches up to a remark far down in a file', () => {
  const long = file(STRETCH, STRETCH * 2)
  const note = (line: number, isRemoved = false) => ({ path: 'a.txt', line, isRemoved, quote: '', text: 'x' })
  expect(stretchesTo(long, [])).toBe(0)
  expect(stretchesTo(long, [note(3)])).toBe(STRETCH)
  expect(stretchesTo(long, [note(3), note(STRETCH + 1)])).toBe(STRETCH * 2)
  expect(stretchesTo(long, [note(5, true), { ...note(STRETCH + 1), path: 'b.txt' }])).toBe(0)
})
