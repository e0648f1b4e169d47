import { expect, it } from 'vitest'
import type { ChangedFile, Remark } from '../../contract/index.ts'
import { lineKey } from './review-notes.ts'
import { placeRemarks } from './threads.ts'

const file: ChangedFile = {
  path: 'new.ts',
  old_path: 'old.ts',
  change: 'renamed',
  tracked: true,
  uncommitted: false,
  entry: 'file',
  binary: false,
  additions: 2,
  deletions: 1,
  cut: false,
  digest: null,
  hunks: [
    {
      old_start: 10,
      new_start: 10,
      heading: '',
      lines: [
        { kind: 'removed', text: '}', old_line: 10, new_line: null },
        { kind: 'added', text: '}', old_line: null, new_line: 10 },
        { kind: 'added', text: 'x', old_line: null, new_line: 11 },
        { kind: 'context', text: '}', old_line: 11, new_line: 12 },
      ],
    },
  ],
}

const remark = (part: Partial<Remark>): Remark => ({
  path: 'new.ts',
  line: 10,
  removed: false,
  quote: '}',
  text: 'Why?',
  attempt: 1,
  answered_attempt: null,
  at: 1,
  by: 'ada',
  ...part,
})

it('places an earlier remark on the nearest line with the same text', () => {
  const [near, moved, before] = [remark({}), remark({ path: 'old.ts', line: 14 }), remark({ removed: true })]
  const { onLines, onFiles } = placeRemarks([file], [near, moved, before])
  expect([...onLines]).toEqual([
    [lineKey('new.ts', 10, false), [near]],
    [lineKey('new.ts', 12, false), [moved]],
    [lineKey('new.ts', 10, true), [before]],
  ])
  expect(onFiles.size).toBe(0)
})

it('keeps an earlier remark with its file if the line or file no longer exists', () => {
  const [changed, gone] = [remark({ quote: 'y' }), remark({ path: 'gone.ts' })]
  const { onLines, onFiles } = placeRemarks([file], [changed, gone])
  expect(onLines.size).toBe(0)
  expect([...onFiles]).toEqual([
    ['new.ts', [changed]],
    ['gone.ts', [gone]],
  ])
})
