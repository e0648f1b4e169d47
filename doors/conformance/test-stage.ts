import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Caller, type Kernel, openKernel } from '../../kernel/index.ts'
import { Inspector } from '../../kernel/testing/invariants.ts'
import { makeRepository } from '../../kernel/testing/repository.ts'
import {
  type CallerEnvironment,
  type Door,
  type DoorName,
  type Input,
  openDoor,
  type Outcome,
} from './test-doors.ts'

type Any = any // eslint-disable-line @typescript-eslint/no-explicit-any -- tests know what they look for

/** A board, and a person who sets it up without any door. */
export interface Scene {
  slug: string
  home: string
  kernel: Kernel
  person: Caller
  /** Calls the kernel as the person. */
  do(name: Parameters<Kernel['callByName']>[0], input: Input): Promise<Any>
  create(given?: Input): Promise<string>
  /** Gives the board a repository as its project. */
  giveProject(): Promise<void>
  show(id: string): Promise<Any>
  context(id: string): Promise<string>
  /** @returns the environment of the worker that has claimed the task */
  claim(id: string, profile?: string): Promise<CallerEnvironment>
  /** A claimed task, and its worker. */
  running(given?: Input): Promise<{ id: string; worker: CallerEnvironment }>
  /** Every row of the board. */
  rows(): Record<string, unknown[]>
  /** Every row, after checking the board's invariants. */
  dump(): Record<string, unknown[]>
}

/** One home and one kernel for a test file, with a board for each test. */
export interface Stage {
  home: string
  kernel: Kernel
  /** A name that was not used before, for boards and profiles. */
  freshName(): string
  scene(): Promise<Scene>
  door(name: DoorName, env?: CallerEnvironment): Promise<Door>
  /** What the kernel reported outside of any call. */
  reports: string[]
  close(): Promise<void>
}

export const PERSON: CallerEnvironment = { USER: 'ada' }

export async function openStage(): Promise<Stage> {
  const home = realpathSync(mkdtempSync(join(tmpdir(), 'runboard-doors-')))
  const reports: string[] = []
  const kernel = openKernel({
    home,
    env: { PATH: process.env['PATH'] },
    checkOutputs: true,
    cli: {
      path: fileURLToPath(new URL('../cli/main.ts', import.meta.url)),
      runtime: process.execPath,
      electron: false,
    },
    report: (message, cause) => reports.push(`${message}: ${String(cause)}`),
  })
  const doors = new Map<string, Promise<Door>>()
  const inspectors: Inspector[] = []
  let names = 0
  const freshName = () => `n${++names}`
  return {
    home,
    kernel,
    reports,
    freshName,
    door: (name, env = PERSON) => {
      const key = `${name} ${JSON.stringify(env)}`
      const open = doors.get(key) ?? openDoor(name, kernel, env)
      doors.set(key, open)
      return open
    },
    scene: async () => {
      const slug = freshName()
      await kernel.callByName('board.create', { slug }, { actor: 'ada', trigger: 'human' })
      const inspector = new Inspector(join(home, 'boards', slug, 'board.db'))
      inspectors.push(inspector)
      return sceneOn(home, kernel, slug, inspector)
    },
    close: async () => {
      for (const door of doors.values()) await (await door).close()
      for (const inspector of inspectors) inspector.close()
      await kernel.close()
      rmSync(home, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

function sceneOn(home: string, kernel: Kernel, slug: string, inspector: Inspector): Scene {
  const person: Caller = { actor: 'ada', trigger: 'human', board: slug }
  const call: Scene['do'] = (name, input) => kernel.callByName(name, input, person)
  const claim: Scene['claim'] = async (id, profile = 'coder') => {
    const { run, claim: secret } = await call('task.claim', { id, profile })
    return {
      USER: 'ada',
      RUNBOARD_HOME: home,
      RUNBOARD_BOARD: slug,
      RUNBOARD_TASK: id,
      RUNBOARD_RUN: String(run.id),
      RUNBOARD_CLAIM: secret,
      RUNBOARD_PROFILE: profile,
    }
  }
  const create: Scene['create'] = async (given = {}) =>
    (await call('task.create', { title: 'A task', ...given })).task.id
  return {
    slug,
    home,
    kernel,
    person,
    do: call,
    create,
    giveProject: async () => {
      const { folder } = makeRepository(join(home, `project-${slug}`))
      await call('board.set', { slug, settings: { project_dir: folder } })
    },
    show: (id) => call('task.show', { id }),
    context: async (id) => (await call('task.context', { id })).context,
    claim,
    running: async (given) => {
      const id = await create(given)
      return { id, worker: await claim(id) }
    },
    rows: () => inspector.dump(),
    dump: () => {
      inspector.check()
      return inspector.dump()
    },
  }
}

/** Adds a profile whose worker does nothing. */
export async function addProfile(stage: Stage, name: string, fields: Input = {}): Promise<void> {
  const given = { name, shell: 'true', completion: 'exit-code', stdin: 'none', ...fields }
  await stage.kernel.callByName('profile.add', given, { actor: 'ada', trigger: 'human' })
}

/** @throws Error with the code and message of the refusal */
export function answerOf({ answer, error }: Outcome): Any {
  if (error !== undefined) throw new Error(`${error.code}: ${error.message}`)
  return answer
}
