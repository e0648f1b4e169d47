import { diffArrays } from 'diff'
import { plural } from '../../formats/count.ts'
import type { Run } from '../../contract/index.ts'
import { changedFilesWords } from '../../formats/changed-files.ts'
import { shownOutcome } from '../../formats/shown-outcome.ts'
import { bytes, duration } from '../shared/time.ts'
import { outcomeWords } from '../shared/tones.ts'
import { commandLine } from './command-line.ts'
import { exitWords, machineName } from './run-words.ts'

/** One fact of two runs, side by side. */
export interface FactPair {
  label: string
  before: string
  after: string
  differs: boolean
  /** Shown in a fixed-width font. */
  mono: boolean
}

const NONE = '–'

interface Fact {
  label: string
  of: (run: Run) => string | null
  mono?: true
  /** Differs between any two runs, so it is shown but never marked. */
  own?: true
}

const FACTS: readonly Fact[] = [
  { label: 'Outcome', of: (run) => outcomeWords(shownOutcome(run)) },
  { label: 'Exit', of: exitWords },
  { label: 'Took', of: (run) => duration(run.elapsed_ms), own: true },
  { label: 'Profile', of: (run) => run.profile },
  { label: 'Model', of: (run) => run.observed?.model ?? null },
  { label: 'Started by', of: (run) => run.trigger },
  { label: 'Command', of: (run) => (run.command === null ? null : commandLine(run.command)), mono: true },
  {
    label: 'Time limit',
    of: (run) => (run.max_runtime_seconds === null ? 'none' : duration(run.max_runtime_seconds * 1000)),
  },
  { label: 'Workspace', of: (run) => run.workspace_path, mono: true },
  { label: 'Base commit', of: (run) => run.observed?.git_head_before?.slice(0, 12) ?? null, mono: true },
  { label: 'Commits', of: (run) => numberOf(run.observed?.commits_ahead) },
  { label: 'Files changed', of: (run) => changedFilesWords(run.observed) },
  {
    label: 'Peak memory',
    of: (run) => (run.observed?.peak_rss_bytes === undefined ? null : bytes(run.observed.peak_rss_bytes)),
    own: true,
  },
  { label: 'Step', of: (run) => run.step_key },
  { label: 'Machine', of: (run) => (run.host === null ? null : machineName(run.host)) },
  { label: 'Error', of: (run) => run.headline },
]

function numberOf(value: number | undefined): string | null {
  return value === undefined ? null : String(value)
}

/** @returns the facts that at least one of the two runs has */
export function compareRuns(before: Run, after: Run): FactPair[] {
  return FACTS.flatMap(({ label, of, mono, own }) => {
    const [a, b] = [of(before), of(after)]
    if (a === null && b === null) return []
    return [
      {
        label,
        before: a ?? NONE,
        after: b ?? NONE,
        differs: a !== b && own === undefined,
        mono: mono === true,
      },
    ]
  })
}

/** What is known about the contexts of the two runs. */
export type GivenDifference = 'reading' | 'unknown' | 'same' | 'differs'

/** @returns the summary above a comparison; a different context counts as a difference like any other */
export function differenceWords(facts: readonly FactPair[], given: GivenDifference): string {
  if (given === 'reading') return 'Comparing…'
  const count = facts.filter(({ differs }) => differs).length + (given === 'differs' ? 1 : 0)
  const words = count === 0 ? 'No differences' : plural(count, 'One difference', `${count} differences`)
  return given === 'unknown' ? `${words} in the properties` : words
}

export interface DiffLine {
  kind: 'same' | 'added' | 'removed'
  text: string
}

/** Texts that differ in more lines than this are not aligned: the first is shown as removed, the second as added. */
const MOST_CHANGED = 2000

/** @returns the shortest line-by-line difference of two texts */
export function diffLines(before: string, after: string): DiffLine[] {
  const [a, b] = [before.split('\n'), after.split('\n')]
  const changes = diffArrays(a, b, { maxEditLength: MOST_CHANGED }) ?? [
    { removed: true, added: false, value: a },
    { removed: false, added: true, value: b },
  ]
  return changes.flatMap(({ removed, added, value }) =>
    value.map((text) => ({ kind: removed ? 'removed' : added ? 'added' : 'same', text }) as const),
  )
}

export type DiffPart = DiffLine | { kind: 'folded'; count: number }

/** @returns the same difference with long unchanged stretches folded, except `around` lines beside each change */
export function foldSame(lines: readonly DiffLine[], around = 2): DiffPart[] {
  const near = (index: number) =>
    lines.slice(Math.max(0, index - around), index + around + 1).some(({ kind }) => kind !== 'same')
  const parts: DiffPart[] = []
  lines.forEach((line, index) => {
    const last = parts.at(-1)
    if (line.kind !== 'same' || near(index)) parts.push(line)
    else if (last?.kind === 'folded') last.count++
    else parts.push({ kind: 'folded', count: 1 })
  })
  return parts
}
