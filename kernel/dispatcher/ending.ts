import { existsSync } from 'node:fs'
import { OperationError, type Profile } from '../../contract/index.ts'
import { HEADLINE_LINES } from '../../formats/headline.ts'
import type { Board } from '../board/board.ts'
import { whyWorkspaceNotOwn } from '../board/own-workspace.ts'
import type { Ended } from '../board/stop-process.ts'
import { profileNamed } from '../home/own-profiles.ts'
import { requireUnchanged } from '../board/read-only-step.ts'
import { stepFactsOf } from '../board/step-run.ts'
import { readRegular } from '../home/regular-file.ts'
import { getTask } from '../lifecycle/moved.ts'
import type { Services } from '../services.ts'
import type { RunRow } from '../tables/task-runs.ts'
import * as tasks from '../tables/tasks.ts'
import { type AgentOutput, NOTHING, readAgentOutput } from '../workers/log/agent-output.ts'
import { LONGEST_RESET_MS, readReset, type Reset } from '../workers/log/reset-time.ts'
import type { Ending, OwnStop } from './decide-end.ts'
import { readSession, type SeenSession } from './session-watch.ts'
import { type Verdict, verdictOf } from './verdict.ts'

/** How many lines of plain text may report a rate limit and its reset time. */
const LAST_LINES = 30

/** What is read about an end before its transaction; the rest of `Ending` is read inside it. */
export type Gathered = Pick<Ending, 'verdict' | 'reset' | 'step' | 'work_problem'> & {
  output: AgentOutput
  session: SeenSession | null
}

/** The end of a process, as the one that watched it saw it. */
interface SeenEnd {
  end: Ended
  own_stop: OwnStop
}

/** Reads the output of a run whose process is gone, and what the end of that process means. */
export async function gatherEnding(
  services: Pick<Services, 'clock'>,
  board: Board,
  run: RunRow,
  profile: Profile | undefined,
  { end, own_stop }: SeenEnd,
): Promise<Gathered> {
  const output = await outputOf(run, profile)
  const step = stepOf(board, run)
  const gathered: Gathered = {
    output,
    session: await readSession(run),
    step,
    verdict: null,
    reset: { at: null, refused: null },
    work_problem: null,
  }
  if (end === null || end === 'never_started' || run.ended_at !== null) return gathered
  const verdict = verdictOf(profile, run.profile, end, output)
  if (verdict.kind === 'rate_limited') {
    return { ...gathered, verdict, reset: await resetOf(verdict, services.clock()) }
  }
  const isFinished = verdict.kind === 'finished' && own_stop === null && run.stop_requested_at === null
  if (!isFinished) return { ...gathered, verdict }
  const work_problem =
    (await whyWorkspaceNotOwn(board, getTask(board.connection.read, run.task_id))) ??
    (await whyChanged(board, run))
  return { ...gathered, verdict, work_problem }
}

/** Maximum bytes read from a verdict file. */
const VERDICT_BYTES = 200

/** @returns the workflow step of a run, with the verdict file of that run; null without a workflow */
function stepOf(board: Board, run: RunRow): Gathered['step'] {
  if (run.visit_id === null) return null
  const { read } = board.connection
  const task = getTask(read, run.task_id)
  const facts = stepFactsOf(read, task)
  if (facts === null) return null
  const path = board.runFiles(run.task_id, run.id).verdict_path
  if (run.ended_at !== null || !facts.reads_file || !existsSync(path)) return { ...facts, written: null }
  try {
    const text = readRegular(path, VERDICT_BYTES).toString('utf8').trim()
    return { ...facts, written: text === '' ? null : text }
  } catch {
    // Not a regular file, or too long. The run must still be closed: this text is not a verdict of any step.
    return { ...facts, written: 'not a readable file' }
  }
}

/** The profile of a run: its current version, else the one that it was started with. */
export function profileOf(
  { config }: Pick<Services, 'config'>,
  run: RunRow,
  startedAs: Profile | null,
): Profile | undefined {
  return profileNamed(config.read(), run.profile) ?? startedAs ?? undefined
}

/** Whether the worker has finished its run; the check of its task, if any, comes next. */
export async function hasFinished(
  services: Pick<Services, 'config'>,
  run: RunRow,
  startedAs: Profile | null,
  end: Ended,
): Promise<boolean> {
  if (end === null || end === 'never_started') return false
  const profile = profileOf(services, run, startedAs)
  return verdictOf(profile, run.profile, end, await outputOf(run, profile)).kind === 'finished'
}

/** What the log of a run says. */
export async function outputOf(run: RunRow, profile: Profile | undefined): Promise<AgentOutput> {
  if (run.log_path === null) return { ...NOTHING, said: null, lines: [], plain: [] }
  const output = await readAgentOutput(profile?.usage_parser ?? 'none', run.log_path, HEADLINE_LINES)
  return { ...output, plain: output.plain.slice(-LAST_LINES) }
}

/** A numeric reset time counts if it is plausible; otherwise the time is read from the agent's text. */
async function resetOf(
  { resetsAt, texts }: Extract<Verdict, { kind: 'rate_limited' }>,
  now: number,
): Promise<Reset> {
  const isLikely = resetsAt !== null && resetsAt > now && resetsAt <= now + LONGEST_RESET_MS
  return isLikely ? { at: resetsAt, refused: null } : readReset(texts, now)
}

/** Checks a read-only step when its worker ends without a report, as a report does. */
async function whyChanged(board: Board, run: RunRow): Promise<string | null> {
  try {
    const { read } = board.connection
    await requireUnchanged(read, read.get(tasks.byId, { id: run.task_id }))
    return null
  } catch (error) {
    if (error instanceof OperationError) return error.message
    throw error
  }
}
