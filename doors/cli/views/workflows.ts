import type { WorkflowAnswers, WorkflowItem } from '../../../contract/index.ts'
import { plural } from '../../../formats/count.ts'
import { roundsEach } from '../../../formats/rounds.ts'
import { duration } from '../../../formats/time.ts'
import type { Printer } from './printer.ts'
import { table } from './table.ts'
import { visible } from './text.ts'
import { relative } from './time.ts'

type Listed = WorkflowAnswers['list']['workflows'][number]
type ShownWalk = WorkflowAnswers['walk']['walks'][number]

/** One line per template. A template with mistakes shows how many in place of its title. */
export function printWorkflows({ workflows }: WorkflowAnswers['list'], printer: Printer): string {
  return table<Listed>(
    workflows,
    [
      { header: 'NAME', text: ({ name }) => name },
      {
        header: 'TITLE',
        text: ({ title, problems }) =>
          title ?? plural(problems.length, 'one mistake', `${problems.length} mistakes`),
        least: 12,
      },
      {
        header: 'FROM',
        text: ({ source, shadows }) =>
          shadows.length === 0 ? source : `${source}, hides ${shadows.join(', ')}`,
      },
      { header: 'TRUST', text: ({ trusted }) => (trusted ? 'trusted' : 'not trusted'), drop: 1 },
      {
        header: 'VERSION',
        text: ({ version }) => (version === null ? '–' : String(version)),
        right: true,
        drop: 2,
      },
      { header: 'RUNNING', text: ({ running }) => String(running), right: true },
      {
        header: 'SUCCEEDED',
        text: ({ ended, succeeded }) => (ended === 0 ? '–' : `${succeeded} of ${ended}`),
        right: true,
      },
      {
        header: 'HALF',
        text: ({ took }) => (took === null ? '–' : duration(took.p50_ms)),
        right: true,
        drop: 3,
      },
      {
        header: '90 %',
        text: ({ took }) => (took === null ? '–' : duration(took.p90_ms)),
        right: true,
        drop: 4,
      },
      {
        header: 'ROUNDS EACH',
        text: ({ took }) => (took === null ? '–' : String(roundsEach(took))),
        right: true,
        drop: 5,
      },
    ],
    printer.width,
    printer.paint.dim,
  )
}

export function printWorkflow(shown: WorkflowAnswers['show'], { paint }: Printer): string {
  const lines = [
    `${paint.bold(shown.name)}  ${visible(shown.title ?? '')}`,
    `from ${shown.source}${shown.path === null ? '' : ` ${visible(shown.path)}`}, ${shown.trusted ? 'trusted' : 'not trusted'}`,
    ...Object.entries(shown.inputs).map(
      ([name, input]) => `input  ${name}: ${visible(JSON.stringify(input))}`,
    ),
    ...Object.entries(shown.roles).map(([name, role]) => `role   ${name}: ${visible(JSON.stringify(role))}`),
    '',
    ...shown.steps.flatMap(({ key, kind, stage, ways, who }) => [
      `${paint.bold(key)}  ${kind}${who === null ? '' : ` by ${who}`}${stage === null ? '' : `, stage ${visible(stage)}`}`,
      ...ways.map(
        ({ max_rounds, to, verdict }) =>
          `  ${verdict} → ${to}${max_rounds === null ? '' : ` (${plural(max_rounds, 'one round', `${max_rounds} rounds`)} at most)`}`,
      ),
    ]),
    '',
    'It runs:',
    ...shown.commands.map(({ runs, step }) => `  ${step}: ${visible(runs).replaceAll('\n', '\n    ')}`),
  ]
  return `${lines.join('\n')}\n`
}

export function printChecked({ digest, name, steps }: WorkflowAnswers['check']): string {
  return `${name} is valid: ${plural(steps, 'one step', `${steps} steps`)}, digest ${digest.slice(0, 12)}.\n`
}

export function printTrusted({ digest, name }: WorkflowAnswers['trust']): string {
  return `${name} ${digest.slice(0, 12)} may run its commands on this board.\n`
}

export function printAdded({ name, path }: WorkflowAnswers['add']): string {
  return `${name} is saved as ${visible(path)}.\n`
}

export function printRemoved({ name, path }: WorkflowAnswers['remove']): string {
  return `${name} was moved to ${visible(path)}.\n`
}

/** The visits of a simulated walk in order, then its present state. */
export function printSimulation(walk: WorkflowAnswers['simulate']): string {
  const visits = walk.visits.map(
    ({ step, valid, verdict, visit }) =>
      `${step}${visit === 1 ? '' : ` (visit ${visit})`}: ${verdict ?? 'open'}${valid ? '' : ', repeated later'}`,
  )
  return `${[...visits, presentState(walk)].join('\n')}\n`
}

function presentState({ end, items, projects, step, verdicts, waits }: WorkflowAnswers['simulate']): string {
  if (end !== null) return `ends at ${end.step}: ${end.state}`
  if (waits !== null) return `waits for a person: ${waits}`
  const named = items.map((key, index) => [key, projects[index]].filter((part) => part != null).join(' in '))
  const of = named.length === 0 ? '' : ` (items: ${named.map(visible).join(', ')})`
  return `waits at ${step ?? ''}${of} for ${verdicts.join(' or ')}`
}

export function printWorkflowDiff({ changes, from, name, to }: WorkflowAnswers['diff']): string {
  if (changes.length === 0) return `${name}: versions ${from} and ${to} are the same.\n`
  const lines = changes.map(({ after, before, path }) =>
    [path, `  - ${JSON.stringify(before)}`, `  + ${JSON.stringify(after)}`].map(visible).join('\n'),
  )
  return `${lines.join('\n')}\n`
}

export function printWorkflowRuns({ walks }: WorkflowAnswers['runs'], printer: Printer): string {
  return table<(typeof walks)[number]>(
    walks,
    [
      { header: 'TASK', text: ({ task_id }) => task_id },
      { header: 'TITLE', text: ({ title }) => title, least: 12 },
      { header: 'WORKFLOW', text: ({ version, workflow }) => `${workflow} v${version}` },
      { header: 'STATE', text: ({ end_state, step }) => end_state ?? `at ${step ?? ''}` },
      { header: 'STARTED', text: ({ started_at }) => relative(started_at, printer.now), drop: 1 },
      {
        header: 'TOOK',
        text: ({ ended_at, started_at }) => duration((ended_at ?? printer.now) - started_at),
        right: true,
        drop: 2,
      },
    ],
    printer.width,
    printer.paint.dim,
  )
}

/** The walks of a card, newest last, each with its visits in order. */
export function printWalks({ item_of, walks }: WorkflowAnswers['walk'], printer: Printer): string {
  const of =
    item_of === null
      ? ''
      : `item “${visible(item_of.key)}” of ${item_of.task_id} “${visible(item_of.title)}”, step ${item_of.step}\n`
  if (walks.length === 0) return `${of}It has not started a workflow.\n`
  return `${of}${walks.map((walk) => printWalk(walk, printer)).join('\n')}`
}

function printWalk(walk: ShownWalk, { now, paint }: Printer): string {
  const state = walk.end_state ?? 'running'
  const lines = [
    `${paint.bold(walk.workflow)} v${walk.version}  ${state}, started ${relative(walk.started_at, now)} by ${visible(walk.started_by)}`,
    ...walk.visits.flatMap((visit) => [
      visitLine(visit),
      ...editedLines(visit),
      ...visit.items.map(itemLine),
    ]),
    ...(walk.end === null ? [] : [`end: ${walk.end}`]),
    ...(walk.asks === null ? [] : askedLines(walk.asks)),
  ]
  return `${lines.join('\n')}\n`
}

/** What a person is asked: the fields of the form with their initial values, and the list to edit. */
function askedLines({ edit, form, question, verdicts }: NonNullable<ShownWalk['asks']>): string[] {
  const fields =
    form === null ? [] : Object.entries((form.schema['properties'] ?? {}) as Record<string, object>)
  const required = (form?.schema['required'] ?? []) as string[]
  return [
    `asks: ${visible(question)}`,
    ...fields.map(([name]) => {
      const value = form?.values[name]
      const start = value === undefined ? '' : ` = ${visible(JSON.stringify(value)).slice(0, 200)}`
      return `  ${visible(name)}${required.includes(name) ? ' (required)' : ''}${start}`
    }),
    ...(edit === null ? [] : [`  ${visible(edit.name)}: a list of ${edit.list.length} to edit`]),
    ...(edit?.list.map((item, index) => `    ${index + 1}. ${visible(JSON.stringify(item)).slice(0, 200)}`) ??
      []),
    `answers: ${verdicts.join(', ')}`,
    ...(form === null ? [] : ['  --form JSON fills the fields in']),
    ...(edit === null ? [] : [`  --edit JSON gives the whole edited list`]),
  ]
}

/** The changes of a list at a visit, one line per item. */
function editedLines({ edited }: ShownWalk['visits'][number]): string[] {
  if (edited === null) return []
  return edited.changes.map(({ after, before, change, from, to }) => {
    const place = change === 'moved' ? ` from ${from ?? ''} to ${to ?? ''}` : ''
    const said = [before, change === 'changed' ? after : before === null ? after : null]
      .filter((item) => item !== null)
      .map((item) => visible(JSON.stringify(item)).slice(0, 120))
    return `    ${change}${place}: ${said.join(' → ')}`
  })
}

/** An item of a map step, with its card. */
export function itemLine({ joined, key, put_right, state, task }: WorkflowItem): string {
  const card = task === null ? 'its card was deleted' : `${task.id} ${task.status}`
  const work = joined === true ? '  joined' : ''
  const why = put_right === null ? '' : `\n      ${visible(put_right)}`
  return `    ${visible(key)}  ${state}  ${card}${work}${why}`
}

/** A visit, with the number that `restart --from` takes. Marks one that is no longer valid: its step is repeated. */
function visitLine({
  copied_from,
  held_verdict,
  id,
  left_at,
  entered_at,
  step,
  summary,
  valid,
  verdict,
  visit,
}: ShownWalk['visits'][number]): string {
  const took = left_at === null ? '' : ` after ${duration(left_at - entered_at)}`
  const said = summary === null ? '' : `: ${visible(summary.split('\n', 1)[0] ?? '').slice(0, 120)}`
  const held = held_verdict === null ? '' : ` (says ${held_verdict}, stopped by its limit)`
  const again = valid ? '' : ' [repeated later]'
  const copied = copied_from === null ? '' : ` [of visit ${copied_from}]`
  return `  ${String(id).padStart(4)}  ${step}${visit === 1 ? '' : ` #${visit}`}  ${verdict ?? `open${held}`}${took}${again}${copied}${said}`
}
