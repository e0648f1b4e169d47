import { type BoardExport, type ExportedTemplate, isSatisfied } from '../../contract/index.ts'
import { workflowFile } from '../../contract/workflow-file.ts'
import { checkDefinition } from '../workflow/check-definition.ts'
import { digestOf } from '../workflow/read-file.ts'

/** @returns what is inconsistent in the workflows of a board: in their definitions, walks, visits and items */
export function workflowProblems(board: BoardExport): string[] {
  const { runs, tasks, visits, walks, workflows } = board
  const templates = new Map(workflows.map((template) => [template.id, template]))
  const walkById = new Map(walks.map((walk) => [walk.id, walk]))
  const taskIds = new Set(tasks.map(({ id }) => id))
  const walkOfVisit = new Map(visits.map((visit) => [visit.id, walkById.get(visit.workflow_run_id)]))
  const stepsOf = (template: ExportedTemplate | undefined) => {
    const parsed = workflowFile().safeParse(template?.definition)
    return new Set(parsed.success ? parsed.data.steps.map(({ key }) => key) : [])
  }
  const openVisits = new Map<number, number>()
  for (const { left_at, workflow_run_id } of visits)
    if (left_at === null) openVisits.set(workflow_run_id, (openVisits.get(workflow_run_id) ?? 0) + 1)
  return [
    ...workflows.flatMap(templateProblems),
    ...itemProblems(board),
    ...walks.flatMap(({ ended_at, end_state, id, parts, task_id, template_id }) => [
      ...Object.entries(parts).flatMap(([name, { digest }]) =>
        workflows.some((template) => template.name === name && template.digest === digest)
          ? []
          : [`walk ${id} refers to a version of “${name}” that does not exist`],
      ),
      ...(taskIds.has(task_id) ? [] : [`walk ${id} refers to task ${task_id}, which does not exist`]),
      ...(templates.has(template_id)
        ? []
        : [`walk ${id} refers to workflow ${template_id}, which does not exist`]),
      ...((ended_at === null) === (end_state === null)
        ? []
        : [`walk ${id} has only one of ended_at and end_state`]),
      ...((openVisits.get(id) ?? 0) === (ended_at === null ? 1 : 0)
        ? []
        : [`walk ${id} must have one open visit while it is open, and none after`]),
    ]),
    ...visits.flatMap(({ id, left_at, step_key, verdict, workflow_run_id }) => {
      const walk = walkById.get(workflow_run_id)
      if (walk === undefined) return [`visit ${id} refers to walk ${workflow_run_id}, which does not exist`]
      return [
        ...(stepsOf(templates.get(walk.template_id)).has(step_key)
          ? []
          : [`visit ${id} is at a step that its workflow does not have`]),
        ...((left_at === null) === (verdict === null)
          ? []
          : [`visit ${id} has only one of left_at and verdict`]),
      ]
    }),
    ...tasks.flatMap(({ id, workflow_run_id }) => {
      const open = walks.find((walk) => walk.task_id === id && walk.ended_at === null)
      return (open?.id ?? null) === workflow_run_id ? [] : [`task ${id} does not point at its open walk`]
    }),
    ...runs.flatMap(({ id, task_id, visit_id }) =>
      visit_id === null || walkOfVisit.get(visit_id)?.task_id === task_id
        ? []
        : [`run ${id} refers to visit ${visit_id}, which belongs to another task`],
    ),
  ]
}

/** A definition decides what runs, so it is checked as strictly as a file. */
function templateProblems({ definition, digest, id, name }: ExportedTemplate): string[] {
  const parsed = workflowFile().safeParse(definition)
  const isSound =
    parsed.success &&
    checkDefinition(parsed.data).length === 0 &&
    digestOf(parsed.data) === digest &&
    // Definitions are stored in normal form: what the engine will read must be what was checked.
    JSON.stringify(parsed.data) === JSON.stringify(definition) &&
    parsed.data.name === name
  return isSound
    ? []
    : [`workflow ${id} has an invalid definition, or one that does not match its digest or its name`]
}

/** An item belongs to a visit of a map step, and is open exactly as long as its card and that visit are. */
function itemProblems({ items, links, tasks, visits, walks, workflows }: BoardExport): string[] {
  const tasksById = new Map(tasks.map((task) => [task.id, task]))
  const visitsById = new Map(visits.map((visit) => [visit.id, visit]))
  const walksById = new Map(walks.map((walk) => [walk.id, walk]))
  const linked = new Set(links.map(({ child_id, parent_id }) => `${parent_id} ${child_id}`))
  const maps = new Set(
    workflows.flatMap(({ definition, id }) => mapKeys(definition).map((key) => `${id} ${key}`)),
  )
  const isMap = (visit: BoardExport['visits'][number]) =>
    maps.has(`${walksById.get(visit.workflow_run_id)?.template_id ?? ''} ${visit.step_key}`)
  const openOf = new Set(items.flatMap(({ state, visit_id }) => (state === 'open' ? [visit_id] : [])))
  return [
    ...items.flatMap(({ item_key, state, task_id, visit_id }) => {
      const visit = visitsById.get(visit_id)
      const name = `the item “${item_key}” of visit ${visit_id}`
      if (visit === undefined || !isMap(visit)) return [`${name} belongs to no map step`]
      const task = task_id === null ? null : tasksById.get(task_id)
      if (task === undefined) return [`${name} refers to task ${task_id ?? ''}, which does not exist`]
      const carrier = walksById.get(visit.workflow_run_id)?.task_id ?? ''
      const isOpenCard = task !== null && !isSatisfied(task.status)
      const fits =
        visit.left_at !== null ? state !== 'open' : state === 'let_go' || (state === 'open') === isOpenCard
      return [
        ...(fits ? [] : [`${name} is ${state}, which does not match its card`]),
        ...(state !== 'open' || linked.has(`${task_id ?? ''} ${carrier}`)
          ? []
          : [`task ${carrier} does not wait for ${name}`]),
      ]
    }),
    ...visits.flatMap((visit) => {
      if (visit.left_at !== null || !isMap(visit)) return []
      const task = tasksById.get(walksById.get(visit.workflow_run_id)?.task_id ?? '')
      const waits = task?.status === 'todo' && openOf.has(visit.id)
      const joins = task?.status === 'running' || (task?.status === 'ready' && !openOf.has(visit.id))
      return waits || joins || task?.status === 'blocked' || task?.status === 'archived'
        ? []
        : [`task ${task?.id ?? ''} is at a map step without waiting for its items`]
    }),
  ]
}

function mapKeys(definition: unknown): string[] {
  const parsed = workflowFile().safeParse(definition)
  return parsed.success ? parsed.data.steps.flatMap(({ key, kind }) => (kind === 'map' ? [key] : [])) : []
}
