import { lstatSync, readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { WorkflowDefinition } from '../../contract/workflow-file.ts'
import { type TemplateSource, WORKFLOW_LIMITS } from '../../contract/workflow-kinds.ts'
import { readRegular } from '../home/regular-file.ts'
import { BEST_OF } from './builtin/best-of.ts'
import { BUG } from './builtin/bug.ts'
import { DEPENDENCIES } from './builtin/dependencies.ts'
import { FEATURE } from './builtin/feature.ts'
import { NIGHTLY } from './builtin/nightly.ts'
import { PART } from './builtin/part.ts'
import { PLAN_AND_BUILD } from './builtin/plan-and-build.ts'
import { RELEASE } from './builtin/release.ts'
import { RESEARCH } from './builtin/research.ts'
import { type FileProblem, readWorkflowFile } from './read-file.ts'

/** The workflows that ship. */
export const BUILTIN = [
  FEATURE,
  BUG,
  PLAN_AND_BUILD,
  PART,
  RESEARCH,
  NIGHTLY,
  DEPENDENCIES,
  RELEASE,
  BEST_OF,
] as const

/** A template found on this machine. */
export interface FoundTemplate {
  name: string
  source: Exclude<TemplateSource, 'inline'>
  path: string | null
  text: string
  definition: WorkflowDefinition | null
  digest: string | null
  problems: FileProblem[]
  /** Places with a file of the same name that this one hides. */
  shadows: FoundTemplate['source'][]
}

/** Maximum files read from one folder. */
const MOST_FILES = 200

/**
 * The templates of a board, each name once: the project's file hides the home's, which hides the one that ships. A file
 * with mistakes is listed with them, under its name.
 *
 * @param project the project folder of the board
 */
export function findTemplates(home: string, project: string | null): FoundTemplate[] {
  const places = [
    ...(project === null ? [] : inFolder(join(project, '.runboard', 'workflows'), 'project')),
    ...inFolder(homeFolder(home), 'home'),
    ...BUILTIN.map((text) => found(text, 'builtin', null, '')),
  ]
  const byName = new Map<string, FoundTemplate>()
  for (const template of places) {
    const nearer = byName.get(template.name)
    if (nearer === undefined) byName.set(template.name, template)
    else nearer.shadows.push(template.source)
  }
  return [...byName.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** @returns where the workflows of the home are */
export function homeFolder(home: string): string {
  return join(home, 'workflows')
}

function inFolder(folder: string, source: 'project' | 'home'): FoundTemplate[] {
  const stat = lstatSync(folder, { throwIfNoEntry: false })
  if (stat?.isDirectory() !== true) return []
  const names = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name))
  return names
    .sort()
    .slice(0, MOST_FILES)
    .map((name) => {
      const path = join(folder, name)
      const fallback = basename(name).replace(/\.ya?ml$/, '')
      try {
        const text = readRegular(path, WORKFLOW_LIMITS.file_bytes + 1).toString('utf8')
        return found(text, source, path, fallback)
      } catch (error) {
        const message = error instanceof Error ? error.message : String(error)
        return {
          ...{ name: fallback, source, path, text: '', definition: null, digest: null, shadows: [] },
          problems: [{ line: 1, column: 1, message: `cannot be read: ${message}` }],
        }
      }
    })
}

function found(
  text: string,
  source: FoundTemplate['source'],
  path: string | null,
  fallback: string,
): FoundTemplate {
  const { definition, digest, problems } = readWorkflowFile(text)
  return { name: definition?.name ?? fallback, source, path, text, definition, digest, problems, shadows: [] }
}

/** What a step runs, for a person who decides whether to trust it. */
export interface StepCommand {
  step: string
  kind: WorkflowDefinition['steps'][number]['kind']
  runs: string
}

/**
 * @param partOf finds a workflow that a map step names for its items, whose steps are then listed too, at the first step that
 *   names it; null for one that cannot be read
 * @param listed the workflows whose steps are listed: each once, so that files which name each other, or one another many
 *   times, have a list of bounded length
 * @returns everything that a definition makes this machine run, in the order of the file
 */
export function commandsOf(
  { name, roles, steps }: WorkflowDefinition,
  partOf: (name: string) => WorkflowDefinition | null = () => null,
  listed = new Set<string>(),
): StepCommand[] {
  listed.add(name)
  return steps.flatMap((step): StepCommand[] => {
    const { key, kind } = step
    const runs = runsOf(roles, step)
    if (runs === null) return []
    const own = { step: key, kind, runs }
    const isPart = step.kind === 'map' && typeof step.do === 'string' && !listed.has(step.do)
    const part = isPart && typeof step.do === 'string' ? partOf(step.do) : null
    const below = part === null ? [] : commandsOf(part, partOf, listed)
    return [own, ...below.map((one) => ({ ...one, step: `${key} › ${one.step}` }))]
  })
}

/** @returns what a step runs; null when it runs nothing */
function runsOf(
  roles: WorkflowDefinition['roles'],
  step: WorkflowDefinition['steps'][number],
): string | null {
  const who = (work: { role?: string | undefined; profile?: string | undefined }) =>
    work.profile ?? (work.role === undefined ? '' : (roles[work.role]?.profile ?? `the role ${work.role}`))
  if (step.kind === 'check') return step.run ?? 'the verify command of the card'
  if (step.kind === 'merge') return `git merge${step.verify ? ', after the verify command of the card' : ''}`
  if (step.kind === 'work') return `${who(step)}: ${step.prompt.trim()}`
  if (step.kind !== 'map') return null
  const each =
    typeof step.do === 'string' ? `the workflow ${step.do}` : `${who(step.do)}: ${step.do.prompt.trim()}`
  const between = step.verify ? '\nthe verify command of the card, after each branch is joined' : ''
  const where = step.project === undefined ? '' : ` in the project ${step.project}`
  return `for each item${where}: ${each}${between}`
}
