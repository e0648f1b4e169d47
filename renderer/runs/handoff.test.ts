import { describe, expect, it } from 'vitest'
import { doubts, fileClaims, handoffOf, metadataChips } from './handoff.ts'
import { aRun } from './test-runs.ts'

describe('a handoff', () => {
  it('shows known keys as fields, and the rest unchanged', () => {
    const handoff = handoffOf({
      residual_risk: 'none',
      changed_files: ['a.ts', 'b.ts'],
      tests_run: [],
      decisions: [{ why: 'deep' }],
      own: 7,
    })
    expect(handoff.fields.map(({ key, items }) => [key, items])).toEqual([
      ['changed_files', ['a.ts', 'b.ts']],
      ['residual_risk', ['none']],
    ])
    expect(handoff.rest).toEqual({ decisions: [{ why: 'deep' }], own: 7 })
  })

  it('is short in a closed row', () => {
    expect(
      metadataChips({
        changed_files: ['a'],
        tests_run: ['x', 'y'],
        residual_risk: 'low',
        tokens: 12,
        tree: {},
      }),
    ).toEqual(['1 file', '2 tests', 'residual risk: low', 'tokens: 12', 'tree'])
    expect(metadataChips(null)).toEqual([])
  })
})

describe('claimed files against observed files', () => {
  const run = aRun({
    outcome: 'completed',
    metadata: { changed_files: ['/work/1/src/a.ts', 'src/gone.ts'] },
    observed: { files_changed: ['src/a.ts', 'src/new.ts'] },
    exit_code: 1,
  })

  it('recognizes one file by two paths', () => {
    expect(fileClaims(run)).toEqual([
      { path: '/work/1/src/a.ts', said: true, seen: true },
      { path: 'src/gone.ts', said: true, seen: false },
      { path: 'src/new.ts', said: false, seen: true },
    ])
  })

  it('names each difference', () => {
    expect(doubts(run).map(({ text }) => text)).toEqual([
      '1 file named, but not changed according to git',
      '1 changed file not named',
      'It reported success, but its process ended with exit 1',
    ])
  })

  it('is null when nothing was observed', () => {
    expect(fileClaims(aRun({ metadata: { changed_files: ['a'] } }))).toBeNull()
    expect(doubts(aRun({ outcome: 'completed', metadata: { changed_files: ['a'] } }))).toEqual([])
  })
})
