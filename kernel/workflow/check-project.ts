import { isAbsolute } from 'node:path'
import { OperationError } from '../../contract/index.ts'
import type { StepOf, WorkflowDefinition } from '../../contract/workflow-file.ts'
import { expandHome } from '../home/home-path.ts'
import { requireProjectFolder } from '../home/project-folder.ts'
import { CHOICE_NAMES } from './hands-over.ts'
import type { Path, Problem } from './problem.ts'
import { parseReference, piecesOf, type Reference } from './references.ts'

/**
 * Checks of `project` of a map step. Others work in that folder, so a person chooses it: it may come from the file, from an
 * input, or from the answer to a question, but not from what a worker handed over.
 */

type MapStep = StepOf<'map'>

/** @returns the mistakes in `project` that the file shows, except a literal folder that does not exist */
export function projectProblems(definition: WorkflowDefinition, step: MapStep, path: Path): Problem[] {
  if (step.project === undefined) return []
  const at = [...path, 'project']
  const [first] = piecesOf(step.project).filter((piece) => !('text' in piece) || piece.text !== '')
  if (first !== undefined && 'text' in first && !isAbsolute(expandHome(first.text)))
    return [
      { path: at, message: `“${step.project}” is not an absolute path: write /path or {{inputs.NAME}}` },
    ]
  return referencesIn(step.project).flatMap((reference) =>
    isPersonal(definition, step, reference)
      ? []
      : [
          {
            path: at,
            message:
              'this comes from a worker, and the folder that others work in is for a person to choose: use an input, or ask with “form” or “edit” of an approve step',
          },
        ],
  )
}

/** @returns the mistakes in `project` that only this machine shows: literal folders that are none */
export function missingProjects({ steps }: WorkflowDefinition): Problem[] {
  return steps.flatMap((step, index) => {
    if (step.kind !== 'map' || step.project === undefined || referencesIn(step.project).length > 0) return []
    try {
      requireProjectFolder(step.project.trim())
      return []
    } catch (error) {
      if (!(error instanceof OperationError)) throw error
      return [{ path: ['steps', index, 'project'], message: error.message.replace(/\.$/, '') }]
    }
  })
}

/**
 * @param part returns a workflow that a map step names for its items
 * @returns the inputs that choose the project folder of an item, at any level
 * @throws what `refuse` returns, when a map step gives such an input of its workflow a value that comes from a worker
 */
export function projectInputs(
  definition: WorkflowDefinition,
  part: (name: string) => WorkflowDefinition,
  refuse: (given: { step: string; of: string; input: string }) => Error,
): Set<string> {
  const found = new Set<string>()
  const add = (step: MapStep, text: string, whenOther: () => Error | null) => {
    for (const reference of referencesIn(text)) {
      const error = isPersonal(definition, step, reference) ? null : whenOther()
      if (error !== null) throw error
      const source = reference.of === 'item' ? parseReference(step.over) : reference
      if (source?.of === 'input') found.add(source.name)
    }
  }
  for (const step of definition.steps) {
    if (step.kind !== 'map') continue
    // The check of the file has refused other sources.
    if (step.project !== undefined) add(step, step.project, () => null)
    const of = step.do
    if (typeof of !== 'string') continue
    for (const input of projectInputs(part(of), part, refuse)) {
      const given = step.with?.[input]
      if (typeof given === 'string') add(step, given, () => refuse({ step: step.key, of, input }))
    }
  }
  return found
}

/** @returns the references in a text that can be read */
export function referencesIn(text: string): Reference[] {
  return piecesOf(text).flatMap((piece) => {
    const reference = 'reference' in piece ? parseReference(piece.reference) : null
    return reference === null ? [] : [reference]
  })
}

/** Whether a value was given by a person. References that lead nowhere are reported elsewhere. */
function isPersonal({ steps }: WorkflowDefinition, { over }: MapStep, reference: Reference): boolean {
  const source = reference.of === 'item' ? parseReference(over) : reference
  if (source?.of !== 'step') return true
  const step = steps.find(({ key }) => key === source.key)
  if (step === undefined) return true
  if (step.kind !== 'approve' || source.field !== 'metadata') return false
  // The choice of an item hands over what its worker wrote.
  return step.choose === undefined || !CHOICE_NAMES.some((name) => name === source.path[0])
}
