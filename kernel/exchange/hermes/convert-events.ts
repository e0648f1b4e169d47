import { type BoardEvent, EVENT_KINDS, type EventKind, isRunScoped } from '../../../contract/index.ts'
import { intOf, objectOf, type Raw, textOf, timeOf } from './raw.ts'

/** What Hermes calls by another name, or called so once. */
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

/** Words of ours that mean something else there, or that no event of a task has. */
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
 * @param taskOfRun the task of each run that is taken over
 * @param at the newest moment so far, where the event has none
 * @returns the event as ours; null where its task is not taken over
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
  // The name that it had there stays with it, unless it is the same.
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
