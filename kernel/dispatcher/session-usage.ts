import { agentNamed, AGENTS, type Counted } from '../../formats/agents.ts'
import type { Usage } from '../../formats/agent-format.ts'
import type { Reader } from '../db/connection.ts'
import * as runSessions from '../tables/run-sessions.ts'
import { isBridge } from '../workers/spawn/bridge-command.ts'
import type { RunRow } from '../tables/task-runs.ts'

/** The usage that is stored with a run. `session`: the counts over the whole session, of an agent that counts that way. */
export type RunUsage = Usage & { session?: Partial<Record<Counted, number>> }

/**
 * The usage of one run. If the agent counts over the session, this is the difference from the last run of the session that
 * reported. A run that was killed before its report therefore counts as part of the next one.
 *
 * @param reported what the agent reported at the end of the run
 */
export function usageOfRun(reader: Reader, run: RunRow, reported: Usage): RunUsage {
  const name = agentNamed(run.agent)
  // The bridge reports each turn separately, so nothing has to be subtracted.
  const counts = name === null || isBridge(run) ? [] : AGENTS[name].counts
  const session: NonNullable<RunUsage['session']> = Object.fromEntries(
    counts.flatMap((key) => (reported[key] === null ? [] : [[key, reported[key]]])),
  )
  if (Object.keys(session).length === 0) return reported
  const before = run.resumed_from_run === null ? {} : sessionBefore(reader, run)
  const own = counts.map((key) => [key, difference(reported[key], before[key])])
  return { ...reported, ...(Object.fromEntries(own) as Partial<Usage>), session }
}

function sessionBefore(reader: Reader, { id }: RunRow): Partial<Record<Counted, number>> {
  for (const { usage } of reader.all(runSessions.earlierUsage, { id })) {
    const { session } = usage === null ? {} : (JSON.parse(usage) as Partial<RunUsage>)
    if (session !== undefined) return session
  }
  return {}
}

/** A count that is smaller than before was reset, so all of it is new. */
function difference(now: number | null, before: number | undefined): number | null {
  if (now === null || before === undefined || now < before) return now
  // Rounds away binary fractions: 0.3 − 0.1 is not 0.2.
  return Number((now - before).toPrecision(12))
}
