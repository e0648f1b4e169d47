import { OperationError } from '../../contract/index.ts'
import type { StepOf, WorkflowDefinition } from '../../contract/workflow-file.ts'
import { requireProjectFolder } from '../home/project-folder.ts'
import { projectInputs, referencesIn } from '../workflow/check-project.ts'
import { projectOfItem } from '../workflow/item-project.ts'
import { parseReference } from '../workflow/references.ts'
import { whyNoWorktrees } from '../workers/git/project-repository.ts'
import type { BoardContext } from './handler.ts'

/** The workflows of a start: the one of the card, and those of its items by name. */
interface Chosen {
  whole: WorkflowDefinition
  part: (name: string) => WorkflowDefinition
}

/** @returns the workflows among these whose cards work in the project of the board */
export function inBoardProject({ part, whole }: Chosen): WorkflowDefinition[] {
  const found = new Map<string, WorkflowDefinition>()
  const add = (definition: WorkflowDefinition) => {
    found.set(definition.name, definition)
    for (const step of definition.steps)
      if (step.kind === 'map' && typeof step.do === 'string' && step.project === undefined) add(part(step.do))
  }
  add(whole)
  return [...found.values()]
}

/**
 * Checks the project folders of items: that a person chooses them, that they have an effect, and those that are known
 * before the first step.
 *
 * @param given the inputs that the caller chose
 * @param values the value of each input
 * @throws OperationError UNAUTHORIZED when a worker gives an input that chooses a folder; CONFLICT for a folder that no item
 *   can work in
 */
export async function refuseUnusableProjects(
  { caller }: BoardContext,
  chosen: Chosen,
  given: Record<string, unknown>,
  values: Record<string, unknown>,
): Promise<void> {
  const { part, whole } = chosen
  const choosing = projectInputs(whole, part, ({ input, of, step }) =>
    refuse(
      whole,
      `the step “${step}” gives “${of}” the input “${input}”, which chooses a project folder, from a worker. The folder that others work in is for a person to choose`,
    ),
  )
  const byWorker = caller.worker === undefined ? [] : [...choosing].filter((input) => input in given)
  if (byWorker.length > 0)
    throw new OperationError(
      'UNAUTHORIZED',
      `A worker may not give “${whole.name}” the input “${byWorker.join('”, “')}”: it chooses folders that others work in, which is for a person to decide.`,
      { inputs: byWorker },
    )
  for (const step of whole.steps) {
    if (step.kind !== 'map' || step.project === undefined) continue
    const of = typeof step.do === 'string' ? part(step.do) : whole
    if (of !== whole && of.workspace === 'scratch')
      throw refuse(whole, `“project” of “${step.key}” has no effect: “${of.name}” works in scratch folders`)
    for (const folder of knownFolders(whole, step, values)) {
      requireProjectFolder(folder)
      const problem = of.workspace === 'dir' ? null : await whyNoWorktrees(folder)
      if (problem !== null) throw new OperationError('CONFLICT', problem, { step: step.key, path: folder })
    }
  }
}

/** @returns the project folders of a map step that the inputs decide; none when a person answers for them later */
function knownFolders(
  whole: WorkflowDefinition,
  step: StepOf<'map'>,
  inputs: Record<string, unknown>,
): Set<string> {
  const sources = referencesIn(step.project ?? '')
  const over = parseReference(step.over)
  const isOfItem = sources.some(({ of }) => of === 'item')
  if (sources.some(({ of }) => of === 'step') || (isOfItem && over?.of !== 'input')) return new Set()
  const list = isOfItem && over?.of === 'input' ? (inputs[over.name] ?? []) : [null]
  const folders = (Array.isArray(list) ? list : []).map((item: unknown) => {
    const found = projectOfItem(step, { inputs, step: () => undefined, item })
    if ('problem' in found) throw refuse(whole, `an item of “${step.key}” cannot be made: ${found.problem}`)
    return found.project ?? ''
  })
  return new Set(folders)
}

function refuse({ name }: WorkflowDefinition, why: string): OperationError {
  return new OperationError('CONFLICT', `The workflow “${name}” cannot be started: ${why}.`, { name })
}
