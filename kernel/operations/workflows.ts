import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { OperationError, type OperationOutput } from '../../contract/index.ts'
import type { WorkflowDefinition, WorkflowStep } from '../../contract/workflow-file.ts'
import { isObject } from '../../formats/json.ts'
import { writeFileAtomic } from '../home/files.ts'
import { definitionOf } from '../lifecycle/walk.ts'
import { percentile } from '../../formats/percentile.ts'
import type { Reader } from '../db/connection.ts'
import * as workflowRuns from '../tables/workflow-runs.ts'
import * as templates from '../tables/workflow-templates.ts'
import type { TemplateRow } from '../tables/workflow-templates.ts'
import { valuesOf } from '../workflow/engine.ts'
import { graphOf, waysOf } from '../workflow/graph.ts'
import { commandsOf, findTemplates, type FoundTemplate, homeFolder } from '../workflow/library.ts'
import { type FileProblem, problemsHere, readWorkflowFile, workflowText } from '../workflow/read-file.ts'
import { simulate } from '../workflow/simulate.ts'
import {
  chooseInputs,
  isTrusted,
  partsFor,
  refuseUntrusted,
  requireTemplate,
  templatesOf,
} from './choose-workflow.ts'
import type { BoardContext, BoardHandlers } from './handler.ts'
import { askedAt } from './question.ts'

export const workflowHandlers = {
  'workflow.list': (context) => {
    const counts = countsByName(context.read)
    return { workflows: templatesOf(context).map((template) => listed(context, template, counts)) }
  },

  'workflow.show': (context, { name, version }) => {
    const template = requireTemplate(context, name)
    const definition = chosenDefinition(context.read, template, version)
    return {
      ...listed(context, template),
      inputs: asObjects(definition.inputs),
      roles: asObjects(definition.roles),
      steps: definition.steps.map(shownStep),
      commands: commandsOf(definition, partsFor(context)),
      versions: context.read
        .all(templates.versionsOf, { name })
        .map(({ created_at, digest, version: number }) => ({
          version: number,
          digest,
          created_at,
        })),
    }
  },

  'workflow.check': (_, { file }) => {
    const { definition, digest } = checked(file)
    const { name, steps } = definition
    return { name, digest, steps: steps.length, outline: steps.map(shownStep) }
  },

  'workflow.trust': async (context, { name, digest: seen }) => {
    const { definition, digest } = requireTemplate(context, name)
    if (definition === null || digest === null) throw hasMistakes(name)
    if (seen === undefined) throw refuseUntrusted(context, name, definition, digest)
    if (!digest.startsWith(seen))
      throw new OperationError(
        'CONFLICT',
        `The workflow “${name}” has changed since you looked at it: its digest is now ${digest.slice(0, 12)}.`,
        { name, digest },
      )
    await context.write((tx) =>
      tx.run(templates.trust, { digest, name, trusted_by: tx.actor, trusted_at: tx.now }),
    )
    return { name, digest, trusted: true }
  },

  'workflow.add': ({ services }, { file, replace }) => {
    const { definition, digest } = checked(file)
    const folder = homeFolder(services.home)
    const path = join(folder, `${definition.name}.yaml`)
    if (existsSync(path)) {
      if (!replace)
        throw new OperationError(
          'CONFLICT',
          `The home has a workflow “${definition.name}” already (${path}). --replace moves it aside.`,
          { path },
        )
      putAside(path, definition.name, services.clock())
    }
    writeFileAtomic(path, file)
    return { name: definition.name, digest, path }
  },

  'workflow.remove': ({ services }, { name }) => {
    const template = findTemplates(services.home, null).find((one) => one.name === name)
    if (template === undefined)
      throw new OperationError('NOT_FOUND', `There is no workflow “${name}” in the home.`)
    if (template.source !== 'home')
      throw new OperationError(
        'CONFLICT',
        `The workflow “${name}” ships with Runboard and cannot be removed.`,
        { name },
      )
    return { name, path: putAside(template.path ?? '', name, services.clock()) }
  },

  'workflow.export': (context, { name, version }) => {
    const template = requireTemplate(context, name)
    if (version === undefined) return { name, file: template.text }
    return { name, file: workflowText(chosenDefinition(context.read, template, version)) }
  },

  'workflow.simulate': (context, { name, version, inputs, verdicts }) => {
    const definition = chosenDefinition(context.read, requireTemplate(context, name), version)
    const values = chooseInputs(context, definition, inputs)
    const given = verdicts.map((one) =>
      typeof one === 'string' ? { verdict: one, made_up: true as const } : one,
    )
    try {
      const { walk, used } = simulate(definition, values, given)
      const open = walk.end === null ? walk.visits.at(-1) : undefined
      const step = open === undefined ? undefined : graphOf(definition).steps.get(open.step)
      return {
        visits: walk.visits.map(({ step: key, valid, verdict, visit }) => ({
          step: key,
          valid,
          verdict,
          visit,
        })),
        used,
        step: open?.step ?? null,
        verdicts: step === undefined ? [] : waysOf(step).map(({ verdict }) => verdict),
        end: walk.end,
        waits: walk.waits?.sentence ?? null,
        items: walk.items,
        projects: walk.projects,
        asks: step?.kind === 'approve' ? askedAt(definition, step, valuesOf(walk)) : null,
      }
    } catch (error) {
      throw new OperationError('CONFLICT', error instanceof Error ? error.message : String(error), { name })
    }
  },

  'workflow.diff': ({ read }, { name, from, to }) => {
    const of = (version: number) => definitionOf(requireVersion(read, name, version))
    return { name, from, to, changes: changesBetween(of(from), of(to)) }
  },

  'workflow.runs': ({ read }, { name, limit }) => ({
    walks: read.all(workflowRuns.newest, { name: name ?? null, limit }).map((row) => ({
      id: row.id,
      task_id: row.task_id,
      title: row.title,
      workflow: row.name,
      version: row.version,
      step: row.ended_at === null ? row.current_step_key : null,
      started_at: row.started_at,
      ended_at: row.ended_at,
      end: row.end_key,
      end_state: row.end_state,
    })),
  }),
} satisfies Partial<BoardHandlers>

function hasMistakes(name: string): OperationError {
  return new OperationError(
    'CONFLICT',
    `The workflow “${name}” has mistakes: runboard workflows check FILE lists them.`,
  )
}

/** @throws OperationError INVALID_INPUT with every mistake on a line of its own */
function checked(file: string): { definition: WorkflowDefinition; digest: string } {
  const { definition, digest, problems: mistakes } = readWorkflowFile(file)
  const problems = definition === null ? mistakes : problemsHere(file, definition)
  if (definition !== null && problems.length === 0) return { definition, digest }
  throw new OperationError('INVALID_INPUT', `The file is not a valid workflow:\n${listProblems(problems)}`, {
    problems,
  })
}

function listProblems(problems: readonly FileProblem[]): string {
  return problems.map(({ line, column, message }) => `  ${line}:${column} ${message}`).join('\n')
}

/** Moves a file of the home to the folder `removed` beside it. Never deletes. */
function putAside(file: string, name: string, now: number): string {
  const aside = join(dirname(file), 'removed')
  mkdirSync(aside, { recursive: true, mode: 0o700 })
  const path = join(aside, `${name}-${new Date(now).toISOString().replaceAll(/[:.]/g, '-')}.yaml`)
  renameSync(file, path)
  return path
}

function listed(
  context: Pick<BoardContext, 'read'>,
  template: FoundTemplate,
  counts = countsByName(context.read),
): OperationOutput<'workflow.list'>['workflows'][number] {
  const { definition, digest, name, path, problems, shadows, source } = template
  const counted = counts.get(name)
  const stored = digest === null ? undefined : context.read.get(templates.byDigest, { digest })
  return {
    ...{ name, source, path, digest, shadows, problems },
    title: definition?.title ?? null,
    version: stored?.version ?? null,
    trusted: isTrusted(context, template),
    running: counted?.running ?? 0,
    succeeded: counted?.succeeded ?? 0,
    ended: counted?.ended ?? 0,
    took: counted === undefined || counted.ended === 0 ? null : took(context.read, name),
  }
}

function took(read: Reader, name: string): OperationOutput<'workflow.list'>['workflows'][number]['took'] {
  const walks = read.all(workflowRuns.durations, { name, limit: NEWEST_WALKS })
  const all = walks.map(({ ms }) => ms)
  const rounds = walks.reduce((sum, walk) => sum + walk.rounds, 0)
  const [p50_ms, p90_ms] = [percentile(all, 50), percentile(all, 90)]
  return p50_ms === null || p90_ms === null ? null : { walks: all.length, p50_ms, p90_ms, rounds }
}

/** How many of the newest walks the typical duration is from. Older walks say little about the present. */
const NEWEST_WALKS = 200

function countsByName(read: Reader) {
  return new Map(read.all(workflowRuns.counts, {}).map((row) => [row.name, row]))
}

function requireVersion(read: Reader, name: string, version: number): TemplateRow {
  const row = read.get(templates.byVersion, { name, version })
  if (row !== undefined) return row
  throw new OperationError(
    'NOT_FOUND',
    `No card of this board was started on version ${version} of “${name}”.`,
    {
      name,
      version,
    },
  )
}

function chosenDefinition(
  read: Reader,
  { definition, name, problems }: FoundTemplate,
  version: number | undefined,
): WorkflowDefinition {
  if (version !== undefined) return definitionOf(requireVersion(read, name, version))
  if (definition !== null) return definition
  throw new OperationError('CONFLICT', `The workflow “${name}” has mistakes:\n${listProblems(problems)}`, {
    problems,
  })
}

function asObjects(fields: Record<string, object>): Record<string, Record<string, never>> {
  return fields as Record<string, Record<string, never>>
}

/** @returns the role, the profile, or the workflow of items that does a step */
function whoDoes(step: WorkflowStep): string | null {
  if (step.kind === 'map' && typeof step.do === 'string') return step.do
  const work = step.kind === 'work' ? step : step.kind === 'map' ? step.do : undefined
  return typeof work === 'object' ? (work.role ?? work.profile ?? null) : null
}

/** @returns a step as screens show it */
export function shownStep(step: WorkflowStep): OperationOutput<'workflow.show'>['steps'][number] {
  return {
    key: step.key,
    kind: step.kind,
    stage: step.stage ?? null,
    title: step.title ?? null,
    who: whoDoes(step),
    ways: waysOf(step).map(({ verdict, to, max_rounds }) => ({ verdict, to, max_rounds })),
  }
}

type Change = OperationOutput<'workflow.diff'>['changes'][number]

/** The values that differ, by path; steps are matched by key, whatever their order. */
function changesBetween(before: WorkflowDefinition, after: WorkflowDefinition): Change[] {
  const byKey = ({ steps, ...rest }: WorkflowDefinition) => ({
    ...rest,
    steps: Object.fromEntries(steps.map((step) => [step.key, step])),
  })
  return differences(byKey(before), byKey(after), '')
}

function differences(before: unknown, after: unknown, path: string): Change[] {
  if (JSON.stringify(before) === JSON.stringify(after)) return []
  if (!isObject(before) || !isObject(after))
    return [{ path, before: (before ?? null) as never, after: (after ?? null) as never }]
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])]
  return names.flatMap((name) =>
    differences(before[name], after[name], path === '' ? name : `${path}.${name}`),
  )
}
