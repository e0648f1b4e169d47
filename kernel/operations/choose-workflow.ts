import { OperationError, type Profile } from '../../contract/index.ts'
import type { WorkflowDefinition, WorkflowStep } from '../../contract/workflow-file.ts'
import { shellWord } from '../../formats/shell-word.ts'
import { refuseWorktree, whyNoWorktreeTask } from '../board/workspace-choice.ts'
import { type WorkflowSource, workspaceNeeded } from '../lifecycle/begin-walk.ts'
import type { WorkflowStart } from '../lifecycle/start-workflow.ts'
import type { TaskRow } from '../tables/tasks.ts'
import * as templates from '../tables/workflow-templates.ts'
import { valuesFor } from '../workflow/input-problem.ts'
import { commandsOf, findTemplates, type FoundTemplate } from '../workflow/library.ts'
import { rolesIn } from '../workflow/check-map.ts'
import { partsOf, refuseUnknownProfiles, refuseUnknownRoles } from './choose-parts.ts'
import { inBoardProject, refuseUnusableProjects } from './choose-projects.ts'
import type { BoardContext } from './handler.ts'

/** Finds the template for a start, and chooses a value for each input and a profile for each role. */

/** @returns the templates that a board can use: those of its project, of the home, and those that ship */
export function templatesOf({ services, board }: Pick<BoardContext, 'services' | 'board'>): FoundTemplate[] {
  return findTemplates(services.home, board.settings().project_dir)
}

/** @throws OperationError NOT_FOUND */
export function requireTemplate(context: BoardContext, name: string): FoundTemplate {
  const all = templatesOf(context)
  const found = all.find((template) => template.name === name)
  if (found !== undefined) return found
  throw new OperationError(
    'NOT_FOUND',
    `There is no workflow “${name}”. There are: ${all.map((template) => template.name).join(', ')}.`,
    { name, workflows: all.map((template) => template.name) },
  )
}

/** @returns whether a start may run the commands of a template. Only templates of the project need a person's trust. */
export function isTrusted({ read }: Pick<BoardContext, 'read'>, { source, digest }: FoundTemplate): boolean {
  return source !== 'project' || (digest !== null && read.get(templates.isTrusted, { digest }) !== undefined)
}

/**
 * @returns a template that may be started
 * @throws OperationError NOT_FOUND; CONFLICT for a file with mistakes, or one of the project that no person has trusted
 */
export function usableTemplate(context: BoardContext, name: string): WorkflowSource {
  const template = requireTemplate(context, name)
  const { definition, digest, path, problems, source } = template
  if (definition === null || digest === null) {
    const [first] = problems
    const where = first === undefined ? '' : ` ${first.line}:${first.column}: ${first.message}.`
    throw new OperationError(
      'CONFLICT',
      `The workflow “${name}” has mistakes in ${path ?? 'its file'}.${where} “runboard workflows check ${path === null ? 'FILE' : shellWord(path)}” lists them all.`,
      { name, problems },
    )
  }
  if (!isTrusted(context, template)) throw refuseUntrusted(context, name, definition, digest)
  return { definition, digest, path, source }
}

/** @returns a function that finds the workflows of items, as a start would choose them */
export function partsFor(
  context: Pick<BoardContext, 'services' | 'board'>,
): (name: string) => WorkflowDefinition | null {
  const all = new Map(templatesOf(context).map(({ definition, name }) => [name, definition]))
  return (name) => all.get(name) ?? null
}

/** @returns the error for an untrusted template. It lists every command that the template would run. */
export function refuseUntrusted(
  context: Pick<BoardContext, 'services' | 'board'>,
  name: string,
  definition: WorkflowDefinition,
  digest: string,
): OperationError {
  const commands = commandsOf(definition, partsFor(context))
  const lines = commands.map(({ step, runs }) => `  ${step}: ${runs.replaceAll('\n', '\n    ')}`)
  return new OperationError(
    'CONFLICT',
    `The workflow “${name}” is a file of the project, and nobody has allowed it to run. It would run:\n${lines.join('\n')}\nRead it, then allow it: runboard workflows trust ${name} --digest ${digest.slice(0, 12)}`,
    { name, digest, commands },
  )
}

/**
 * Chooses everything that a start needs, and checks it before anything is written.
 *
 * @param task the card, or the input that creates it
 * @throws OperationError when the start is refused
 */
export async function chooseStart(
  context: BoardContext,
  task: Pick<TaskRow, 'verify_command' | 'assignee'>,
  { name, inputs, roles }: { name: string; inputs: Record<string, unknown>; roles: Record<string, string> },
): Promise<WorkflowStart> {
  const workflow = usableTemplate(context, name)
  const { definition } = workflow
  const parts = partsOf(definition, (part) => usableTemplate(context, part))
  const all = [definition, ...[...parts.values()].map((part) => part.definition)]
  const chosen = {
    whole: definition,
    part: (key: string) => parts.get(key)?.definition ?? usableTemplate(context, key).definition,
  }
  if (inBoardProject(chosen).some((one) => workspaceNeeded(one) === 'worktree')) {
    const problem = await whyNoWorktreeTask(context.board)
    if (problem !== null) throw refuseWorktree(problem)
  }
  const needs = all.find(({ steps }) => steps.some(runsVerifyCommand))
  const needsCheck = needs?.steps.find(runsVerifyCommand)
  if (needs !== undefined && needsCheck !== undefined && task.verify_command === null)
    throw new OperationError(
      'CONFLICT',
      `The step “${needsCheck.key}” of “${needs.name}” runs the verify command of the card, and the card has none: set one with --verify CMD.`,
      { step: needsCheck.key },
    )
  refuseUnknownRoles(definition, new Set(definition.steps.flatMap(rolesIn)), parts, roles)
  const own = chooseRoles(context, definition, rolesOf(definition, roles), task.assignee)
  const partRoles = (part: WorkflowDefinition) =>
    chooseRoles(context, part, rolesOf(part, { ...roles, ...own }), task.assignee)
  const values = chooseInputs(context, definition, inputs)
  refuseUnknownProfiles(definition, values, context.services.config.read().profiles)
  await refuseUnusableProjects(context, chosen, inputs, values)
  return {
    workflow,
    inputs: values,
    roles: own,
    parts: Object.fromEntries(
      [...parts].map(([key, part]) => [key, { workflow: part, roles: partRoles(part.definition) }]),
    ),
  }
}

/** @returns the roles among these that a workflow has */
function rolesOf({ roles }: WorkflowDefinition, given: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(given).filter(([role]) => Object.hasOwn(roles, role)))
}

/** @returns whether a step runs the verify command of its card */
export function runsVerifyCommand(step: WorkflowStep): boolean {
  return (
    (step.kind === 'check' && step.use !== undefined) ||
    ((step.kind === 'merge' || step.kind === 'map') && step.verify === true)
  )
}

/**
 * @returns a value for each input: the given one, else the default. An optional input without either is left out.
 * @throws OperationError INVALID_INPUT that names the input
 */
export function chooseInputs(
  { services }: Pick<BoardContext, 'services'>,
  { inputs, name }: WorkflowDefinition,
  given: Record<string, unknown>,
): Record<string, unknown> {
  const refuse = (input: string | null, why: string) =>
    new OperationError(
      'INVALID_INPUT',
      `${input === null ? 'The inputs' : `The input “${input}”`} of “${name}”: ${why}.`,
      { input },
    )
  const chosen = valuesFor({ inputs }, given)
  if ('why' in chosen) throw refuse(chosen.input, chosen.why)
  const { profiles } = services.config.read()
  for (const [input, value] of Object.entries(chosen.values))
    if (inputs[input]?.type === 'profile' && !profiles.has(value as string))
      throw refuse(input, `there is no profile “${value as string}”`)
  return chosen.values
}

/**
 * Chooses the profile of each role: the given one, else the one that the template names, else the card’s assignee if it
 * fits, else the only profile that fits.
 *
 * @param given for roles of this workflow only
 * @throws OperationError CONFLICT that says which role needs a profile
 */
export function chooseRoles(
  { services }: Pick<BoardContext, 'services'>,
  { name, roles, steps }: WorkflowDefinition,
  given: Record<string, string>,
  assignee: string | null,
): Record<string, string> {
  const { profiles } = services.config.read()
  const refuse = (role: string, why: string) =>
    new OperationError(
      'CONFLICT',
      `The role “${role}” of “${name}” ${why}. Choose one: --role ${role}=PROFILE.`,
      {
        role,
      },
    )
  const chosen: Record<string, string> = {}
  const fits = (profile: Profile, role: string) => {
    const { capability, not_same_as: other } = roles[role] ?? {}
    const isAble = capability === undefined || profile.capabilities.includes(capability)
    const clashes = Object.entries(chosen).some(
      ([taken, name]) => name === profile.name && (taken === other || roles[taken]?.not_same_as === role),
    )
    return isAble && !clashes
  }
  for (const role of inOrder(roles)) {
    const asked = given[role] ?? roles[role]?.profile
    if (asked !== undefined) {
      const profile = profiles.get(asked)
      if (profile === undefined) throw refuse(role, `names the profile “${asked}”, which does not exist`)
      if (!fits(profile, role))
        throw refuse(role, `cannot be done by “${asked}”: ${whyNot(roles[role], chosen, profile)}`)
      chosen[role] = asked
      continue
    }
    const able = [...profiles.values()].filter((profile) => fits(profile, role))
    const found =
      able.find((profile) => profile.name === assignee) ?? (able.length === 1 ? able[0] : undefined)
    if (found === undefined)
      throw refuse(
        role,
        able.length === 0
          ? 'has no profile that can do it'
          : `could be done by ${able.map((one) => one.name).join(', ')}`,
      )
    chosen[role] = found.name
  }
  for (const step of steps) {
    const named =
      step.kind === 'map' && typeof step.do !== 'string'
        ? step.do.profile
        : step.kind === 'work'
          ? step.profile
          : undefined
    if (named === undefined || named.includes('{{') || profiles.has(named)) continue
    throw new OperationError(
      'CONFLICT',
      `The step “${step.key}” of “${name}” names the profile “${named}”, which does not exist.`,
    )
  }
  return chosen
}

/** Roles without `not_same_as` come first, because the others are compared with the profiles chosen for them. */
function inOrder(roles: WorkflowDefinition['roles']): string[] {
  return Object.keys(roles).sort(
    (a, b) => Number(roles[a]?.not_same_as !== undefined) - Number(roles[b]?.not_same_as !== undefined),
  )
}

/** @returns why a profile does not fit a role, as the end of a sentence */
function whyNot(
  role: WorkflowDefinition['roles'][string] | undefined,
  chosen: Record<string, string>,
  { capabilities, name }: Profile,
): string {
  const capability = role?.capability
  if (capability !== undefined && !capabilities.includes(capability))
    return `it lacks the capability ${capability}`
  const taken = Object.entries(chosen).find(([, profile]) => profile === name)?.[0] ?? ''
  return `it does the role “${taken}” already`
}
