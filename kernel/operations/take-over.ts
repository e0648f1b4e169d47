import { existsSync } from 'node:fs'
import { OperationError, type OperationOutput } from '../../contract/index.ts'
import { isReservedProfile } from '../../contract/workflow-kinds.ts'
import { takeOverCommand } from '../../formats/agents.ts'
import { presentRun, presentTask } from '../board/present.ts'
import type { WriteTx } from '../db/connection.ts'
import { retryTask } from '../lifecycle/block.ts'
import { type Claimed, claimTask } from '../lifecycle/claim.ts'
import { refuseVerb, requireTask } from '../lifecycle/transition.ts'
import * as runSessions from '../tables/run-sessions.ts'
import type { RunRow } from '../tables/task-runs.ts'
import type { TaskRow } from '../tables/tasks.ts'
import { resolveExecutable } from '../workers/environment/executable.ts'
import { openProgram } from '../workers/spawn/open-program.ts'
import { type Opener, terminalArgv } from '../workers/spawn/openers.ts'
import type { BoardContext, BoardHandlers } from './handler.ts'
import { openersOf, search } from './openers.ts'
import { stopRunning } from './stop.ts'
import { withWarnings } from './warnings.ts'

/** A person has no process that renews the claim, and may take days. In seconds. */
const CLAIM_SECONDS = 30 * 86_400

export const takeOverHandlers = {
  'task.take_over': async (context, { id, open, opener }): Promise<OperationOutput<'task.take_over'>> => {
    const task = requireTask(context.read, id)
    refuseUntakeable(task)
    const { command, folder, run: from } = sessionOf(context, task)
    // Whatever is missing is said before the worker is stopped.
    const terminal = open ? terminalFor(context, opener, folder, command) : null
    if (task.status === 'running')
      await stopRunning(context, id, { outcome: 'stopped', status: 'ready', reason: null })
    const taken = await context.write((tx) => takeOver(context, tx, id, from))
    const problem = terminal === null ? null : await openProgram(terminal.argv, folder)
    return {
      task: presentTask(taken.task),
      run: presentRun(taken.run, context.services.clock()),
      command,
      folder,
      opened: problem === null ? (terminal?.name ?? null) : null,
      ...withWarnings(
        problem === null ? [] : [`${terminal?.title ?? ''} did not open: ${problem}. The task is yours.`],
      ),
    }
  },
} satisfies Partial<BoardHandlers>

/** @throws OperationError CONFLICT for a task that has no attempt to continue, or that Runboard itself works on */
function refuseUntakeable(task: TaskRow): void {
  if (!['running', 'ready', 'blocked'].includes(task.status)) throw refuseVerb(task, 'taken over')
  if (isReservedProfile(task.assignee))
    throw new OperationError('CONFLICT', `Runboard itself runs the step of task ${task.id}.`, { id: task.id })
}

interface Session {
  run: RunRow
  command: string[]
  folder: string
}

/** @throws OperationError CONFLICT without a session that can be continued */
function sessionOf({ read }: BoardContext, task: TaskRow): Session {
  const refuse = (why: string) =>
    new OperationError('CONFLICT', `Task ${task.id} cannot be taken over: ${why}.`, { id: task.id })
  const run = read.get(runSessions.newestNamed, { task_id: task.id })
  const command = takeOverCommand(run?.agent ?? null, run?.agent_session_id ?? null)
  if (run === undefined || command === null) throw refuse('no session of an agent is known')
  const folder = run.agent_cwd ?? run.workspace_path
  if (folder === null || !existsSync(folder)) throw refuse(`the folder of attempt ${run.attempt} is gone`)
  return { run, command, folder }
}

/** Opens the run of the person, in the transaction that ends every wait of the task, so that no worker comes between. */
function takeOver({ caller, services }: BoardContext, tx: WriteTx, id: string, from: RunRow): Claimed {
  retryTask(tx, requireTask(tx, id), null)
  const task = requireTask(tx, id)
  const claimed = claimTask(tx, task, {
    profile: task.assignee,
    trigger: caller.trigger,
    host: services.host,
    ttl_seconds: CLAIM_SECONDS,
    max_runtime_seconds: null,
  })
  const { agent, agent_cwd, agent_session_id } = from
  const session = { agent, agent_cwd, agent_session_id, resumed_from_run: from.id }
  tx.run(runSessions.setPlanned, { id: claimed.run.id, ...session, session_choice: 'resumed' })
  return { ...claimed, run: { ...claimed.run, ...session, session_choice: 'resumed' } }
}

interface Terminal {
  name: string
  title: string
  argv: string[]
}

/** @throws OperationError CONFLICT without a terminal that runs a command, or without the agent’s program */
function terminalFor(
  { services }: BoardContext,
  wanted: string | undefined,
  folder: string,
  [program = '', ...args]: readonly string[],
): Terminal {
  const found = resolveExecutable(program, search(services))
  if ('problem' in found) throw new OperationError('CONFLICT', found.problem)
  const terminals = openersOf(services).filter(({ run_command }) => run_command !== null)
  const chosen = wanted === undefined ? terminals[0] : terminals.find(({ name }) => name === wanted)
  const argv = chosen === undefined ? null : argvOf(services, chosen, folder, [found.path, ...args])
  if (chosen === undefined || argv === null) {
    const names = terminals.map(({ name }) => name).join(', ') || 'none'
    const what = wanted === undefined ? 'No terminal' : `No terminal “${wanted}”`
    throw new OperationError('CONFLICT', `${what} that can run a command was found; there are: ${names}.`)
  }
  return { name: chosen.name, title: chosen.title, argv }
}

function argvOf(
  services: BoardContext['services'],
  opener: Opener,
  folder: string,
  command: readonly string[],
): string[] | null {
  const [program = '', ...args] = terminalArgv(opener, folder, command) ?? []
  const found = resolveExecutable(program, search(services))
  return 'problem' in found ? null : [found.path, ...args]
}
