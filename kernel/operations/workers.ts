import type { Worker } from '../../contract/index.ts'
import { isAlive } from '../workers/process/identity.ts'
import { type Glance, glanceAt } from '../workers/log/agent-output.ts'
import { readProcessTable, type ProcessTable } from '../workers/process/process-table.ts'
import { processStats } from '../workers/process/tree.ts'
import { lingeringRuns, targetOf } from '../board/stop-process.ts'
import { openFor } from '../board/worker-age.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { RunRow } from '../tables/task-runs.ts'
import * as tasks from '../tables/tasks.ts'
import type { TaskRow } from '../tables/tasks.ts'
import type { BoardContext, BoardHandlers } from './handler.ts'
import { lastOutputAt } from '../workers/log/log-file.ts'

export const workerHandlers = {
  'worker.list': async (context) => {
    const { read, services } = context
    const rows = [...read.all(taskRuns.open, {}), ...lingeringRuns(read, services.clock())]
    // Read before the scan: meanwhile the board may be closed.
    const open = rows.map((run) => ({ run, task: read.get(tasks.byId, { id: run.task_id }) }))
    // One scan of the machine's processes serves all workers.
    const table = open.length === 0 ? undefined : await readProcessTable()
    return { workers: await Promise.all(open.map((each) => describeWorker(context, each, table))) }
  },
} satisfies Partial<BoardHandlers>

const NO_OUTPUT: Glance = { words: null, context: null }

async function describeWorker(
  { services }: BoardContext,
  { run, task }: { run: RunRow; task: TaskRow | undefined },
  table: ProcessTable | undefined,
): Promise<Worker> {
  const target = targetOf(run)
  const alive = target !== null && isAlive(target)
  const now = services.clock()
  const profile = services.config.read().profiles.get(run.profile ?? '')
  const { words, context } =
    run.log_path === null ? NO_OUTPUT : await glanceAt(profile?.usage_parser ?? 'none', run.log_path)
  return {
    run_id: run.id,
    task_id: run.task_id,
    title: task?.title ?? run.task_id,
    attempt: run.attempt,
    profile: run.profile,
    agent: run.agent,
    agent_session_id: run.agent_session_id,
    model: task?.model ?? profile?.model ?? null,
    context_used: context?.used ?? null,
    context_size: context?.size ?? null,
    worker_pid: run.worker_pid,
    alive,
    memory_bytes: alive ? (await processStats(target, table)).rss_bytes : null,
    started_at: run.started_at,
    spawned_at: run.spawned_at,
    elapsed_ms: run.ended_at === null ? openFor(run, now) : Math.max(0, now - run.started_at),
    last_output_at: run.log_path === null ? null : lastOutputAt(run.log_path),
    last_output: words,
    last_heartbeat_at: run.last_heartbeat_at,
    last_heartbeat_note: run.last_heartbeat_note,
    log_path: run.log_path,
    workspace_path: run.workspace_path,
    command: run.command === null ? null : (JSON.parse(run.command) as string[]),
    stop_requested_at: run.stop_requested_at,
    ended_at: run.ended_at,
  }
}
