import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import type { OperationOutput, Profile } from '../../contract/index.ts'
import { parseObject } from '../../formats/json.ts'
import type { Board } from '../board/board.ts'
import { BoardDispatcher } from '../dispatcher/board-dispatcher.ts'
import { stopProcess } from '../board/stop-process.ts'
import { insertNewTask } from '../lifecycle/create-task.ts'
import { Services } from '../services.ts'
import * as questions from '../tables/questions.ts'
import * as taskEvents from '../tables/task-events.ts'
import * as taskRuns from '../tables/task-runs.ts'
import type { RunRow } from '../tables/task-runs.ts'
import { WorkerSetupError } from '../workers/setup-error.ts'
import { whyNoWorktrees } from '../workers/git/project-repository.ts'
import { copyProject } from '../workers/git/work-tree-source.ts'
import { environmentChanges } from '../workers/environment/environment.ts'
import { readLog, tailLog } from '../workers/log/log-file.ts'
import { answerQuestions } from './answer-questions.ts'
import { type SessionLine, stepsOf, type Tried } from './steps.ts'

type Answer = OperationOutput<'profile.test'>

const BOARD = 'try'
const TITLE = 'Test of a profile'
/** Added for an agent behind the bridge, which stays in touch. */
const ASK = [
  '',
  'Before you complete it, ask one question with the tool `ask` of the MCP server `runboard`: “Can you hear me?” It is',
  'answered at once.',
].join('\n')
const BODY = [
  'This is a test of whether you can be reached, and no real work. Change no files and run nothing else.',
  'Complete this task now, with a summary of one line in which you say hello:',
  '',
  '    runboard complete --summary "Hello from …"',
].join('\n')

/** Interval of the checks for the end of the run: its worker may report through its own process. */
const LOOK_MS = 50
/** How long a worker that has reported may take to end before it is stopped. */
const EXIT_GRACE_MS = 3_000
/** How long the dispatcher may take beyond the time limit to stop a worker. */
const STOP_GRACE_MS = 15_000
/** The most questions of a test that are looked at. */
const MOST_ASKED = 20
const OUTPUT_BYTES = 8 * 1024

export interface TestOptions {
  /** Why the program of the profile cannot be found. */
  problem: string | null
  timeoutSeconds: number
  /** The board's project: the test works on a copy of its last commit. */
  projectDir: string | null
}

/**
 * Runs a profile on one task, on a board in a temporary home. It covers everything that a real run does: workspace,
 * context, environment, keeper, report.
 */
export async function tryProfile(
  services: Services,
  profile: Profile,
  { problem, timeoutSeconds, projectDir }: TestOptions,
): Promise<Answer> {
  const started_at = services.clock()
  if (problem !== null) {
    const nothing = { run: null, events: [], skipped: null, place: '', session: null, questions: [] }
    return answerOf(services, profile, { started_at, problem, ...nothing }, '', 0)
  }
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'runboard-try-')))
  const tried = new Services({
    home,
    env: services.env,
    clock: services.clock,
    report: services.report,
    ...(services.cli === null ? {} : { cli: services.cli }),
  })
  try {
    const place = await placeFor(projectDir, join(home, 'project'))
    const { run, skipped, board } = await runOnce(tried, profile, timeoutSeconds, place.folder)
    const { read } = board.connection
    const events = run === null ? [] : read.all(taskEvents.ofRun, { run_id: run.id })
    const asked = run === null ? [] : read.all(questions.ofTask, { task_id: run.task_id, limit: MOST_ASKED })
    const session = run === null || profile.driver !== 'acp' ? null : await sessionOf(run)
    const output =
      run?.log_path == null ? '' : (await tailLog(run.log_path, OUTPUT_BYTES)).bytes.toString('utf8')
    return answerOf(
      services,
      profile,
      {
        started_at,
        problem: null,
        run,
        events,
        skipped,
        place: place.sentence,
        session,
        questions: asked,
      },
      output,
      services.clock() - started_at,
    )
  } finally {
    tried.closeAll()
    rmSync(home, { recursive: true, force: true, maxRetries: 5 })
  }
}

function answerOf(
  services: Services,
  profile: Profile,
  tried: Tried,
  output: string,
  elapsed_ms: number,
): Answer {
  const steps = stepsOf(profile, tried)
  const { run } = tried
  return {
    ok: steps.every((step) => step.ok),
    profile: profile.name,
    steps,
    outcome: run?.outcome ?? null,
    summary: run?.summary ?? null,
    error: run?.error ?? null,
    exit_code: run?.exit_code ?? null,
    signal: run?.signal ?? null,
    command: run?.command == null ? null : (JSON.parse(run.command) as string[]),
    environment: environmentChanges(services.env, profile.env),
    elapsed_ms: Math.max(0, elapsed_ms),
    output,
  }
}

/** The lines of the bridge before its agent works are few and short. */
const HEAD_BYTES = 256 * 1024

/** @returns the line about the session that the bridge opened; null when it opened none */
async function sessionOf({ log_path }: RunRow): Promise<SessionLine | null> {
  if (log_path === null) return null
  const { bytes } = await readLog(log_path, { from: 0, max_bytes: HEAD_BYTES })
  const line = bytes
    .toString('utf8')
    .split('\n')
    .map(parseObject)
    .find((each) => each?.['acp'] === 'start')
  return (line ?? null) as SessionLine | null
}

interface Place {
  /** null: a scratch folder. */
  folder: string | null
  sentence: string
}

/** Where the worker of a test runs: in a copy of the board's project if it can have one, like a new task. */
async function placeFor(projectDir: string | null, target: string): Promise<Place> {
  const scratch = (why: string) => ({ folder: null, sentence: `A scratch folder was made for it${why}.` })
  if (projectDir === null) return scratch(', as the board has no project')
  if ((await whyNoWorktrees(projectDir)) !== null)
    return scratch(`: ${projectDir} is not a git repository with a commit`)
  try {
    const folder = await copyProject(projectDir, target)
    return {
      folder,
      sentence: `It works on a copy of the last commit of ${projectDir}; the project is not touched.`,
    }
  } catch (error) {
    if (error instanceof WorkerSetupError)
      return scratch(`, as the project could not be copied: ${error.message.replace(/\.$/, '')}`)
    throw error
  }
}

interface OneRun {
  board: Board
  run: RunRow | null
  /** Why the task was not started, where it was not. */
  skipped: string | null
}

async function runOnce(
  services: Services,
  profile: Profile,
  timeoutSeconds: number,
  folder: string | null,
): Promise<OneRun> {
  const board = await makeBoard(services, profile, timeoutSeconds, folder)
  const dispatcher = new BoardDispatcher(services, board, 'profiles test')
  services.dispatchers.set(BOARD, dispatcher)
  try {
    await dispatcher.take()
    dispatcher.start()
    const [claimed] = await dispatcher.runOnce()
    await dispatcher.settled()
    const id = (claimed ?? dispatcher.claimed[0])?.run_id
    if (id === undefined) {
      const skipped = dispatcher.explain(dispatcher.plan(0))[0]?.sentence ?? 'It was not started.'
      return { board, run: null, skipped }
    }
    const run = await untilEnded(board, id, timeoutSeconds * 1000 + STOP_GRACE_MS)
    return { board, run, skipped: null }
  } finally {
    services.dispatchers.delete(BOARD)
    await dispatcher.stop()
  }
}

async function makeBoard(
  services: Services,
  profile: Profile,
  timeoutSeconds: number,
  folder: string | null,
): Promise<Board> {
  const { name, ...fields } = profile
  const max_runtime_seconds = Math.min(profile.max_runtime_seconds ?? timeoutSeconds, timeoutSeconds)
  // One attempt is enough: a second one would show nothing new.
  const once = { ...fields, max_runtime_seconds, failure_limit: 1, max_concurrent: 1 }
  await services.config.changeProfile(name, () => once)
  const board = services.makeBoard(BOARD, { name: 'Test', created_at: services.clock() })
  const body = profile.driver === 'acp' ? `${BODY}\n${ASK}` : BODY
  const workspace = folder === null ? {} : { workspace_kind: 'dir' as const, workspace_path: folder }
  await board.connection.write('profiles test', (tx) =>
    insertNewTask(tx, { title: TITLE, body, assignee: name, ...workspace }),
  )
  return board
}

/** Waits until the run and its process have ended. A process that outlives its report for long is stopped. */
async function untilEnded(board: Board, id: number, limitMs: number): Promise<RunRow | null> {
  const answered = new Set<number>()
  const look = () => board.connection.read.get(taskRuns.byId, { id }) ?? null
  const wait = async (isOver: (run: RunRow | null) => boolean, ms: number) => {
    for (let waited = 0; waited < ms && !isOver(look()); waited += LOOK_MS) {
      await answerQuestions(board, answered)
      await delay(LOOK_MS)
    }
  }
  await wait((run) => run?.ended_at != null, limitMs)
  await wait((run) => run?.exited_at != null, EXIT_GRACE_MS)
  const run = look()
  if (run !== null && run.exited_at === null) {
    await stopProcess(board, run)
    await wait((after) => after?.exited_at != null, EXIT_GRACE_MS)
  }
  return look()
}
