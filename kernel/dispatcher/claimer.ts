import { OperationError, type Profile, type Why } from '../../contract/index.ts'
import type { Board } from '../board/board.ts'
import type { WriteTx } from '../db/connection.ts'
import { ownGate, boardGate, type BoardFacts, workspaceOwner } from '../board/gates.ts'
import { type Claimed, claimTask } from '../lifecycle/claim.ts'
import { withTurn } from '../board/item-facts.ts'
import { boardFacts, type FactSources, isPaused } from '../board/facts.ts'
import type { Services } from '../services.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { isReservedProfile } from '../../contract/workflow-kinds.ts'
import { profileForStep } from '../board/step-run.ts'
import type { Lease } from '../board/lease.ts'
import { memoryGate } from './memory.ts'

/** How many workers this process watches, on this board and in total. */
export interface Occupancy {
  board: number
  by_profile: ReadonlyMap<string, number>
  app: number
}

export interface Candidate {
  task: TaskRow
  profile: Profile
}

export interface Plan {
  claims: Candidate[]
  facts: BoardFacts
}

/** A ready task that a pass did not claim, and a sentence that says why. */
export interface Skipped {
  task_id: string
  gate: NonNullable<Why>['gate']
  sentence: string
}

/** The most skipped tasks that one pass explains. */
const SKIPPED_LIMIT = 1000

/**
 * Decides which tasks to claim now, within all limits: by priority, then by time since they became ready. Changes
 * nothing; a dry run ends here.
 *
 * @param max the most tasks to claim in this pass
 */
export function planClaims(services: FactSources, board: Board, occupancy: Occupancy, max: number): Plan {
  const facts = withOccupancy(boardFacts(services, board), occupancy)
  const slots = Math.min(
    max,
    facts.app_limit - occupancy.app,
    facts.board_limit === null ? Infinity : facts.board_limit - occupancy.board,
  )
  if (max <= 0 || facts.paused || memoryGate(services) !== null) return { claims: [], facts }
  const names = board.connection.read.all(tasks.readyAssignees, {}).map(({ assignee }) => assignee)
  const wanted = (isOwn: boolean, most: number) =>
    names
      .filter((name) => isReservedProfile(name) === isOwn)
      .flatMap((name) => candidatesOf(board, facts, name, Math.max(0, most)))
      .sort(
        (a, b) => b.priority - a.priority || (a.ready_at ?? 0) - (b.ready_at ?? 0) || (a.id < b.id ? -1 : 1),
      )
  // Checks and merges have slots of their own, so that they never wait for agents.
  const own = wanted(true, max)
  // `candidatesOf` counted the items of a map step by profile. This counts them over all profiles.
  const free = withFreeWorkspace(wanted(false, slots), own.map(workspaceOwner))
  const workers = withTurn([...own, ...free], facts)
    .filter((task) => !own.includes(task))
    .slice(0, Math.max(0, slots))
  const claims = [...withFreeWorkspace(own, []), ...workers].slice(0, max)
  return { claims: claims.flatMap((task) => withProfile(board, task, facts)), facts }
}

function withProfile(board: Board, task: TaskRow, facts: BoardFacts): Candidate[] {
  const profile = facts.profiles.get(task.assignee ?? '')
  return profile === undefined
    ? []
    : [{ task, profile: profileForStep(board.connection.read, task, profile) }]
}

/** Of several tasks that share a workspace, takes only the first; skips tasks whose workspace is in use. */
function withFreeWorkspace(rows: readonly TaskRow[], busy: Iterable<string>): TaskRow[] {
  const taken = new Set(busy)
  return rows.filter((task) => {
    const owner = workspaceOwner(task)
    if (taken.has(owner)) return false
    taken.add(owner)
    return true
  })
}

/** The first claimable tasks of a profile, skipping any number of tasks that wait for a workspace or a merge. */
function claimableOf(board: Board, facts: BoardFacts, assignee: string, limit: number): TaskRow[] {
  const { busy_workspaces, item_turns, unmerged_parents } = facts
  for (let read = limit + busy_workspaces.size + unmerged_parents.size + item_turns.size; ; read *= 4) {
    const rows = board.connection.read.all(tasks.claimableOf, { assignee, now: facts.now, limit: read })
    // First drop the tasks that have to wait anyway, so that they take no slot of an item that could run.
    const merged = rows.filter(({ id }) => !unmerged_parents.has(id))
    const free = withTurn(withFreeWorkspace(merged, busy_workspaces.keys()), facts)
    if (free.length >= limit || rows.length < read) return free.slice(0, limit)
  }
}

function candidatesOf(board: Board, facts: BoardFacts, assignee: string, slots: number): TaskRow[] {
  const profile = facts.profiles.get(assignee)
  if (profile === undefined) return []
  const held = facts.held_profiles.get(assignee)
  if (held !== undefined && (held.held_until === null || held.held_until > facts.now)) return []
  const own = (profile.max_concurrent ?? Infinity) - (facts.running_by_profile.get(assignee) ?? 0)
  const limit = Math.min(slots, own)
  if (limit <= 0) return []
  return claimableOf(board, facts, assignee, limit)
}

/** Limits count the workers that this process watches, lingering ones included. Gates use the same counts. */
function withOccupancy(facts: BoardFacts, occupancy: Occupancy): BoardFacts {
  return {
    ...facts,
    has_dispatcher: true,
    running: occupancy.board,
    running_by_profile: occupancy.by_profile,
    app_running: occupancy.app,
  }
}

/** Why the ready tasks that were not claimed have to wait. */
export function explainSkipped(services: Pick<Services, 'config'>, board: Board, plan: Plan): Skipped[] {
  const claimed = new Set(plan.claims.map(({ task }) => task.id))
  const memory = memoryGate(services)
  return board.connection.read
    .all(tasks.ready, { limit: SKIPPED_LIMIT })
    .filter((task) => !claimed.has(task.id))
    .map((task) => {
      const why = ownGate(task, [], plan.facts) ?? boardGate(task.assignee, plan.facts) ?? memory
      if (why !== null) return { task_id: task.id, gate: why.gate, sentence: why.sentence }
      return {
        task_id: task.id,
        gate: 'app_limit' as const,
        sentence: 'No free worker slot; higher-priority tasks started first.',
      }
    })
}

/** A planned task that was claimed. */
interface ClaimedCandidate extends Claimed {
  profile: Profile
}

/**
 * Claims the planned tasks for the dispatcher, in one transaction. Leaves out a task that another process claimed first,
 * whose gates have closed, or whose assignee has changed.
 *
 * @returns nothing when the lease is lost
 */
export async function claimPlanned(
  { host }: Pick<Services, 'host'>,
  board: Board,
  lease: Lease,
  candidates: readonly Candidate[],
): Promise<ClaimedCandidate[]> {
  if (candidates.length === 0) return []
  return board.connection.write('dispatcher', (tx) => {
    if (!lease.isOurs(tx) || isPaused(tx)) return []
    return candidates.flatMap((candidate) => claimOne(tx, host, candidate) ?? [])
  })
}

function claimOne(tx: WriteTx, host: string, { task, profile }: Candidate): ClaimedCandidate | null {
  const now = tx.get(tasks.byId, { id: task.id })
  if (now?.assignee !== profile.name) return null
  // The plan has the command of the planned step, so the task must still be at that step.
  const isSameStep =
    now.current_step_key === task.current_step_key &&
    now.workflow_run_id === task.workflow_run_id &&
    now.verify_command === task.verify_command
  if (!isSameStep) return null
  try {
    const claimed = claimTask(tx, now, {
      profile: profile.name,
      trigger: 'dispatcher',
      host,
      max_runtime_seconds: isReservedProfile(profile.name)
        ? profile.max_runtime_seconds
        : (now.max_runtime_seconds ?? profile.max_runtime_seconds),
    })
    return { ...claimed, profile }
  } catch (error) {
    // Thrown before anything of this task was written, so the other claims stand.
    if (error instanceof OperationError && error.code === 'CONFLICT') return null
    throw error
  }
}
