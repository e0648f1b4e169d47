import { OperationError } from '../../contract/index.ts'
import type { SchemaProblem } from '../../contract/json-schema.ts'
import type { StepOf } from '../../contract/workflow-file.ts'
import { type Answer, handoffOfAnswer, listAt } from '../workflow/answer.ts'
import { valuesOf } from '../workflow/engine.ts'
import { itemsToChoose } from '../workflow/items.ts'
import { listChanges } from '../workflow/list-changes.ts'
import type { OpenWalk } from './walk.ts'

/**
 * Checks what a person gives at an approve step beside the verdict, before anything changes.
 *
 * @returns what the step hands over; the answer's metadata as it is at any other step
 * @throws OperationError CONFLICT that says what is wrong; `data.fields` has the place of each problem
 */
export function checkAnswer(
  open: OpenWalk,
  id: string,
  verdict: string,
  answer: Answer,
): Record<string, unknown> | null {
  const { step, walk } = open
  if (step.kind !== 'approve') {
    refuseAnswer(id, answer)
    return answer.metadata
  }
  const values = valuesOf(walk)
  const chosen = verdict === 'approved' ? chosenItem(id, step, open, answer.metadata) : answer.metadata
  const handoff = handoffOfAnswer(walk.definition, step, verdict, values, { ...answer, metadata: chosen })
  if ('metadata' in handoff) return handoff.metadata
  const fields = handoff.problems.slice(0, 50)
  const said = fields.slice(0, 10).map(sentenceOf)
  throw new OperationError(
    'CONFLICT',
    `The answer does not fit the step “${step.key}” of task ${id}: ${said.join('; ')}. ${howToAnswer(step, id)}`,
    { id, step: step.key, fields },
  )
}

/** @throws OperationError CONFLICT where nobody asks for a form or a list */
export function refuseAnswer(id: string, { edit, form }: Answer): void {
  if (form === null && edit === null) return
  throw new OperationError(
    'CONFLICT',
    `Task ${id} is at no approve step, so it takes no ${form === null ? 'edited list' : 'form'}.`,
    { id },
  )
}

function howToAnswer({ edit, form }: StepOf<'approve'>, id: string): string {
  const flags = [
    ...(form === undefined ? [] : ['--form JSON']),
    ...(edit === undefined ? [] : ['--edit JSON']),
  ]
  if (flags.length === 0) return `“runboard walk ${id}” shows what it asks.`
  return `“runboard approve ${id} ${flags.join(' ')}” gives what it asks for; “runboard walk ${id}” shows it.`
}

/** The place of a problem in words for people, who count the items of a list from 1. */
function sentenceOf({ message, path }: SchemaProblem): string {
  const [, ...inner] = path
  const place = inner.map((part) => (typeof part === 'number' ? `item ${part + 1}` : part)).join(', ')
  if (place === '') return message
  return /^(is|must|does|has|belongs) /.test(message) ? `${place} ${message}` : `${place}: ${message}`
}

/**
 * At a step that lets the person choose an item, the metadata names one.
 *
 * @returns the metadata with the item, and what its card said
 * @throws OperationError CONFLICT that lists the items
 */
function chosenItem(
  id: string,
  step: StepOf<'approve'>,
  { walk }: OpenWalk,
  metadata: Record<string, unknown> | null,
): Record<string, unknown> | null {
  if (step.choose === undefined) return metadata
  const items = itemsToChoose(valuesOf(walk), step.choose)
  const item = items.find(({ key }) => key === metadata?.['item'])
  if (item !== undefined) return { ...metadata, item: item.key, result: item.summary ?? '' }
  const keys = items.map(({ key }) => key)
  throw new OperationError(
    'CONFLICT',
    `The step “${step.key}” of task ${id} needs the item that you choose, as {"item": …} in the metadata. Use one of: ${keys.join(', ')}.`,
    { id, step: step.key, items: keys },
  )
}

/** @returns how many items of the list of a step were edited and how, for its event; null where none was */
export function editedCounts(
  { step, walk }: OpenWalk,
  handoff: Record<string, unknown> | null,
): Record<string, unknown> | null {
  if (step.kind !== 'approve') return null
  const list = listAt(walk.definition, step, valuesOf(walk))
  const now = list === null ? undefined : handoff?.[list.name]
  if (list === null || !Array.isArray(now)) return null
  const changes = listChanges(list.list, now)
  if (changes.length === 0) return null
  const counts = new Map<string, number>()
  for (const { change } of changes) counts.set(change, (counts.get(change) ?? 0) + 1)
  return { list: list.name, ...Object.fromEntries(counts) }
}
