import type { InboxItem, OperationOutput } from '../../contract/index.ts'
import type { StepOf, WorkflowDefinition } from '../../contract/workflow-file.ts'
import type { Reader } from '../db/connection.ts'
import { openWalkOf } from '../lifecycle/walk.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { formAt, listAt } from '../workflow/answer.ts'
import { LEFT, valuesOf, type Walk } from '../workflow/engine.ts'
import { graphOf, reportableVerdicts } from '../workflow/graph.ts'
import { editedName } from '../workflow/hands-over.ts'
import { itemsToChoose } from '../workflow/items.ts'
import { listChanges } from '../workflow/list-changes.ts'
import { fillIn, parseReference, valueOf, type Values } from '../workflow/references.ts'

type ShownWalk = OperationOutput<'task.walk'>['walks'][number]
type Asked = NonNullable<ShownWalk['asks']>

/** @returns the open question of the task’s workflow to a person, with the visit; null without one */
export function questionOf(read: Reader, task: TaskRow): InboxItem['asks'] {
  const open = openWalkOf(read, task)
  if (open?.step.kind !== 'approve') return null
  return { ...askedAt(open.walk.definition, open.step, valuesOf(open.walk)), visit: open.visit.id }
}

/** @returns the question of an approve step, with the values to look at */
export function askedAt(definition: WorkflowDefinition, step: StepOf<'approve'>, values: Values): Asked {
  const show = (step.show ?? []).map((text) => {
    const reference = parseReference(text)
    return { reference: text, value: reference === null ? null : (valueOf(reference, values) ?? null) }
  })
  const choose =
    step.choose === undefined
      ? null
      : itemsToChoose(values, step.choose).map(({ key, summary }) => ({ key, summary }))
  return {
    question: fillIn(step.question, values).text,
    show,
    verdicts: reportableVerdicts(step),
    choose,
    edit: listAt(definition, step, values),
    form: formAt(step, values),
  } as Asked
}

/**
 * @param index the index of a visit in the walk
 * @returns how the person changed the list at that visit; null where nothing was changed
 */
export function editedIn({ definition, visits }: Walk, index: number): ShownWalk['visits'][number]['edited'] {
  const visit = visits[index]
  const step = graphOf(definition).steps.get(visit?.step ?? '')
  if (step?.kind !== 'approve' || step.edit === undefined) return null
  const name = editedName(step)
  const reference = parseReference(step.edit)
  const after = name === null ? undefined : visit?.metadata?.[name]
  if (name === null || reference?.of !== 'step' || !Array.isArray(after)) return null
  // The visit that the list was read from counted at that time, also where a way back was taken since.
  const source = visits
    .slice(0, index)
    .filter(({ step: key, verdict }) => key === reference.key && verdict !== null && verdict !== LEFT)
    .at(-1)
  const before = source?.metadata?.[reference.path[0] ?? '']
  const changes = listChanges(Array.isArray(before) ? before : [], after)
  return changes.length === 0 ? null : { name, changes: changes as never }
}
