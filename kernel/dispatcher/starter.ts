import type { Profile } from '../../contract/index.ts'
import type { Board, RunFiles } from '../board/board.ts'
import { contextWay } from '../../formats/context-limits.ts'
import { buildContext } from '../board/context.ts'
import { workspaceOwner } from '../board/gates.ts'
import { writeFileAtomic } from '../home/files.ts'
import type { Claimed } from '../lifecycle/claim.ts'
import { failRun } from '../lifecycle/fail.ts'
import { getTask } from '../lifecycle/moved.ts'
import { finishStop } from '../lifecycle/stop.ts'
import { writeEvent } from '../lifecycle/write-event.ts'
import type { Services } from '../services.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { RunRow } from '../tables/task-runs.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { buildCommand } from '../workers/spawn/command.ts'
import { workerEnvironment } from '../workers/environment/environment.ts'
import { resolveExecutable } from '../workers/environment/executable.ts'
import { startKeyOf } from '../workers/process/identity.ts'
import { pidsNow } from '../workers/process/process-table.ts'
import { moveAside } from '../home/regular-file.ts'
import { LastingSetupError } from '../workers/setup-error.ts'
import type { StartedWorker } from '../workers/spawn/spawn-options.ts'
import { startFolder } from '../workers/workspace/start-folder.ts'
import { startWorker } from '../workers/spawn/spawn.ts'
import { prepareWorkspace } from '../workers/workspace/workspace.ts'
import type { Workspace } from '../workers/workspace/workspace-request.ts'
import { trustFileOf } from '../board/own-workspace.ts'
import { observeBefore, type ObservedFacts } from './observed.ts'
import { failurePolicy } from './policy.ts'
import { workerBin } from './worker-bin.ts'

/** A claimed run whose worker has been started. */
export interface StartedRun {
  run: RunRow
  profile: Profile
  worker: StartedWorker
  /** The pids that existed before it, to find what it leaves behind. */
  pids_before: ReadonlySet<number> | null
}

/**
 * Starts the worker of a claimed run: workspace, context, command, process. The worker's program begins only once its
 * pid is recorded, so the board knows every worker that runs.
 *
 * @returns null when the worker could not be started, or was stopped meanwhile; the run is then closed
 */
export async function startRun(
  services: Services,
  board: Board,
  claimed: Claimed,
  profile: Profile,
): Promise<StartedRun | null> {
  services.atStep('claimed')
  try {
    const workspace = await workspaceFor(board, claimed.task)
    services.atStep('workspace')
    const before = {
      ...modelFact(claimed.task, profile),
      ...(await observeBefore(claimed.task, workspace.path)),
    }
    const prepared = { ...prepareFiles(board, claimed, profile), before }
    services.atStep('context')
    const pids_before = pidsNow()
    const { worker, command } = await spawnWorker(services, board, claimed, profile, workspace, prepared)
    services.atStep('spawned')
    const started = await recordAndGo(services, board, claimed, { worker, command, workspace, prepared })
    return started && { run: started, profile, worker, pids_before }
  } catch (error) {
    await closeUnstarted(services, board, claimed, profile, error)
    return null
  }
}

/**
 * A task may ask for a different model than its profile. Either may change later, so the run records the model used.
 */
function modelOf(task: TaskRow, profile: Profile): string | null {
  return task.model ?? profile.model
}

function modelFact(task: TaskRow, profile: Profile): ObservedFacts {
  const model = modelOf(task, profile)
  return model === null ? {} : { model }
}

/** The task's own workspace, or the one of the task that it shares with. */
async function workspaceFor(board: Board, task: TaskRow): Promise<Workspace> {
  const owner = board.connection.read.get(tasks.byId, { id: workspaceOwner(task) }) ?? task
  try {
    return await prepareWorkspace({
      kind: owner.workspace_kind,
      path: owner.workspace_path,
      task_id: owner.id,
      workspaces_dir: board.workspacesFolder,
      project_dir: board.settings().project_dir,
      branch: owner.branch,
      base_ref: owner.base_ref,
      trust_file: trustFileOf(board),
      started_from: board.connection.read.get(taskRuns.startOfWork, { owner: owner.id }) ?? null,
    })
  } catch (error) {
    throw new Error(`workspace: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}

interface Prepared extends RunFiles {
  context: string
  /** Facts observed before the worker starts. */
  before: ObservedFacts
}

/** Freezes the worker's context and writes it to the file that becomes its stdin. */
function prepareFiles(
  board: Board,
  { task, run }: Claimed,
  profile: Profile,
): RunFiles & { context: string } {
  const files = board.runFiles(task.id, run.id)
  const context = buildContext(board.connection.read, task.id, {
    mustReport: profile.completion === 'explicit',
    way: contextWay(profile),
  })
  // None of a new run's files can exist yet. An earlier worker may have put a log or a link under the names of the
  // next run.
  for (const path of [files.log_path, files.exit_path, files.context_path]) moveAside(path)
  writeFileAtomic(files.context_path, context, { sync: false })
  return { ...files, context }
}

async function spawnWorker(
  services: Services,
  board: Board,
  { task, run, claim }: Claimed,
  profile: Profile,
  workspace: Workspace,
  files: Prepared,
): Promise<{ worker: StartedWorker; command: string[] }> {
  const model = modelOf(task, profile)
  const skills = JSON.parse(task.skills) as string[]
  const command = buildCommand(profile, {
    prompt: files.context,
    context_file: files.context_path,
    task_id: task.id,
    title: task.title,
    workspace: workspace.path,
    model,
    skills: skills.length === 0 ? null : skills.join(','),
  })
  const bin = workerBin(services)
  const env = workerEnvironment(services.env, profile.env, {
    home: services.home,
    board: board.slug,
    task: task.id,
    run: String(run.id),
    attempt: run.attempt,
    claim,
    workspace: workspace.path,
    profile: profile.name,
    title: task.title,
    tenant: task.tenant,
    branch: workspace.branch ?? task.branch,
    context_file: files.context_path,
    model,
    skills,
    bin_dir: bin.folder,
    bin: bin.path,
  })
  const cwd = await startFolder(workspace.path, board.settings().project_dir)
  const [program = '', ...args] = command
  const resolved = resolveExecutable(program, { path: env['PATH'] ?? '', cwd })
  if ('problem' in resolved) throw new Error(resolved.problem)
  const worker = await startWorker({
    file: resolved.path,
    args,
    cwd,
    env,
    stdin_path: profile.stdin === 'context' ? files.context_path : null,
    log_path: files.log_path,
    exit_path: files.exit_path,
  })
  return { worker, command: [resolved.path, ...args] }
}

interface Spawned {
  worker: StartedWorker
  command: string[]
  workspace: Workspace
  prepared: Prepared
}

async function recordAndGo(
  services: Services,
  board: Board,
  { run }: Claimed,
  { worker, command, workspace, prepared }: Spawned,
): Promise<RunRow | null> {
  const recorded = await board.connection
    .write('dispatcher', (tx) => {
      const row = tx.returning(taskRuns.setSpawned, {
        id: run.id,
        worker_pid: worker.pid,
        worker_started_key: worker.started_key,
        keeper_pid: worker.keeper_pid,
        keeper_started_key: startKeyOf(worker.keeper_pid),
        host: services.host,
        log_path: prepared.log_path,
        command: JSON.stringify(command),
        workspace_path: workspace.path,
        base_branch: workspace.start?.branch ?? null,
        base_commit: workspace.start?.commit ?? null,
        now: tx.now,
      })
      if (row === undefined) return null
      tx.returning(taskRuns.setContext, { id: run.id, context: prepared.context })
      if (Object.keys(prepared.before).length > 0) {
        tx.run(taskRuns.setObserved, { id: run.id, observed: JSON.stringify(prepared.before) })
      }
      tx.run(tasks.setWorkspace, { id: run.task_id, path: workspace.path, branch: workspace.branch })
      writeEvent(tx, 'spawned', run.task_id, run.id, { pid: worker.pid })
      return row
    })
    .catch((error: unknown) => {
      worker.cancel()
      throw error
    })
  services.atStep('recorded')
  if (recorded === null) {
    // A person took the task away between claim and spawn: no part of the program has run.
    worker.cancel()
    await closeIfStopped(board, run)
    return null
  }
  worker.go()
  services.atStep('started')
  return recorded
}

async function closeIfStopped(board: Board, run: RunRow): Promise<void> {
  await board.connection.write('dispatcher', (tx) => {
    const now = tx.get(taskRuns.byId, { id: run.id })
    if (now !== undefined && now.ended_at === null) finishStop(tx, getTask(tx, now.task_id), now, null)
  })
}

/** The failed step wraps the error it caught in one with its own name. */
function isLasting(error: unknown): boolean {
  return (
    error instanceof Error && (error instanceof LastingSetupError || error.cause instanceof LastingSetupError)
  )
}

async function closeUnstarted(
  services: Services,
  board: Board,
  { run }: Claimed,
  profile: Profile,
  error: unknown,
): Promise<void> {
  const message = error instanceof Error ? error.message : String(error)
  await board.connection.write('dispatcher', (tx) => {
    const now = tx.get(taskRuns.byId, { id: run.id })
    if (now === undefined || now.ended_at !== null) return
    const task = getTask(tx, now.task_id)
    if (now.stop_requested_at !== null) finishStop(tx, task, now, null)
    else
      failRun(
        tx,
        task,
        now,
        { outcome: 'spawn_failed', error: message, lasting: isLasting(error) },
        failurePolicy(services, board, profile),
      )
  })
}
