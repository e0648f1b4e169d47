import { contextWay } from '../../formats/context-limits.ts'
import type { Profile } from '../../contract/index.ts'
import type { Board, RunFiles } from '../board/board.ts'
import { attachmentPath } from '../board/attachment-files.ts'
import { buildContext, type Context } from '../board/context.ts'
import { makeFreshWorkspace } from '../board/fresh-workspace.ts'
import { startOfItem } from '../board/item-start.ts'
import { isFreshStep, isReadOnlyStep, stepEnvironment } from '../board/step-run.ts'
import { workspaceOwner } from '../board/gates.ts'
import { trustFileOf } from '../board/own-workspace.ts'
import { projectOf } from '../board/task-project.ts'
import { writeFileAtomic } from '../home/files.ts'
import { moveAside } from '../home/regular-file.ts'
import type { Claimed } from '../lifecycle/claim.ts'
import { deliverInContext } from '../lifecycle/deliver-messages.ts'
import { writeEvent } from '../lifecycle/write-event.ts'
import type { Services } from '../services.ts'
import * as runHistory from '../tables/run-history.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { RunRow } from '../tables/task-runs.ts'
import * as tasks from '../tables/tasks.ts'
import { workSignature } from '../workers/changes/work-signature.ts'
import { workerEnvironment } from '../workers/environment/environment.ts'
import { resolveExecutable } from '../workers/environment/executable.ts'
import { startKeyOf } from '../workers/process/identity.ts'
import { pidsNow } from '../workers/process/process-table.ts'
import { logIndexPath } from '../workers/log/log-index.ts'
import { bridgeCommand, type BridgeOptions } from '../workers/spawn/bridge-command.ts'
import { buildCommand } from '../workers/spawn/command.ts'
import type { StartedWorker } from '../workers/spawn/spawn-options.ts'
import { startWorker } from '../workers/spawn/spawn.ts'
import { startFolder } from '../workers/workspace/start-folder.ts'
import type { Workspace } from '../workers/workspace/workspace-request.ts'
import { prepareWorkspace } from '../workers/workspace/workspace.ts'
import { observeBefore, type ObservedFacts } from './observed.ts'
import { planSession, recordSession, type RunSession } from './run-session.ts'
import { workerBin } from './worker-bin.ts'

/** What all steps of a start share. Each step returns what the next ones need beside it. */
export interface Start extends Claimed {
  services: Services
  board: Board
  profile: Profile
  /** The model of the task, else of its profile. Either may change later, so the run records the model used. */
  model: string | null
  /** Whether its agent has just refused to continue an earlier session. */
  isRefused: boolean
}

/** The files of a run before its worker starts. */
export interface Prepared extends RunFiles {
  context: Context
  session: RunSession
  /** Facts observed before the worker starts. */
  before: ObservedFacts
}

/** A process that waits for `go`: no part of the worker's program has run. */
export interface Spawned {
  worker: StartedWorker
  command: string[]
  /** The pids that existed before it. */
  pids_before: ReadonlySet<number> | null
}

/** Makes the task's own workspace, or that of the task that it shares with; for a step with `workspace: fresh`, a fresh one. */
export async function makeWorkspace({ board, run, services, task }: Start): Promise<Workspace> {
  const owner = board.connection.read.get(tasks.byId, { id: workspaceOwner(task) }) ?? task
  const project_dir = projectOf(board, owner)
  try {
    if (isFreshStep(board.connection.read, task))
      return await makeFreshWorkspace(board, run, owner, services.clock())
    return await prepareWorkspace({
      kind: owner.workspace_kind,
      path: owner.workspace_path,
      task_id: owner.id,
      workspaces_dir: board.workspacesFolder,
      project_dir,
      branch: owner.branch,
      base_ref:
        owner.workspace_kind === 'worktree'
          ? await startOfItem(board.connection.read, owner, project_dir)
          : owner.base_ref,
      trust_file: trustFileOf(board, project_dir),
      started_from: board.connection.read.get(runHistory.startOfWork, { owner: owner.id }) ?? null,
    })
  } catch (error) {
    throw new Error(`workspace: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}

/** Observes the workspace, freezes the worker's context and writes it to the file that becomes its stdin. */
export async function prepareFiles(start: Start, workspace: Workspace): Promise<Prepared> {
  const { board, model, profile, run, task } = start
  const before = { ...(model !== null && { model }), ...(await observeBefore(task, workspace.path)) }
  const readOnly = await readOnlyFacts(start, workspace)
  const files = board.runFiles(task.id, run.id)
  const session = planSession(start, await startFolder(workspace.path, projectOf(board, task)))
  const context = buildContext(board.connection.read, task.id, {
    mustReport: profile.completion === 'explicit',
    way: contextWay(profile),
    filePath: (file) => attachmentPath(board, file),
    ...(session.from !== null && { resumesFrom: session.from }),
  })
  // None of a new run's files can exist yet. An earlier worker may have put a log or a link under the names of the
  // next run. A run that begins again with a fresh session has those of its first process.
  const { context_path, exit_path, log_path, verdict_path } = files
  for (const path of [log_path, logIndexPath(log_path), exit_path, context_path, verdict_path])
    moveAside(path)
  writeFileAtomic(files.context_path, context.text, { sync: false })
  return { ...files, context, session, before: { ...before, ...readOnly } }
}

/**
 * Records the state that the work tree must have when a read-only step reports. It is the state before the first attempt, so
 * that files which one attempt wrote do not become part of the allowed state of the next.
 */
async function readOnlyFacts({ board, run, task }: Start, workspace: Workspace): Promise<ObservedFacts> {
  const { read } = board.connection
  if (!isReadOnlyStep(read, task)) return {}
  const first =
    run.visit_id === null ? undefined : read.get(runHistory.firstSignature, { visit_id: run.visit_id })
  const signature = first?.signature ?? (await workSignature(workspace.path))
  return signature === null ? {} : { work_signature: signature }
}

/** Starts the process, without the worker's program. */
export async function spawnWorker(start: Start, workspace: Workspace, files: Prepared): Promise<Spawned> {
  const { profile } = start
  const { cwd } = files.session
  const pids_before = pidsNow()
  const skills = JSON.parse(start.task.skills) as string[]
  const command = commandOf(start, workspace, files, skills)
  const env = environmentOf(start, workspace, files, skills)
  const search = { path: env['PATH'] ?? '', cwd }
  const found = withProgram(command, search)
  // The bridge is the worker, and starts the agent.
  const argv =
    profile.driver === 'acp'
      ? withProgram(
          bridgeCommand(workerBin(start.services).path, found, bridgeOptions(start, files.session)),
          search,
        )
      : found
  const [file = '', ...args] = argv
  const worker = await startWorker({
    file,
    args,
    cwd,
    env,
    stdin_path: profile.stdin === 'context' ? files.context_path : null,
    log_path: files.log_path,
    exit_path: files.exit_path,
  })
  return { worker, command: argv, pids_before }
}

/** @returns the command with the absolute path of its program */
function withProgram(
  [program = '', ...args]: readonly string[],
  search: { path: string; cwd: string },
): string[] {
  const resolved = resolveExecutable(program, search)
  if ('problem' in resolved) throw new Error(resolved.problem)
  return [resolved.path, ...args]
}

function bridgeOptions({ model, profile }: Start, { from, session_id }: RunSession): BridgeOptions {
  // If the command names the model itself, the bridge must not set it too.
  const isInCommand = profile.command?.some((element) => element.includes('{model}')) ?? false
  return {
    mode: profile.acp_mode,
    model: isInCommand ? null : model,
    resume: from === null ? null : session_id,
  }
}

function commandOf(
  { model, profile, task }: Start,
  workspace: Workspace,
  files: Prepared,
  skills: readonly string[],
): string[] {
  const { command } = files.session
  return buildCommand(
    { command, shell: profile.shell },
    {
      prompt: files.context.text,
      context_file: files.context_path,
      task_id: task.id,
      title: task.title,
      workspace: workspace.path,
      model,
      skills: skills.length === 0 ? null : skills.join(','),
    },
  )
}

function environmentOf(
  { board, claim, model, profile, run, services, task }: Start,
  workspace: Workspace,
  files: Prepared,
  skills: string[],
): Record<string, string> {
  const bin = workerBin(services)
  return workerEnvironment(services.env, profile.env, {
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
    step: stepEnvironment(board.connection.read, task, files.verdict_path),
  })
}

/**
 * Records the process and the frozen context on the run; the context delivers the messages in it.
 *
 * @returns null when a person took the task away between claim and spawn
 */
export async function recordSpawned(
  { board, run, services }: Start,
  workspace: Workspace,
  prepared: Prepared,
  { command, worker }: Spawned,
): Promise<RunRow | null> {
  return board.connection.write('dispatcher', (tx) => {
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
    tx.returning(taskRuns.setContext, { id: run.id, context: prepared.context.text })
    deliverInContext(tx, run, prepared.context.message_ids)
    recordSession(tx, row, prepared.session)
    if (Object.keys(prepared.before).length > 0) {
      tx.run(taskRuns.setObserved, { id: run.id, observed: JSON.stringify(prepared.before) })
    }
    if (workspace.for_one_run !== true)
      tx.run(tasks.setWorkspace, { id: run.task_id, path: workspace.path, branch: workspace.branch })
    writeEvent(tx, 'spawned', run.task_id, run.id, { pid: worker.pid })
    return tx.get(taskRuns.byId, { id: run.id }) ?? row
  })
}
