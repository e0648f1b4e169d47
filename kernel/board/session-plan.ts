import type { Profile, SessionChoice, SessionRequest } from '../../contract/index.ts'
import { agentNamed, agentOf, isSessionId } from '../../formats/agents.ts'
import { sessionCommand } from '../../formats/session-command.ts'
import { sessionFault } from '../../formats/session-faults.ts'
import type { Reader } from '../db/connection.ts'
import { openWalkOf } from '../lifecycle/walk.ts'
import { resumedStep } from '../workflow/graph.ts'
import * as runSessions from '../tables/run-sessions.ts'
import type { RunRow } from '../tables/task-runs.ts'
import type { TaskRow } from '../tables/tasks.ts'

/** The facts beside the board that decide the session of the next attempt. */
export interface SessionCircumstances {
  /** The profile of the next attempt. */
  profile: Profile
  /** @returns the profile of an earlier run as it is now */
  profileNamed: (name: string) => Profile | undefined
  /** @returns whether the next attempt starts in the folder that an earlier one worked in */
  isSameFolder: (run: RunRow) => boolean
  /** The session that a person asked for; null when nobody did. */
  request: SessionRequest | null
}

/** A run whose session is considered, and the choice about it. With `resumed`, its session id is known and usable. */
export interface SessionDecision {
  choice: SessionChoice
  run: RunRow
}

/**
 * Decides whether the next attempt continues the session of an earlier one.
 *
 * @returns null when there is nothing to decide: no earlier attempt, or no known agent
 */
export function decideSession(
  reader: Reader,
  task: TaskRow,
  circumstances: SessionCircumstances,
): SessionDecision | null {
  const { profile, request } = circumstances
  const found = earlierRun(reader, task)
  if (found === null) return null
  const { run, isNewStep } = found
  if (agentOf(profile) === null && run.agent === null) return null
  if (request === 'fresh') return { choice: 'asked', run }
  const impossible = whyNot(run, circumstances)
  if (impossible !== null) return { choice: impossible, run }
  // The request of a person outweighs the rules below.
  if (request === 'resume') return { choice: 'resumed', run }
  if (isNewStep) return { choice: 'new_step', run }
  if (profile.resume === 'never') return { choice: 'never', run }
  const fault = run.outcome === 'completed' ? null : sessionFault(run.error)
  return { choice: fault ?? 'resumed', run }
}

/**
 * The run whose session may be continued. In a workflow that is the last run of this visit, else the last run of the step
 * that `session: resume STEP` names; a step without that key begins a new session on each visit.
 */
function earlierRun(reader: Reader, task: TaskRow): { run: RunRow; isNewStep: boolean } | null {
  const open = openWalkOf(reader, task)
  if (open === null) {
    const run = reader.get(runSessions.newestOutside, { task_id: task.id })
    return run === undefined ? null : { run, isNewStep: false }
  }
  const { row, step, visit } = open
  if (step.kind !== 'work') return null
  const inVisit = reader.get(runSessions.newestOfVisit, { visit_id: visit.id })
  if (inVisit !== undefined) return { run: inVisit, isNewStep: false }
  const from = resumedStep(step.session)
  const earlier = reader.get(runSessions.newestOfStep, {
    workflow_run_id: row.id,
    step_key: from ?? step.key,
  })
  if (earlier === undefined) return null
  return { run: newestOfSession(reader, earlier), isNewStep: from === null }
}

/** A later step may have continued the session: then the end of that step's run decides, and what it did is part of the session. */
function newestOfSession(reader: Reader, run: RunRow): RunRow {
  const { agent_session_id, task_id } = run
  if (agent_session_id === null) return run
  return reader.get(runSessions.newestOfSession, { task_id, agent_session_id }) ?? run
}

/** @returns why the session cannot be continued even if a person asks for it; null when it can */
function whyNot(
  run: RunRow,
  { isSameFolder, profile, profileNamed }: SessionCircumstances,
): SessionChoice | null {
  const agent = agentOf(profile)
  if (agentNamed(run.agent) !== null && agentNamed(run.agent) !== agent) return 'other_agent'
  if (!isSameRole(run.profile, profile, profileNamed)) return 'other_role'
  if (run.agent_session_id === null || !isSessionId(run.agent_session_id)) return 'no_session'
  if (sessionCommand(profile, { resume: run.agent_session_id }) === null) return 'unsupported'
  return isSameFolder(run) ? null : 'other_workspace'
}

/**
 * Whether the earlier profile has the same capabilities: a reviewer must not get the session of the builder. A profile that
 * was removed counts as different, because its capabilities are unknown.
 */
function isSameRole(
  before: string | null,
  profile: Profile,
  profileNamed: SessionCircumstances['profileNamed'],
): boolean {
  if (before === profile.name) return true
  const earlier = before === null ? undefined : profileNamed(before)
  if (earlier === undefined) return false
  const role = ({ capabilities }: Profile) => [...new Set(capabilities)].sort().join(' ')
  return role(earlier) === role(profile)
}
