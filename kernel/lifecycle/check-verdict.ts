import { OperationError } from '../../contract/index.ts'
import { problemText } from '../../contract/json-schema.ts'
import type { WorkflowStep } from '../../contract/workflow-file.ts'
import { reportableVerdicts, waysOf } from '../workflow/graph.ts'
import { problemsIn } from '../workflow/schema-check.ts'
import type { OpenWalk } from './walk.ts'

/**
 * Checks that the open step allows the verdict, and that the metadata matches its schema.
 *
 * @param verdict null when none was given, which means `done` at a step that allows only `done`
 * @returns the verdict
 * @throws OperationError CONFLICT that lists the verdicts, or says what is wrong with the metadata
 */
export function checkVerdict(
  { step }: OpenWalk,
  id: string,
  verdict: string | null,
  metadata: Record<string, unknown> | null,
): string {
  const allowed = reportableVerdicts(step)
  const given = verdict ?? (allowed.length === 1 && allowed[0] === 'done' ? 'done' : null)
  if (given === null || !allowed.includes(given)) {
    const said = verdict === null ? 'needs a verdict' : `has no verdict “${verdict}”`
    throw new OperationError(
      'CONFLICT',
      `The step “${step.key}” of task ${id} ${said}. Use one of: ${allowed.join(', ')}.`,
      {
        id,
        step: step.key,
        verdicts: allowed,
      },
    )
  }
  const problems = step.kind === 'work' ? metadataProblems(step, metadata) : []
  if (problems.length === 0) return given
  throw new OperationError(
    'CONFLICT',
    `The metadata does not fit the step “${step.key}” of task ${id}: ${problems.slice(0, 10).join('; ')}.`,
    { id, step: step.key, problems },
  )
}

/** @throws OperationError CONFLICT when the card has moved since the caller looked at it */
export function refuseOtherVisit({ step, visit }: OpenWalk, id: string, seen: number | null): void {
  if (seen === null || seen === visit.id) return
  throw new OperationError(
    'CONFLICT',
    `Task ${id} has moved on since you looked: it is at the step “${step.key}”, visit ${visit.visit}. Look at it again.`,
    { id, step: step.key, visit: visit.id },
  )
}

function metadataProblems(step: Extract<WorkflowStep, { kind: 'work' }>, metadata: unknown): string[] {
  return step.metadata === undefined ? [] : problemsIn(step.metadata, metadata ?? {}).map(problemText)
}

/** @returns whether the open step routes this verdict; `gave_up` and `blocked` are optional */
export function hasWay({ step }: OpenWalk, verdict: string): boolean {
  return waysOf(step).some((way) => way.verdict === verdict)
}
