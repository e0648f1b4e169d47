import { count } from '../../../formats/count.ts'
import type { BoardEvent, ListedRun, Omitted, Run, SessionPlan } from '../../../contract/index.ts'
import { takeOverCommand } from '../../../formats/agents.ts'
import { changedFilesWords } from '../../../formats/changed-files.ts'
import { runSessionWords, sessionWords } from '../../../formats/session-words.ts'
import { shellWord } from '../../../formats/shell-word.ts'
import { shownOutcome } from '../../../formats/shown-outcome.ts'
import { eventLine } from './events.ts'
import { fields, objectLines, section } from './fields.ts'
import { outcomeText, paintOutcome } from './paint.ts'
import type { Printer } from './printer.ts'
import { indent, padStart, pad, visible, widthOf } from './text.ts'
import { bytes, dateTime, duration, relative, seconds, when } from './time.ts'

/** How a process ended: `exit 1`, `SIGKILL`. */
function exitOf(run: Run): string {
  if (run.signal !== null) return run.signal
  return run.exit_code === null ? '' : `exit ${String(run.exit_code)}`
}

/** The run's error and summary, or its last note while it is open; each text once. */
function saidOf(run: Run): string {
  const texts = [run.headline, run.summary, run.outcome === null ? run.last_heartbeat_note : null]
  const distinct = texts.filter((text, at): text is string => text !== null && texts.indexOf(text) === at)
  return visible(distinct.join('\n')).trim()
}

/** @returns one line per run, in the given order, with its error, summary or note below it */
export function runLines(runs: readonly Run[], printer: Printer): string {
  const { paint, now } = printer
  const rows = runs.map((run) => ({
    run,
    cells: [
      outcomeText(shownOutcome(run)),
      visible(run.profile ?? '-'),
      duration(run.elapsed_ms),
      relative(run.started_at, now),
      exitOf(run),
    ],
  }))
  const widths = [0, 1, 2, 3, 4].map((at) =>
    Math.max(0, ...rows.map(({ cells }) => widthOf(cells[at] ?? ''))),
  )
  const numbers = Math.max(1, ...runs.map(({ attempt }) => String(attempt).length))
  return rows
    .map(({ run, cells }) => {
      const [outcome = '', ...others] = cells.map((cell, at) => pad(cell, widths[at] ?? 0))
      const coloured = paintOutcome(paint, shownOutcome(run)) + outcome.slice(cells[0]?.length ?? 0)
      const line = [padStart(String(run.attempt), numbers), coloured, ...others].join('  ').trimEnd()
      const said = saidOf(run)
      return said === '' ? `${line}\n` : `${line}\n${indent(said, numbers + 2)}\n`
    })
    .join('')
}

export function printRuns(answer: { runs: Run[]; omitted?: Omitted }, printer: Printer): string {
  const { runs } = answer
  if (runs.length === 0) return 'No attempts yet.\n'
  return runLines(runs, printer) + omittedLine(answer, printer)
}

/** @returns what the answer leaves out, and the command that shows it */
export function omittedLine({ omitted }: { omitted?: Omitted | undefined }, { paint }: Printer): string {
  return omitted === undefined ? '' : `\n${paint.dim(visible(omitted.sentence))}\n`
}

interface ErrorGroup {
  fingerprint: string
  runs: number
  tasks: number
  last_at: number
  run: ListedRun
}

/** @returns one line per error with its number of runs and tasks; below it, the command that lists those runs */
export function printErrors(
  { errors, total }: { errors: ErrorGroup[]; total: number },
  { paint, now }: Printer,
): string {
  if (errors.length === 0) return 'No failed runs.\n'
  const lines = errors.map(({ fingerprint, runs, tasks, last_at, run }) => {
    const often = `${count(runs, 'run')} of ${count(tasks, 'task')}, the last ${relative(last_at, now)}`
    const said = visible(run.headline ?? outcomeText(shownOutcome(run)))
    const help = paint.dim(`  runboard list-runs --fingerprint ${shellWord(visible(fingerprint))}`)
    return `${often}: ${said}\n${help}\n`
  })
  const more = total > errors.length ? paint.dim(`and ${String(total - errors.length)} more\n`) : ''
  return lines.join('') + more
}

/**
 * @returns one line per run with its task, in the given order; below each run its error, and at the end how to get the
 *   next page
 */
export function printListedRuns(
  { runs, next }: { runs: ListedRun[]; next: number | null },
  printer: Printer,
): string {
  const { paint, now } = printer
  if (runs.length === 0) return 'No matching runs.\n'
  const rows = runs.map((run) => ({
    run,
    cells: [
      String(run.id),
      run.task_id,
      `#${String(run.attempt)}`,
      outcomeText(shownOutcome(run)),
      visible(run.profile ?? '-'),
      duration(run.elapsed_ms),
      relative(run.ended_at ?? run.started_at, now),
    ],
  }))
  const widths = [0, 1, 2, 3, 4, 5, 6].map((at) =>
    Math.max(...rows.map(({ cells }) => widthOf(cells[at] ?? ''))),
  )
  const lines = rows.map(({ run, cells }) => {
    const padded = cells.map((cell, at) => pad(cell, widths[at] ?? 0))
    padded[3] = paintOutcome(paint, shownOutcome(run)) + (padded[3] ?? '').slice(cells[3]?.length ?? 0)
    const alike =
      run.same_error_tasks === 0 ? '' : `  same error in ${count(run.same_error_tasks, 'other task')}\n`
    const said = run.headline === null ? '' : `  ${visible(run.headline)}\n`
    return `${padded.join('  ')}  ${visible(run.title)}\n${said}${alike}`
  })
  const more = next === null ? '' : paint.dim(`There is more: --cursor ${String(next)}\n`)
  return lines.join('') + more
}

/** When each phase of a run began, counted from its start. */
function phases(run: Run): string {
  const from = run.started_at
  const steps: [string, number | null][] = [
    ['spawned', run.spawned_at],
    ['first output', run.first_output_at],
    ['last heartbeat', run.last_heartbeat_at],
    ['stop asked', run.stop_requested_at],
    ['ended', run.ended_at],
  ]
  return steps.flatMap(([name, at]) => (at === null ? [] : [`${name} +${duration(at - from)}`])).join(', ')
}

export function printRun(
  {
    run,
    context,
    events,
    omitted,
    same_error_tasks: alike,
  }: {
    run: Run
    context: string | null
    events: BoardEvent[]
    omitted?: Omitted
    same_error_tasks: number
  },
  printer: Printer,
): string {
  const { paint, now } = printer
  const title = `${paint.bold(`Attempt ${String(run.attempt)} of ${run.task_id}`)}  ${paintOutcome(paint, shownOutcome(run))}`
  const about = fields(
    [
      ['run', String(run.id)],
      ['profile', visible(run.profile ?? '')],
      ['step', run.step_key],
      ['trigger', run.trigger],
      ['started', when(run.started_at, now)],
      ['waited', run.ready_at === null ? null : duration(run.started_at - run.ready_at)],
      ['elapsed', duration(run.elapsed_ms)],
      ['phases', phases(run)],
      ['limit', run.max_runtime_seconds === null ? null : seconds(run.max_runtime_seconds)],
      [
        'claim ends',
        run.ended_at === null && run.claim_expires_at !== null ? when(run.claim_expires_at, now) : null,
      ],
      ['exit', exitOf(run)],
      ['pid', run.worker_pid === null ? null : String(run.worker_pid)],
      ['command', run.command === null ? null : visible(run.command.join(' '))],
      ['workspace', run.workspace_path],
      ['agent', visible(run.agent ?? '')],
      ['session', runSessionWords(run, () => null)],
      ['take over', takeOverLine(run)],
      ['log', run.log_path],
      ['heartbeat', visible(run.last_heartbeat_note ?? '')],
      ['observed', observedLine(run)],
      ['headline', run.headline === run.error ? null : visible(run.headline ?? '')],
      ['same error', alike === 0 ? null : `in ${count(alike, 'other task')}`],
    ],
    printer,
  )
  return [
    `${title}\n${about}`,
    section('Error', indent(visible(run.error ?? ''), 2), printer),
    section('Summary', indent(visible(run.summary ?? ''), 2), printer),
    section('Metadata', indent(objectLines(run.metadata), 2), printer),
    section('Events', events.map((event) => indent(eventLine(event, printer), 2)).join(''), printer),
    section('Prompt', indent(visible(context ?? ''), 2), printer),
    omittedLine({ omitted }, printer),
  ].join('')
}

/** What Runboard itself saw of the run, beside what the worker reported. */
function observedLine({ observed }: Run): string {
  if (observed === null) return ''
  const parts = [
    changedFilesWords(observed) ?? '',
    observed.commits_ahead === undefined ? '' : `${String(observed.commits_ahead)} commits ahead`,
    observed.peak_rss_bytes === undefined ? '' : `peak memory ${bytes(observed.peak_rss_bytes)}`,
    observed.log_bytes === undefined ? '' : `log ${bytes(observed.log_bytes)}`,
    observed.leftover_pids === undefined ? '' : `left running: pid ${observed.leftover_pids.join(', ')}`,
    observed.possible_leftover_pids === undefined
      ? ''
      : `a hidden process could not be ruled out: pid ${observed.possible_leftover_pids.join(', ')}`,
  ]
  return parts.filter((part) => part !== '').join(', ')
}

/** What a worker that claims its own work needs to act as this run. */
export function printClaim({ run, claim }: { run: Run; claim: string }, printer: Printer): string {
  const expires = run.claim_expires_at === null ? null : when(run.claim_expires_at, printer.now)
  const about = fields(
    [
      ['run', String(run.id)],
      ['attempt', String(run.attempt)],
      ['profile', run.profile],
      ['claim', claim],
      ['expires', expires],
      ['workspace', run.workspace_path],
    ],
    printer,
  )
  const env = `RUNBOARD_TASK=${run.task_id} RUNBOARD_RUN=${String(run.id)} RUNBOARD_CLAIM=${claim}`
  return `${printer.paint.bold(run.task_id)} is claimed\n${about}  To act as this run: export ${env}\n`
}

/** One line below a task: how its run ended, or when it started. */
export function runSentence(run: Run, { now }: Printer): string {
  const name = `attempt ${String(run.attempt)}`
  if (run.ended_at === null) return `${name} is running, started ${relative(run.started_at, now)}`
  const outcome = outcomeText(shownOutcome(run))
  // A run that ends at the moment of its start had no worker: a verb recorded it.
  if (run.ended_at === run.started_at) return `${name}: ${outcome}`
  return `${name}: ${outcome} after ${duration(run.elapsed_ms)}, at ${dateTime(run.ended_at)}`
}

/** @returns the command by which a person continues the run's session in a terminal; null without a known session */
function takeOverLine({ agent, agent_cwd, agent_session_id }: Run): string | null {
  const command = takeOverCommand(agent, agent_session_id)?.map(shellWord).join(' ')
  if (command === undefined) return null
  return visible(agent_cwd === null ? command : `cd ${shellWord(agent_cwd)} && ${command}`)
}

/** How a person continues the session of a task that is theirs now, and gives the task back. */
export function printTakenOver(
  { opened, run }: { opened: string | null; run: Run },
  { paint }: Printer,
): string {
  const { attempt, task_id } = run
  const how =
    opened === null
      ? `Continue its session with:\n\n    ${takeOverLine(run) ?? ''}\n`
      : `Its session is open in ${opened}.`
  const back = `When you are done: complete, request-review or block ${task_id}, or give it back to a worker: reclaim ${task_id}`
  return `${paint.bold(task_id)} is yours, as attempt ${String(attempt)}\n${how}\n${paint.dim(back)}\n`
}

/** Says whether the next attempt resumes a session, and how to ask for the opposite. */
export function printSession(
  { plan, if_resumed }: { plan: SessionPlan | null; if_resumed: SessionPlan | null },
  { paint }: Printer,
): string {
  if (plan === null) return 'No earlier attempt of an agent: the next one begins a fresh session.\n'
  const words = sessionWords(plan.choice, plan.attempt)
  const hint =
    plan.choice === 'resumed'
      ? 'retry --fresh begins a new one'
      : 'retry --resume continues the earlier session anyway'
  const isOffered = plan.choice === 'resumed' || if_resumed?.choice === 'resumed'
  return `The next attempt: ${words}.\n${isOffered ? paint.dim(`${hint}\n`) : ''}`
}
