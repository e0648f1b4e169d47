import { count, thousands } from '../../../formats/count.ts'
import {
  type Board,
  type DispatcherState,
  type Profile,
  type ProfileState,
  TASK_STATUSES,
  type TaskStatus,
  type Worker,
} from '../../../contract/index.ts'
import { brief, fields } from './fields.ts'
import { paintStatus } from './paint.ts'
import type { Printer } from './printer.ts'
import { table } from './table.ts'
import { oneLine, visible } from './text.ts'
import { bytes, dateTime, duration, relative, seconds, when } from './time.ts'

type Counts = Partial<Record<TaskStatus, number>>

/** `3 ready, 1 running`: the counts above zero, in the order of the columns. */
function countsLine(counts: Counts): string {
  return TASK_STATUSES.flatMap((status) => {
    const amount = counts[status] ?? 0
    return amount === 0 ? [] : [`${String(amount)} ${status}`]
  }).join(', ')
}

export function printBoards({ boards }: { boards: Board[] }, printer: Printer): string {
  if (boards.length === 0) return 'No boards. `runboard init` creates one.\n'
  const problems = boards.flatMap(({ slug, problem }) =>
    problem === null ? [] : [`${printer.paint.bold(slug)}: ${visible(problem)}\n`],
  )
  return [boardTable(boards, printer), ...problems].join('')
}

function boardTable(boards: Board[], { paint, width }: Printer): string {
  return table(
    boards,
    [
      { header: '', text: (board) => (board.current ? '*' : ' '), paint: paint.green },
      { header: 'BOARD', text: (board) => board.slug, paint: paint.bold },
      { header: 'NAME', text: (board) => [board.icon ?? '', board.name].join(' '), least: 12 },
      { header: 'TASKS', text: (board) => countsLine(board.counts) },
      {
        header: '',
        text: (board) =>
          [
            board.archived_as === null ? '' : `archived as ${board.archived_as}`,
            board.settings.paused ? 'paused' : '',
            board.problem === null ? '' : 'see below',
          ]
            .filter((word) => word !== '')
            .join(', '),
      },
      { header: 'PROJECT', text: (board) => board.project_dir ?? '', least: 12 },
    ],
    width,
    paint.dim,
  )
}

const orDefault = (value: number | string | null) => (value === null ? 'the default' : String(value))

export function printBoard({ board }: { board: Board }, printer: Printer): string {
  const { settings } = board
  const about = fields(
    [
      ['name', oneLine(board.name)],
      ['icon', oneLine(board.icon ?? '')],
      ['color', oneLine(board.color ?? '')],
      ['project_dir', board.project_dir],
      ['tasks', countsLine(board.counts) || 'none'],
      ['max_running', orDefault(settings.max_running)],
      ['failure_limit', orDefault(settings.failure_limit)],
      [
        'stale_after_seconds',
        settings.stale_after_seconds === null ? 'the default' : seconds(settings.stale_after_seconds),
      ],
      ['max_waiting', orDefault(settings.max_waiting)],
      ['default_workspace', orDefault(settings.default_workspace)],
      ['accept_plans', String(settings.accept_plans)],
      ['merge_method', settings.merge_method],
      ['wait_for_merge', String(settings.wait_for_merge)],
      ['dispatching', settings.paused ? 'paused' : null],
      ['created', dateTime(board.created_at)],
      ['folder', board.path],
    ],
    printer,
  )
  const current = board.current ? `  ${printer.paint.green('current')}` : ''
  return `${printer.paint.bold(board.slug)}${current}\n${about}`
}

function commandOf(profile: Profile): string {
  return oneLine(profile.shell ?? profile.command?.join(' ') ?? '')
}

function holdOf(profile: ProfileState, now: number): string {
  if (profile.held_since === null) return profile.executable_error ?? ''
  const until =
    profile.held_until === null ? 'until you release it' : `until ${relative(profile.held_until, now)}`
  return `held ${until}: ${profile.held_why ?? ''}`
}

interface Profiles {
  profiles: ProfileState[]
  broken: { name: string; problem: string }[]
}

export function printProfiles(answer: Profiles, printer: Printer): string {
  const broken = answer.broken.map(
    ({ name, problem }) => `${printer.paint.bold(visible(name))} cannot be used: ${visible(problem)}.\n`,
  )
  return usableProfiles(answer, printer) + broken.join('')
}

function usableProfiles({ profiles, broken }: Profiles, printer: Printer): string {
  if (profiles.length === 0) {
    return broken.length > 0 ? '' : 'No profiles. `runboard profiles presets` lists ready-made ones.\n'
  }
  const { paint, width, now } = printer
  return table(
    profiles,
    [
      { header: 'PROFILE', text: (profile) => profile.name, paint: paint.bold },
      {
        header: 'RUNNING',
        text: ({ running, max_concurrent: limit }) =>
          limit === null ? String(running) : `${String(running)} of ${String(limit)}`,
      },
      { header: 'ENDS BY', text: (profile) => (profile.completion === 'explicit' ? 'report' : 'exit code') },
      { header: 'COMMAND', text: commandOf, least: 12 },
      { header: '', text: (profile) => holdOf(profile, now), paint: paint.yellow, least: 12 },
    ],
    width,
    paint.dim,
  )
}

export function printPresets({ presets }: { presets: Profile[] }, { paint, width }: Printer): string {
  return table(
    presets,
    [
      { header: 'PRESET', text: (preset) => preset.name, paint: paint.bold },
      { header: 'WHAT IT IS', text: (preset) => preset.description ?? '', least: 12 },
      { header: 'COMMAND', text: commandOf, least: 12 },
    ],
    width,
    paint.dim,
  )
}

export function printProfile({ profile }: { profile: Profile }, printer: Printer): string {
  const env = Object.entries(profile.env).map(([key, value]) => `${key}=${oneLine(value)}`)
  const about = fields(
    [
      ['description', visible(profile.description ?? '')],
      ['shell', visible(profile.shell ?? '')],
      ['command', profile.command === null ? null : brief(profile.command)],
      ['driver', profile.driver],
      ['acp_mode', visible(profile.acp_mode ?? '')],
      ['env', env.join(' ')],
      ['stdin', profile.stdin],
      ['completion', profile.completion],
      ['max_concurrent', profile.max_concurrent === null ? null : String(profile.max_concurrent)],
      [
        'max_runtime_seconds',
        profile.max_runtime_seconds === null ? null : seconds(profile.max_runtime_seconds),
      ],
      ['failure_limit', profile.failure_limit === null ? null : String(profile.failure_limit)],
      ['backoff_seconds', profile.backoff_seconds === null ? null : seconds(profile.backoff_seconds)],
      ['model', visible(profile.model ?? '')],
      ['rate_limit_pattern', visible(profile.rate_limit_pattern ?? '')],
      ['rate_limit_exit_codes', profile.rate_limit_exit_codes.join(', ')],
      ['failure_pattern', visible(profile.failure_pattern ?? '')],
      ['usage_parser', profile.usage_parser === 'none' ? null : profile.usage_parser],
      ['capabilities', profile.capabilities.join(', ')],
      ['max_wait_seconds', profile.max_wait_seconds === null ? null : seconds(profile.max_wait_seconds)],
      ['allow_edits', profile.allow_edits ? 'true' : null],
      ['allowed_commands', visible(profile.allowed_commands.join('; '))],
      ['allowed_tools', visible(profile.allowed_tools.join(', '))],
      ['resume', profile.resume],
    ],
    printer,
  )
  return `${printer.paint.bold(profile.name)}\n${about}`
}

export function printWorkers({ workers }: { workers: Worker[] }, { paint, width, now }: Printer): string {
  if (workers.length === 0) return 'Nothing is running.\n'
  const alive = (worker: Worker) =>
    worker.ended_at !== null
      ? 'reported'
      : worker.stop_requested_at !== null
        ? 'stopping'
        : worker.worker_pid === null
          ? 'pulls'
          : worker.alive
            ? 'alive'
            : 'gone'
  return table(
    workers,
    [
      { header: 'TASK', text: (worker) => worker.task_id },
      { header: 'RUN', text: (worker) => String(worker.run_id), right: true },
      { header: 'ATT', text: (worker) => String(worker.attempt), right: true, drop: 4 },
      { header: 'PROFILE', text: (worker) => worker.profile ?? '' },
      { header: 'AGENT', text: (worker) => worker.agent ?? '', drop: 7 },
      { header: 'MODEL', text: (worker) => worker.model ?? '', drop: 6 },
      {
        header: 'CONTEXT',
        text: ({ context_size: size, context_used: used }) =>
          used === null ? '' : size === null ? thousands(used) : `${Math.round((100 * used) / size)} %`,
        right: true,
        drop: 5,
      },
      {
        header: 'PID',
        text: (worker) => (worker.worker_pid === null ? '' : String(worker.worker_pid)),
        right: true,
        drop: 2,
      },
      { header: '', text: alive, paint: (text) => (text === 'gone' ? paint.red(text) : text) },
      { header: 'FOR', text: (worker) => duration(worker.elapsed_ms), right: true },
      {
        header: 'MEMORY',
        text: ({ memory_bytes: memory }) => (memory === null ? '' : bytes(memory)),
        right: true,
        drop: 3,
      },
      {
        header: 'OUTPUT',
        text: ({ last_output_at: at }) => (at === null ? '' : relative(at, now)),
        right: true,
      },
      { header: 'TITLE', text: (worker) => worker.title, least: 12 },
      {
        header: 'SAYS',
        text: (worker) => worker.last_heartbeat_note ?? worker.last_output ?? '',
        paint: paint.dim,
        least: 12,
      },
    ],
    width,
    paint.dim,
  )
}

export interface Stats {
  by_status: Counts
  by_assignee: Record<string, Counts>
  by_outcome: Record<string, number>
  oldest_ready_age_ms: number | null
  runs_open: number
  failed: number
  failed_today: number
  needs_me: number
}

export function printStats(stats: Stats, printer: Printer): string {
  const { paint, width } = printer
  const statuses = TASK_STATUSES.filter((status) => (stats.by_status[status] ?? 0) > 0)
  const about = fields(
    [
      [
        'tasks',
        statuses
          .map((status) => `${String(stats.by_status[status])} ${paintStatus(paint, status)}`)
          .join(', ') || 'none',
      ],
      ['running', count(stats.runs_open, 'run')],
      ['needs you', stats.needs_me === 0 ? null : paint.yellow(String(stats.needs_me))],
      ['failed', stats.failed === 0 ? null : paint.red(count(stats.failed, 'task'))],
      ['failed today', stats.failed_today === 0 ? null : count(stats.failed_today, 'attempt')],
      [
        'oldest ready',
        stats.oldest_ready_age_ms === null ? null : `waits for ${duration(stats.oldest_ready_age_ms)}`,
      ],
      [
        'runs ended',
        Object.entries(stats.by_outcome)
          .map(([outcome, amount]) => `${String(amount)} ${outcome}`)
          .join(', '),
      ],
    ],
    printer,
    0,
  )
  const assignees = Object.entries(stats.by_assignee)
  if (assignees.length === 0) return about
  const rows = table(
    assignees,
    [
      { header: 'PROFILE', text: ([name]) => name || 'nobody' },
      { header: 'TASKS', text: ([, counts]) => countsLine(counts), least: 12 },
    ],
    width,
    paint.dim,
  )
  return `${about}\n${rows}`
}

export function printDispatcher({ dispatcher }: { dispatcher: DispatcherState }, { paint }: Printer): string {
  const { who, holder, pid, paused, running, limit } = dispatcher
  const known = [holder ?? '', pid === null ? '' : `pid ${String(pid)}`]
    .filter((part) => part !== '')
    .join(', ')
  const by =
    who === 'none' ? 'no dispatcher is running' : `dispatched ${who}${known === '' ? '' : ` (${known})`}`
  const state = paused ? paint.yellow('paused') : paint.green('not paused')
  return `${state}: ${by}, ${String(running)} of ${String(limit)} running\n`
}

export function printDemo({ board, tasks }: { board: string; tasks: string[] }, { paint }: Printer): string {
  const ways = [
    [`runboard --board ${board} dispatch --wait`, 'run them here until none is left'],
    [`runboard --board ${board} list`, 'look at them'],
    ['runboard serve --open', 'run and watch them in a browser'],
    ['npm start', 'run and watch them in the app'],
  ]
  const width = Math.max(...ways.map(([command = '']) => command.length))
  const lines = ways.map(([command = '', what = '']) => `  ${command.padEnd(width)}   ${what}`)
  const made = `Created the board ${paint.bold(board)} with ${count(tasks.length, 'task')} that small real processes work on.`
  return `${[made, '', ...lines].join('\n')}\n`
}

/** For answers without a view of their own: one field per line. */
export function printReport(answer: unknown, printer: Printer): string {
  if (typeof answer !== 'object' || answer === null) return `${brief(answer)}\n`
  return fields(
    Object.entries(answer).map(([key, value]) => [
      key.replaceAll('_', ' '),
      reportValue(key, value, printer.now),
    ]),
    printer,
    0,
  )
}

function reportValue(key: string, value: unknown, now: number): string | null {
  if (value === null || value === undefined) return null
  if (typeof value === 'boolean') return value ? 'yes' : 'no'
  if (typeof value === 'number' && key.endsWith('_at')) return when(value, now)
  if (typeof value === 'number' && key.endsWith('_bytes')) return bytes(value)
  if (!Array.isArray(value)) return brief(value)
  const items: unknown[] = value
  return items.length === 0 ? 'none' : items.map((item) => reportItem(item, now)).join('\n')
}

/** One element of a list: its values side by side, without those that are empty. */
function reportItem(item: unknown, now: number): string {
  if (typeof item !== 'object' || item === null) return brief(item)
  return Object.entries(item)
    .map(([key, value]) => (typeof value === 'object' ? brief(value) : reportValue(key, value, now)))
    .filter((text) => text !== null && text !== 'null')
    .join('  ')
}
