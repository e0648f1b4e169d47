import { sep } from 'node:path'
import {
  OperationError,
  type OperationOutput,
  type SessionPlan,
  type SessionRequest,
} from '../../contract/index.ts'
import { whyFresh } from '../../formats/session-words.ts'
import { workspaceOwner } from '../board/gates.ts'
import { decideSession } from '../board/session-plan.ts'
import { profileNamed } from '../home/own-profiles.ts'
import { requireTask } from '../lifecycle/transition.ts'
import * as runSessions from '../tables/run-sessions.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import type { BoardContext, BoardHandlers } from './handler.ts'

/** Whether the next attempt will resume a session, and whether a person may ask for that. */

export const sessionHandlers = {
  'task.session': (context, { id, profile }): OperationOutput<'task.session'> => {
    const task = requireTask(context.read, id)
    const name = profile ?? task.assignee
    const asked = context.read.get(runSessions.requestOf, { task_id: id, run_id: NO_RUN })?.session ?? null
    return { plan: planOf(context, task, name, asked), if_resumed: planOf(context, task, name, 'resume') }
  },
} satisfies Partial<BoardHandlers>

/** The next attempt has no run yet. */
const NO_RUN = -1

/** @returns null when there is nothing to decide: no earlier attempt, no profile, or no agent that we know */
function planOf(
  { read, services }: BoardContext,
  task: TaskRow,
  name: string | null,
  request: SessionRequest | null,
): SessionPlan | null {
  const config = services.config.read()
  const profile = profileNamed(config, name)
  if (profile === undefined) return null
  const owner = read.get(tasks.byId, { id: workspaceOwner(task) }) ?? task
  const decision = decideSession(read, task, {
    profile,
    profileNamed: (other) => profileNamed(config, other),
    // The start compares the exact folder that the worker begins in: the workspace, or a folder below it.
    isSameFolder: ({ agent_cwd }) =>
      owner.workspace_path !== null &&
      (agent_cwd === owner.workspace_path || agent_cwd?.startsWith(owner.workspace_path + sep) === true),
    request,
  })
  return decision === null ? null : { choice: decision.choice, attempt: decision.run.attempt }
}

/** @throws OperationError CONFLICT with the reason why the next attempt cannot continue an earlier session */
export function requireResumable(context: BoardContext, task: TaskRow): void {
  const plan = planOf(context, task, task.assignee, 'resume')
  if (plan?.choice === 'resumed') return
  const why = plan === null ? 'there is no earlier attempt of an agent' : whyFresh(plan.choice, plan.attempt)
  throw new OperationError(
    'CONFLICT',
    `The next attempt of task ${task.id} cannot continue an earlier session: ${why}. “--fresh” begins a new one.`,
    { id: task.id },
  )
}
