import type { StepOf, WorkflowDefinition } from '../../contract/workflow-file.ts'
import { listOf, schemaProblem } from './check-map.ts'
import { CHOICE_NAMES, editedName, propertiesOf } from './hands-over.ts'
import type { Path, Problem } from './problem.ts'
import { parseReference, piecesOf } from './references.ts'
import { problemsIn } from './schema-check.ts'

/** Finds the mistakes of forms and editable lists. Their references are checked with all others. */
export function answers(definition: WorkflowDefinition): Problem[] {
  return definition.steps.flatMap((step, index) => {
    if (step.kind !== 'approve') return []
    const path = ['steps', index]
    return [
      ...(step.form === undefined ? [] : formProblems(step, step.form, [...path, 'form'])),
      ...(step.edit === undefined ? [] : editProblems(definition, step, step.edit, [...path, 'edit'])),
    ]
  })
}

/** A name that `steps.KEY.metadata.NAME` can mention. */
const NAME = /^[A-Za-z_][A-Za-z0-9_-]*$/

function formProblems(step: StepOf<'approve'>, form: Record<string, unknown>, path: Path): Problem[] {
  const unusable = schemaProblem(form, path)
  if (unusable.length > 0) return unusable
  const fields = propertiesOf(form)
  const names = Object.keys(fields)
  if (names.length === 0) return [{ path, message: 'form has no properties, so there is nothing to fill in' }]
  const required: unknown[] = Array.isArray(form['required']) ? form['required'] : []
  const missing = required.filter((name) => typeof name !== 'string' || !names.includes(name))
  return [
    ...missing.map((name) => ({
      path: [...path, 'required'],
      message: `there is no property “${String(name)}”`,
    })),
    ...names.flatMap((name): Problem[] => {
      const at = [...path, 'properties', name]
      if (!NAME.test(name)) return [{ path: at, message: 'no reference can name this property' }]
      return isTaken(step, name)
        ? [
            {
              path: at,
              message: `“${name}” is handed over already: by ${step.choose === undefined ? 'edit' : 'choose or edit'}`,
            },
          ]
        : defaultProblems(fields[name] ?? {}, [...at, 'default'])
    }),
  ]
}

function isTaken(step: StepOf<'approve'>, name: string): boolean {
  const isChoice = step.choose !== undefined && CHOICE_NAMES.some((one) => one === name)
  return isChoice || name === editedName(step)
}

/** A default with references is known only when the question is asked. */
function defaultProblems({ default: value, ...field }: Record<string, unknown>, path: Path): Problem[] {
  if (value === undefined || (typeof value === 'string' && hasReference(value))) return []
  return problemsIn(field, value)
    .slice(0, 1)
    .map(({ message }) => ({ path, message: `the default ${message}` }))
}

/** @returns the defaults of a form that are texts, which may contain references */
export function defaultsOf({ form }: StepOf<'approve'>): { name: string; text: string }[] {
  return Object.entries(propertiesOf(form)).flatMap(([name, field]) => {
    const text = field['default']
    return typeof text === 'string' ? [{ name, text }] : []
  })
}

function hasReference(text: string): boolean {
  return piecesOf(text).some((piece) => 'reference' in piece)
}

function editProblems(
  definition: WorkflowDefinition,
  step: StepOf<'approve'>,
  edit: string,
  path: Path,
): Problem[] {
  const reference = parseReference(edit)
  const source =
    reference?.of === 'step' && reference.field === 'metadata' && reference.path.length === 1
      ? definition.steps.find(({ key }) => key === reference.key)
      : null
  if (source === null) return [{ path, message: 'expected steps.KEY.metadata.NAME of an earlier step' }]
  if (source !== undefined && source.kind !== 'work' && source.kind !== 'approve')
    return [
      {
        path,
        message: `only a list of a work step can be edited, and “${source.key}” is a ${source.kind} step`,
      },
    ]
  const name = editedName(step) ?? ''
  if (step.choose !== undefined && CHOICE_NAMES.some((one) => one === name))
    return [{ path, message: `“${name}” is handed over already: by choose` }]
  const list = listOf(definition, edit)
  return 'problem' in list ? [{ path, message: list.problem }] : []
}
