import type { Profile } from '../../contract/index.ts'
import { CHECK_PROFILE, MERGE_PROFILE } from '../../contract/workflow-kinds.ts'
import type { Reader } from '../db/connection.ts'
import { openWalkOf, type OpenWalk } from '../lifecycle/walk.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { valuesOf } from '../workflow/engine.ts'
import { reportableVerdicts } from '../workflow/graph.ts'
import { formatValue } from '../workflow/references.ts'

/** The data that a run takes from its workflow step: profile, verdicts and environment. */

/**
 * Adapts a profile to the step of a task: the command of a check step, the merge of a merge step, the model of a work step.
 * A check without a command keeps the profile without one, and the start of the run reports that.
 */
export function profileForStep(reader: Reader, task: TaskRow, profile: Profile): Profile {
  const open = openWalkOf(reader, task)
  if (open === null) return profile
  const { step } = open
  if (step.kind === 'check' && profile.name === CHECK_PROFILE)
    return { ...profile, shell: step.run ?? task.verify_command, max_runtime_seconds: step.timeout }
  if ((step.kind === 'merge' || step.kind === 'map') && profile.name === MERGE_PROFILE)
    return { ...profile, command: ['runboard', 'merge-step'] }
  return step.kind === 'work' && step.model !== undefined ? { ...profile, model: step.model } : profile
}

/** @returns whether the step of a task may not change its work tree */
export function isReadOnlyStep(reader: Reader, task: TaskRow): boolean {
  const step = openWalkOf(reader, task)?.step
  return step?.kind === 'work' && step.workspace === 'read-only'
}

/** @returns whether the step of a task works in a fresh worktree, which goes to the trash after the run */
export function isFreshStep(reader: Reader, task: TaskRow): boolean {
  const step = openWalkOf(reader, task)?.step
  return step?.kind === 'work' && step.workspace === 'fresh'
}

/** The facts of a step that decide what the end of its run's process means. */
export interface StepFacts {
  kind: OpenWalk['step']['kind']
  key: string
  /** The verdicts that its run may give. */
  verdicts: string[]
  /** Whether its program may write a verdict to a file. The verdict of a check that declares none is its exit code. */
  reads_file: boolean
}

/** @returns null for a task without a walk */
export function stepFactsOf(reader: Reader, task: TaskRow): StepFacts | null {
  const open = openWalkOf(reader, task)
  if (open === null) return null
  const { step } = open
  const reads_file = step.kind !== 'check' || step.verdicts !== undefined
  return { kind: step.kind, key: step.key, verdicts: reportableVerdicts(step), reads_file }
}

/** Longer values are left out of the environment, in characters. Linux limits a single value to 128 KB. */
const LONGEST_VALUE = 32 * 1024

/** Maximum bytes of all values together. A process usually gets 2 MB for its arguments and environment. */
const ALL_VALUES = 256 * 1024

/** Keeps short values first, so that one long text does not cost a step all its verdicts. */
function withinBudget(named: readonly [string, string][]): [string, string][] {
  let left = ALL_VALUES
  return [...named]
    .sort(([, a], [, b]) => a.length - b.length)
    .filter(([name, text]) => (left -= Buffer.byteLength(text) + name.length + 2) >= 0)
}

/**
 * Passes inputs and results of earlier steps to the program of a step as variables, never as text of a command:
 * `RUNBOARD_INPUT_GOAL`, `RUNBOARD_STEP_AGREE_VERDICT`, `RUNBOARD_STEP_AGREE_VERSION` (a name of its metadata).
 *
 * @param verdictFile the file for the verdict of a program that does not report
 */
export function stepEnvironment(reader: Reader, task: TaskRow, verdictFile: string): Record<string, string> {
  const open = openWalkOf(reader, task)
  if (open === null) return {}
  const values = valuesOf(open.walk)
  const env: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(open.walk.inputs)) env[`RUNBOARD_INPUT_${name}`] = value
  for (const { key } of open.walk.definition.steps) {
    const result = values.step(key)
    if (result === undefined) continue
    for (const [name, value] of Object.entries(result.metadata ?? {}))
      env[`RUNBOARD_STEP_${key}_${name}`] = value
    env[`RUNBOARD_STEP_${key}_VERDICT`] = result.verdict
    env[`RUNBOARD_STEP_${key}_SUMMARY`] = result.summary
  }
  const named = Object.entries(env).flatMap(([name, value]): [string, string][] => {
    const text = formatValue(value)
    const upper = name.toUpperCase()
    return text === '' || text.length > LONGEST_VALUE || !/^[A-Z0-9_]+$/.test(upper) ? [] : [[upper, text]]
  })
  return {
    ...Object.fromEntries(withinBudget(named)),
    RUNBOARD_STEP: open.step.key,
    RUNBOARD_VERDICTS: reportableVerdicts(open.step).join(','),
    RUNBOARD_VERDICT_FILE: verdictFile,
  }
}
