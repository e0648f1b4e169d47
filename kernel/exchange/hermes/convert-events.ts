import { type BoardEvent, EVENT_KINDS, type EventKind, isRunScoped } from '../../../contract/index.ts'
import { intOf, objectOf, type Raw, textOf, timeOf } from './raw.ts'

/** Hermes's names for our events, current and former. */
const RENAMED: Readonly<Record<string, EventKind>> = {
  ready: 'promoted',
  promoted_manual: 'promoted',
  specified: 'promoted',
  decomposed: 'promoted',
  priority: 'reprioritized',
  spawn_auto_blocked: 'gave_up',
  claim_rejected: 'demoted',
  claim_extended: 'heartbeat',
  scheduled: 'held',
  status: 'moved',
  completion_blocked_hallucination: 'cards_rejected',
}

/** Our names that mean something else in Hermes, or that no event of a task has. */
const NOT_TAKEN = new Set<string>([
  'profile_held',
  'profile_released',
  'dispatcher_paused',
  'dispatcher_resumed',
  'task_deleted',
  'board_restored',
  'imported',
])

function kindOf(name: string): EventKind {
  const renamed = RENAMED[name]
  if (renamed !== undefined) return renamed
  const known = EVENT_KINDS.find((kind) => kind === name)
  return known === undefined || NOT_TAKEN.has(name) ? 'imported' : known
}

/**
 * @param taskOfRun the task of each run that is imported
 * @param at the newest time so far, for an event without a time
 * @returns the event as ours; null if its task is not imported
 */
export function convertEvent(
  row: Raw,
  tasks: ReadonlyMap<string, string>,
  taskOfRun: ReadonlyMap<number, string>,
  at: number,
): BoardEvent | null {
  const id = intOf(row, 'id')
  const task_id = tasks.get(textOf(row, 'task_id') ?? '')
  if (id === null || id < 1 || task_id === undefined) return null
  const name = textOf(row, 'kind') ?? 'unknown'
  const kind = kindOf(name)
  const run = intOf(row, 'run_id')
  const run_id = run !== null && isRunScoped(kind) && taskOfRun.get(run) === task_id ? run : null
  const payload = objectOf(row, 'payload')
  // The event keeps its Hermes name if that differs.
  const named = kind === name ? payload : { ...payload, hermes_kind: name }
  const who = payload?.['actor'] ?? payload?.['author']
  return {
    id,
    task_id,
    run_id,
    kind,
    payload: named,
    actor: typeof who === 'string' && who.trim() !== '' ? who : 'hermes',
    created_at: timeOf(row, 'created_at') ?? at,
  }
}
