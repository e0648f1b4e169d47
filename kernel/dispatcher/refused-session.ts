import type { Profile } from '../../contract/index.ts'
import { RESUME_REFUSED } from '../../formats/acp-lines.ts'
import { agentNamed, AGENTS } from '../../formats/agents.ts'
import type { Board } from '../board/board.ts'
import { profileForStep } from '../board/step-run.ts'
import type { Ended } from '../board/stop-process.ts'
import type { Claimed } from '../lifecycle/claim.ts'
import { getTask } from '../lifecycle/moved.ts'
import { dropRefusedSession } from '../lifecycle/refuse-session.ts'
import type { Services } from '../services.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { RunRow } from '../tables/task-runs.ts'
import type { AgentOutput } from '../workers/log/agent-output.ts'
import type { OwnStop } from './decide-end.ts'
import { outputOf, profileOf } from './ending.ts'
import { verdictOf } from './verdict.ts'

/** A run that is to be started again, with a fresh session. */
export interface Restart {
  claimed: Claimed
  profile: Profile
}

/** A process that is gone, with what its watcher saw of its end. */
interface Gone {
  run: RunRow
  end: Ended
  own_stop: OwnStop
  started_as: Profile | null
}

/**
 * If the agent of a run has refused to continue a session, removes the process from the run, so that the caller can start the
 * run again with a fresh session.
 *
 * @returns null when the agent has not refused, or the run is over or to be stopped
 */
export async function dropIfRefused(
  services: Services,
  board: Board,
  { end, own_stop, run: started, started_as }: Gone,
): Promise<Restart | null> {
  const { read } = board.connection
  const run = read.get(taskRuns.byId, { id: started.id })
  if (run?.resumed_from_run == null || run.ended_at !== null || own_stop !== null) return null
  if (end === null || end === 'never_started' || end.exit_code === null || end.exit_code === 0) return null
  const profile = profileOf(services, run, started_as)
  if (profile === undefined || run.claim_lock === null) return null
  const output = await outputOf(run, profile)
  const isLimit = verdictOf(profile, run.profile, end, output).kind === 'rate_limited'
  const error = isLimit ? null : refusalIn(run, profile, output)
  if (error === null) return null
  const dropped = await board.connection.write('dispatcher', (tx) => dropRefusedSession(tx, run, error))
  if (dropped === null) return null
  const task = getTask(read, run.task_id)
  return {
    claimed: { task, run: dropped, claim: run.claim_lock },
    profile: profileForStep(read, task, profile),
  }
}

/**
 * The refusal of the agent: its own message, or its last words if it ended without a word before it did anything. An agent
 * that reports another error, such as a missing login or a service that cannot be reached, has not refused: the session is
 * still good.
 *
 * @returns null when it did not refuse
 */
function refusalIn(run: RunRow, profile: Profile, { ending, hasWorked, lines }: AgentOutput): string | null {
  const name = agentNamed(run.agent)
  if (name === null) return null
  const said = [...(ending?.kind === 'error' ? [ending.message] : []), ...lines]
  const refusal = said.find((line) => AGENTS[name].refused.test(line) || line.startsWith(RESUME_REFUSED))
  if (refusal !== undefined) return hasWorked ? null : refusal
  if (hasWorked || profile.usage_parser === 'none' || said.length > 0) return null
  return 'It ended before it did anything.'
}
