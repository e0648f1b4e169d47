import { randomUUID } from 'node:crypto'
import type { Profile, SessionChoice } from '../../contract/index.ts'
import { agentOf } from '../../formats/agents.ts'
import { sessionCommand } from '../../formats/session-command.ts'
import { decideSession } from '../board/session-plan.ts'
import type { Board } from '../board/board.ts'
import type { WriteTx } from '../db/connection.ts'
import { profileNamed } from '../home/own-profiles.ts'
import { writeEvent } from '../lifecycle/write-event.ts'
import type { Services } from '../services.ts'
import * as runSessions from '../tables/run-sessions.ts'
import type { RunRow } from '../tables/task-runs.ts'
import type { TaskRow } from '../tables/tasks.ts'

/** The session that a run starts with. */
export interface RunSession {
  /** The agent of its profile; null for a worker that is not a known agent. */
  agent: string | null
  /** The id of the session; null when only the agent can choose it, after its start. */
  session_id: string | null
  /** The folder that the agent starts in: agents look for their sessions by folder. */
  cwd: string
  /** The run whose session is continued; null for a fresh one. */
  from: RunRow | null
  choice: SessionChoice | null
  /** The command of the profile, with the words for the session. */
  command: string[] | null
}

interface Beginning {
  services: Pick<Services, 'config'>
  board: Board
  profile: Profile
  task: TaskRow
  run: RunRow
  /** The agent has just refused an earlier session. */
  isRefused: boolean
}

/** Decides on the session of a run that is about to start. */
export function planSession(beginning: Beginning, cwd: string): RunSession {
  const { board, isRefused, profile, run, services, task } = beginning
  const agent = agentOf(profile)
  if (isRefused) return { ...fresh(profile, agent, cwd), choice: 'refused' }
  const { read } = board.connection
  const decision = decideSession(read, task, {
    profile,
    profileNamed: (name) => profileNamed(services.config.read(), name),
    isSameFolder: ({ agent_cwd }) => agent_cwd === cwd,
    request: read.get(runSessions.requestOf, { task_id: task.id, run_id: run.id })?.session ?? null,
  })
  const id = decision?.choice === 'resumed' ? decision.run.agent_session_id : null
  if (decision === null || id === null)
    return { ...fresh(profile, agent, cwd), choice: decision?.choice ?? null }
  const command = sessionCommand(profile, { resume: id })
  return { agent, session_id: id, cwd, from: decision.run, choice: 'resumed', command }
}

function fresh(profile: Profile, agent: string | null, cwd: string): Omit<RunSession, 'choice'> {
  const id = randomUUID()
  const command = sessionCommand(profile, { begin: id })
  return {
    agent,
    session_id: command === null ? null : id,
    cwd,
    from: null,
    command: command ?? profile.command,
  }
}

/** Records the session with the process. */
export function recordSession(tx: WriteTx, run: RunRow, session: RunSession): void {
  const { agent, choice, cwd, from, session_id } = session
  if (agent === null && choice === null) return
  tx.run(runSessions.setPlanned, {
    id: run.id,
    agent,
    agent_session_id: session_id,
    agent_cwd: cwd,
    resumed_from_run: from?.id ?? null,
    session_choice: choice,
  })
  if (from !== null) {
    writeEvent(tx, 'session_resumed', run.task_id, run.id, {
      from_run: from.id,
      attempt: from.attempt,
      session_id,
    })
  }
}
