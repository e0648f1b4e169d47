import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import {
  type BoardEvent,
  type BoardExport,
  EXPORT_FORMAT,
  EXPORT_VERSION,
  type ExportedRun,
} from '../../../contract/index.ts'
import { readFileIfThere } from '../../home/files.ts'
import { closingLinks } from '../closing-links.ts'
import { convertEvent } from './convert-events.ts'
import { convertRun, noteSpawns, runOfClaim } from './convert-runs.ts'
import { convertTask } from './convert-tasks.ts'
import { readFromCopy } from '../../db/foreign-copy.ts'
import { refuseSize } from '../limits.ts'
import { cutLongTexts } from './cut-long.ts'
import { intOf, positiveOf, type Raw, type RawBoard, readRaw, textOf, timeOf } from './raw.ts'

/** The host recorded for the processes of imported runs. Never this one, so that we never signal them. */
const ELSEWHERE = 'hermes'

/** A file can be wrong in a million places; omissions beyond this many are only counted. */
const MOST_WARNINGS = 200

function moreWarnings(count: number): string[] {
  return count > MOST_WARNINGS ? [`${count - MOST_WARNINGS} more things were changed on import.`] : []
}

export interface HermesBoard {
  board: BoardExport
  warnings: string[]
  host: string
}

/**
 * Reads a `kanban.db` of Hermes Agent, of any schema version. The file is not written to.
 *
 * @param file absolute
 * @param now milliseconds since the epoch
 * @throws OperationError NOT_FOUND, CONFLICT, INVALID_INPUT
 */
export function readHermes(file: string, now: number): HermesBoard {
  const raw = readFromCopy(
    file,
    (db) => readRaw(db, file),
    (bytes) => refuseSize(file, bytes),
  )
  const { board, warnings } = convertBoard(raw, now)
  const cut = cutLongTexts(board)
  return {
    board: { ...board, board: { ...board.board, ...lookBeside(file) } },
    warnings: [...warnings.slice(0, MOST_WARNINGS), ...moreWarnings(warnings.length), ...cut],
    host: ELSEWHERE,
  }
}

/** A file beside a named board of Hermes holds its display name. */
function lookBeside(file: string): { name: string; icon: string | null; color: string | null } {
  const found = { name: 'Hermes', icon: null, color: null }
  try {
    const json: unknown = JSON.parse(readFileIfThere(join(dirname(file), 'board.json')) ?? '{}')
    const row = typeof json === 'object' && json !== null ? (json as Raw) : {}
    const short = (column: string, limit: number) => textOf(row, column)?.trim().slice(0, limit) ?? null
    return { name: short('name', 100) ?? found.name, icon: short('icon', 16), color: short('color', 32) }
  } catch {
    // The file beside it belongs to another program: the board is named after its path.
    return found
  }
}

/** The state of a conversion. */
interface Conversion {
  raw: RawBoard
  now: number
  warnings: string[]
  /** The ids of tasks in Hermes, and their ids here. */
  ids: Map<string, string>
  rowOf: Map<string, Raw>
}

function convertBoard(raw: RawBoard, now: number): { board: BoardExport; warnings: string[] } {
  const conversion: Conversion = { raw, now, warnings: [], ids: new Map(), rowOf: new Map() }
  for (const row of raw.tasks) takeId(conversion, row)
  const runs = convertRuns(conversion)
  const events = convertEvents(conversion, runs)
  noteSpawns(runs, events)
  const byTask = new Map<string, BoardEvent[]>()
  for (const event of events) {
    const list = byTask.get(event.task_id ?? '')
    if (list === undefined) byTask.set(event.task_id ?? '', [event])
    else list.push(event)
  }
  const open = new Map(runs.filter((run) => run.ended_at === null).map((run) => [run.task_id, run.id]))
  const tasks = [...conversion.rowOf].map(([id, row]) =>
    convertTask(row, id, byTask.get(id) ?? [], open.get(id) ?? null, now),
  )
  dropRepeatedKeys(conversion, tasks)
  const cursor = events.at(-1)?.id ?? 0
  const board = {
    format: EXPORT_FORMAT,
    version: EXPORT_VERSION,
    exported_at: now,
    board: {
      name: 'Hermes',
      icon: null,
      color: null,
      project_dir: null,
      created_at: now,
      max_running: null,
      failure_limit: null,
      stale_after_seconds: null,
      max_waiting: null,
      default_workspace: null,
      accept_plans: false,
      merge_method: 'merge',
      wait_for_merge: false,
      paused: true,
    },
    cursor,
    inbox_seen: cursor,
    tasks,
    links: convertLinks(conversion),
    runs,
    comments: convertComments(conversion, runs),
    events,
    attachments: [],
    views: [],
    workflows: [],
    walks: [],
    visits: [],
    items: [],
    questions: [],
    messages: [],
  } as const satisfies BoardExport
  return { board, warnings: conversion.warnings }
}

const GOOD_ID = /^[A-Za-z0-9_-]{1,64}$/

/** Ids name folders here. One that cannot is replaced, the same way each time. */
function takeId({ ids, rowOf, warnings }: Conversion, row: Raw): void {
  const id = textOf(row, 'id')
  if (id === null) return void warnings.push('A task without an id was left out.')
  const safe = GOOD_ID.test(id) ? id : `t_${createHash('sha256').update(id).digest('hex').slice(0, 8)}`
  if (safe !== id) warnings.push(`Task ${JSON.stringify(id)} is called ${safe} here.`)
  ids.set(id, safe)
  rowOf.set(safe, row)
}

function convertRuns(conversion: Conversion): ExportedRun[] {
  const { raw, ids, rowOf, now } = conversion
  const attempts = new Map<string, number>()
  const next = (task: string) => {
    const attempt = (attempts.get(task) ?? 0) + 1
    attempts.set(task, attempt)
    return attempt
  }
  const isRunning = (row: Raw) => textOf(row, 'status') === 'running'
  const runs = raw.runs.flatMap((row) => {
    const task = ids.get(textOf(row, 'task_id') ?? '')
    const taskRow = task === undefined ? undefined : rowOf.get(task)
    if (task === undefined || taskRow === undefined || positiveOf(row, 'id') === null) return []
    const isCurrent = intOf(taskRow, 'current_run_id') === intOf(row, 'id')
    const isOpen = isRunning(taskRow) && isCurrent && timeOf(row, 'ended_at') === null
    return [convertRun(row, task, next(task), isOpen, timeOf(taskRow, 'created_at') ?? now)]
  })
  const haveOpen = new Set(runs.filter((run) => run.ended_at === null).map((run) => run.task_id))
  let id = runs.reduce((most, run) => Math.max(most, run.id), 0)
  for (const [task, row] of rowOf) {
    if (!isRunning(row) || haveOpen.has(task)) continue
    id++
    runs.push(runOfClaim(id, task, next(task), claimOf(row, now)))
  }
  return runs
}

/** The claim on a running task itself. A claim without an end lapses at once. */
function claimOf(row: Raw, now: number) {
  const started_at = timeOf(row, 'started_at') ?? timeOf(row, 'created_at') ?? now
  return {
    started_at,
    claim_expires_at: timeOf(row, 'claim_expires') ?? started_at,
    worker_pid: positiveOf(row, 'worker_pid'),
    last_heartbeat_at: timeOf(row, 'last_heartbeat_at'),
    max_runtime_seconds: positiveOf(row, 'max_runtime_seconds'),
    profile: textOf(row, 'assignee')?.trim().toLowerCase() ?? null,
    step_key: textOf(row, 'current_step_key'),
  }
}

function convertEvents({ raw, ids, warnings, now }: Conversion, runs: readonly ExportedRun[]): BoardEvent[] {
  const taskOfRun = new Map(runs.map((run) => [run.id, run.task_id]))
  const events: BoardEvent[] = []
  for (const row of raw.events) {
    const event = convertEvent(row, ids, taskOfRun, events.at(-1)?.created_at ?? now)
    if (event !== null) events.push(event)
  }
  const left = raw.events.length - events.length
  if (left > 0) warnings.push(`${left} events of tasks that are not there were left out.`)
  const claimed = new Set(events.flatMap((event) => (event.kind === 'claimed' ? (event.run_id ?? []) : [])))
  const lastOf = new Map(events.map((event) => [event.task_id, event]))
  for (const run of runs) {
    if (run.ended_at !== null || claimed.has(run.id)) continue
    const last = lastOf.get(run.task_id)
    const created_at = Math.max(run.started_at, last?.created_at ?? 0)
    const payload = { attempt: run.attempt, profile: run.profile, expires_at: run.claim_expires_at }
    const id = (events.at(-1)?.id ?? 0) + 1
    events.push({
      id,
      task_id: run.task_id,
      run_id: run.id,
      kind: 'claimed',
      payload,
      actor: 'hermes',
      created_at,
    })
  }
  return events
}

function convertLinks({ raw, ids, warnings }: Conversion): BoardExport['links'] {
  const links = new Map<string, { parent_id: string; child_id: string }>()
  for (const row of raw.links) {
    const parent_id = ids.get(textOf(row, 'parent_id') ?? '')
    const child_id = ids.get(textOf(row, 'child_id') ?? '')
    if (parent_id === undefined || child_id === undefined || parent_id === child_id) {
      warnings.push('A link to itself, or to a task that is not there, was left out.')
    } else links.set(`${parent_id} ${child_id}`, { parent_id, child_id })
  }
  for (const link of closingLinks(links.values())) {
    links.delete(`${link.parent_id} ${link.child_id}`)
    warnings.push(`The link ${link.parent_id} → ${link.child_id} was left out: it closed a cycle.`)
  }
  return [...links.values()]
}

function convertComments(
  { raw, ids, now }: Conversion,
  runs: readonly ExportedRun[],
): BoardExport['comments'] {
  const taskOfRun = new Map(runs.map((run) => [run.id, run.task_id]))
  return raw.comments.flatMap((row) => {
    const id = positiveOf(row, 'id')
    const task_id = ids.get(textOf(row, 'task_id') ?? '')
    const body = textOf(row, 'body')
    if (id === null || task_id === undefined || body === null) return []
    const run = intOf(row, 'run_id')
    return {
      id,
      task_id,
      run_id: run !== null && taskOfRun.get(run) === task_id ? run : null,
      author: textOf(row, 'author') ?? 'hermes',
      body,
      created_at: timeOf(row, 'created_at') ?? now,
    }
  })
}

/** In Hermes several tasks may have one key; here the newest keeps it. */
function dropRepeatedKeys({ warnings }: Conversion, tasks: BoardExport['tasks']): void {
  const taken = new Set<string>()
  for (const task of [...tasks].reverse()) {
    const key = task.idempotency_key
    if (key === null || task.status === 'archived') continue
    if (taken.has(key)) {
      task.idempotency_key = null
      warnings.push(`Task ${task.id} gave up its idempotency key “${key}”, which a newer one has too.`)
    }
    taken.add(key)
  }
}
