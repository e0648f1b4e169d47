import type { WorkflowDefinition, WorkflowStep } from '../../contract/workflow-file.ts'
import type { Path, Problem } from './problem.ts'
import { parseReference, piecesOf, type Reference } from './references.ts'

/** Finds references where nothing fills them in: a person would read them, or a shell would run them, as they are written. */
export function idleReferences(definition: WorkflowDefinition): Problem[] {
  const { steps, title } = definition
  return [
    ...inText(title, ['title']),
    ...Object.entries(definition.inputs).flatMap(([name, input]) =>
      inText(input.title, ['inputs', name, 'title']),
    ),
    ...steps.flatMap((step, index) => [
      ...inText(step.title, ['steps', index, 'title']),
      ...inText(step.stage, ['steps', index, 'stage']),
      ...inWork(step, ['steps', index]),
      ...inCommand(definition, step, ['steps', index, 'run']),
    ]),
  ]
}

function inWork(step: WorkflowStep, path: Path): Problem[] {
  if (step.kind === 'work')
    return [...inText(step.profile, [...path, 'profile']), ...inText(step.model, [...path, 'model'])]
  // The profile of items may contain references.
  return step.kind === 'map' && typeof step.do !== 'string'
    ? inText(step.do.model, [...path, 'do', 'model'])
    : []
}

function inText(text: string | undefined, path: Path): Problem[] {
  return referencesOf(text).map(({ written }) => ({
    path,
    message: `{{${written}}} is not filled in here: references belong in prompts, questions, “with”, “project” and the defaults of a form`,
  }))
}

/** Only names of this file: other tools use {{…}} too, such as `docker ps --format`. */
function inCommand({ inputs, steps }: WorkflowDefinition, step: WorkflowStep, path: Path): Problem[] {
  if (step.kind !== 'check') return []
  const isOurs = (reference: Reference) =>
    (reference.of === 'input' && Object.hasOwn(inputs, reference.name)) ||
    (reference.of === 'step' && steps.some(({ key }) => key === reference.key))
  return referencesOf(step.run)
    .filter(({ reference }) => isOurs(reference))
    .map(({ reference, written }) => ({
      path,
      message: `{{${written}}} is not filled in in a command: its value is in the environment, as $${variableOf(reference)}`,
    }))
}

/** @returns the variable with the value of a reference, as kernel/board/step-run.ts names it */
function variableOf(reference: Reference): string {
  if (reference.of === 'input') return `RUNBOARD_INPUT_${reference.name}`.toUpperCase()
  const [name = ''] = reference.path
  const field = reference.of === 'step' && reference.field !== 'metadata' ? reference.field : name
  return `RUNBOARD_STEP_${reference.of === 'step' ? reference.key : ''}_${field}`.toUpperCase()
}

function referencesOf(text: string | undefined): { reference: Reference; written: string }[] {
  return piecesOf(text ?? '').flatMap((piece) => {
    const reference = 'reference' in piece ? parseReference(piece.reference) : null
    return reference === null || !('reference' in piece) ? [] : [{ reference, written: piece.reference }]
  })
}
