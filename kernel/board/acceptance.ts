import { count } from '../../formats/count.ts'
import { OperationError, type WouldRun } from '../../contract/index.ts'
import { isReservedProfile } from '../../contract/workflow-kinds.ts'
import type { Board } from './board.ts'
import type { Reader, WriteTx } from '../db/connection.ts'
import { writeEvent } from '../lifecycle/write-event.ts'
import { definitionOf } from '../lifecycle/walk.ts'
import type { Services } from '../services.ts'
import * as boardState from '../tables/board-state.ts'
import * as whole from '../tables/whole-board.ts'
import { commandsOf } from '../workflow/library.ts'

/** Whether the board came from outside and no person has accepted its commands yet. */
export function isUnaccepted(read: Reader): boolean {
  return read.get(boardState.get, { key: 'unaccepted' })?.value === 'true'
}

/** @throws OperationError CONFLICT on a board from outside, until a person accepts the commands that it would run */
export function requireAccepted(read: Reader, slug: string): void {
  if (!isUnaccepted(read)) return
  throw new OperationError(
    'CONFLICT',
    `The board “${slug}” came from a file, and nothing on it runs until you accept what it would run. “runboard --board ${slug} boards commands” shows it; “runboard boards accept ${slug}”, or a person’s “resume”, accepts it.`,
    { board: slug, unaccepted: true },
  )
}

/** The most tasks that are listed. A larger board is reviewed task by task. */
const LISTED = 500

/**
 * @returns the commands that the unfinished tasks of a board would run, and their folders: those on the board itself,
 *   and the profiles with their own
 */
export function wouldRun(
  { config }: Pick<Services, 'config'>,
  board: Board,
): { would_run: WouldRun[]; would_run_total: number } {
  const { project_dir, default_workspace, accept_plans } = board.settings()
  const { profiles } = config.readOrDefaults()
  const found: WouldRun[] = []
  const add = (kind: WouldRun['kind'], text: string, task_id: string | null) =>
    found.push({ kind, text, task_id })
  if (project_dir !== null) add('project', project_dir, null)
  if (default_workspace !== null) add('workspace', default_workspace, null)
  if (accept_plans) add('setting', 'accept_plans: planned tasks run without your acceptance', null)
  for (const template of board.connection.read.all(whole.openTemplates, {})) {
    const definition = definitionOf(template)
    for (const { runs, step, kind } of commandsOf(definition))
      if (kind === 'check') add('check', `${template.name}, step ${step}: ${runs}`, null)
    for (const step of definition.steps)
      if (step.kind === 'map' && step.project !== undefined)
        add('project', `${template.name}, step ${step.key}: ${step.project}`, null)
  }
  for (const { assignee, count: tasks } of board.connection.read.all(whole.openAssignees, {})) {
    // The commands of Runboard's own profiles are those of the workflows above.
    if (isReservedProfile(assignee)) continue
    const profile = profiles.get(assignee)
    const command =
      profile === undefined ? 'no such profile here' : (profile.shell ?? profile.command?.join(' '))
    add('profile', `${assignee} (${count(tasks, 'task')}): ${command ?? ''}`, null)
  }
  for (const task of board.connection.read.iterate(whole.openCommands, {})) {
    if (task.verify_command !== null) add('check', task.verify_command, task.id)
    if (task.project_dir !== null) add('project', task.project_dir, task.id)
    if (task.workspace_path !== null)
      add('workspace', `${task.workspace_kind}:${task.workspace_path}`, task.id)
  }
  return { would_run: found.slice(0, LISTED), would_run_total: found.length }
}

/** Records that a person accepts the commands of a board from outside; the board can then run. */
export function accept(tx: WriteTx): void {
  if (!isUnaccepted(tx)) return
  for (const key of ['unaccepted', 'paused'] as const)
    tx.run(boardState.set, { key, value: 'false', now: tx.now })
  writeEvent(tx, 'dispatcher_resumed', null, null, { accepted: true })
}
