import { count } from '../../formats/count.ts'
import type { Run } from '../../contract/index.ts'

/** What a worker handed over, compared with what Runboard observed. */

type Json = unknown

export const KNOWN_KEYS = [
  'changed_files',
  'tests_run',
  'verification',
  'findings',
  'decisions',
  'residual_risk',
  'retry_notes',
] as const
export type KnownKey = (typeof KNOWN_KEYS)[number]

const LABELS: Record<KnownKey, string> = {
  changed_files: 'Changed files',
  tests_run: 'Tests run',
  verification: 'Verification',
  findings: 'Findings',
  decisions: 'Decisions',
  residual_risk: 'Residual risk',
  retry_notes: 'Notes for a retry',
}

export interface HandoffField {
  key: KnownKey
  label: string
  /** One item, or several for a list. */
  items: readonly string[]
}

export interface Handoff {
  fields: readonly HandoffField[]
  /** Values without a field of their own, or that do not fit their field. */
  rest: Readonly<Record<string, Json>>
}

function isScalar(value: Json): value is string | number | boolean {
  return ['string', 'number', 'boolean'].includes(typeof value)
}

/** @returns a value as lines of text, or null if it is nested too deep */
function itemsOf(value: Json): string[] | null {
  if (isScalar(value)) return [String(value)]
  if (Array.isArray(value) && value.every(isScalar)) return value.map(String)
  return null
}

export function handoffOf(metadata: Run['metadata']): Handoff {
  const given: Record<string, Json> = { ...metadata }
  const fields = KNOWN_KEYS.flatMap((key): HandoffField[] => {
    const items = itemsOf(given[key])
    if (items === null) return []
    Reflect.deleteProperty(given, key)
    return items.length === 0 ? [] : [{ key, label: LABELS[key], items }]
  })
  return { fields, rest: given }
}

/** @returns `3 files`, `1 test`, `2 findings`: the metadata in a closed row */
export function metadataChips(metadata: Run['metadata']): string[] {
  const { fields, rest } = handoffOf(metadata)
  const counted: Partial<Record<KnownKey, string>> = {
    changed_files: 'file',
    tests_run: 'test',
    findings: 'finding',
    decisions: 'decision',
  }
  const chips = fields.map(({ key, label, items }) => {
    const noun = counted[key]
    if (noun !== undefined) return count(items.length, noun)
    return `${label.toLowerCase()}: ${items.join(', ')}`
  })
  const others = Object.entries(rest).map(([key, value]) =>
    isScalar(value) ? `${key}: ${String(value)}` : key,
  )
  // Counts come first: they are short, and alike in every row.
  const isCount = (chip: string) => /^\d/.test(chip)
  return [...chips.filter(isCount), ...chips.filter((chip) => !isCount(chip)), ...others]
}

/** A file that the worker claimed, that Runboard observed, or both. */
export interface FileClaim {
  path: string
  said: boolean
  seen: boolean
}

/** Workers name files by various paths: two are the same file if one path ends with the other. */
function isSameFile(a: string, b: string): boolean {
  const [long, short] = a.length >= b.length ? [a, b] : [b, a]
  return long === short || long.endsWith(`/${short.replace(/^\.?\//, '')}`)
}

/** @returns null when nothing was observed: the workspace is not a git repository, or was not inspected */
export function fileClaims(run: Pick<Run, 'metadata' | 'observed'>): FileClaim[] | null {
  const seen = run.observed?.files_changed
  if (seen === undefined) return null
  const said = handoffOf(run.metadata).fields.find(({ key }) => key === 'changed_files')?.items ?? []
  const claims = said.map((path) => ({
    path,
    said: true,
    seen: seen.some((file) => isSameFile(file, path)),
  }))
  const unsaid = seen.filter((file) => !said.some((path) => isSameFile(file, path)))
  return [...claims, ...unsaid.map((path) => ({ path, said: false, seen: true }))]
}

export interface Doubt {
  /** The mismatch, as a sentence. */
  text: string
}

/** @returns where the worker's claims and the observation differ */
export function doubts(run: Run): Doubt[] {
  const found: Doubt[] = []
  const claims = fileClaims(run)
  const unseen = claims?.filter(({ said, seen }) => said && !seen) ?? []
  const unsaid = claims?.filter(({ said, seen }) => !said && seen) ?? []
  const saysFiles = claims?.some(({ said }) => said) ?? false
  if (unseen.length > 0)
    found.push({ text: `${count(unseen.length, 'file')} named, but not changed according to git` })
  if (saysFiles && unsaid.length > 0)
    found.push({ text: `${count(unsaid.length, 'changed file')} not named` })
  const reported = run.outcome === 'completed' || run.outcome === 'review_requested'
  if (reported && run.exit_code !== null && run.exit_code !== 0) {
    found.push({ text: `It reported success, but its process ended with exit ${run.exit_code}` })
  }
  const check = run.observed?.verify_exit_code
  if (reported && check !== undefined && check !== 0) {
    found.push({ text: `The check ended with exit ${check}` })
  }
  return found
}
