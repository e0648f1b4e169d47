import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { operationList, operations, OUTCOMES, TASK_STATUSES } from '../../contract/index.ts'
import type { OperationName, OperationSpec } from '../../contract/index.ts'
import { DOOR_NAMES, TRIGGERS } from './test-doors.ts'
import type { CallerEnvironment, Door, DoorName, Input } from './test-doors.ts'
import { addProfile, answerOf, openStage } from './test-stage.ts'
import type { Scene, Stage } from './test-stage.ts'

/** A call that must be done, and what it must answer at least. */
interface Done {
  input: Input
  gives: unknown
  /** Where the caller is a worker. */
  env?: CallerEnvironment
}

type HappyPath = (scene: Scene, stage: Stage, door: DoorName) => Promise<Done>

const some = expect.anything()

async function blocked(scene: Scene): Promise<string> {
  const id = await scene.create()
  await scene.do('task.block', { id, reason: 'Which?' })
  return id
}

async function inReview(scene: Scene): Promise<string> {
  const { id } = await scene.running()
  await scene.do('task.request_review', { id, summary: 'Look' })
  return id
}

/** A task that a real worker has done, with something in its log. */
async function dispatched(scene: Scene, stage: Stage): Promise<{ id: string; run_id: number }> {
  const profile = stage.freshName()
  await addProfile(stage, profile, { shell: 'echo “ça” marche' })
  const id = await scene.create({ assignee: profile })
  await scene.do('dispatcher.dispatch', { wait: true })
  const { runs } = await scene.do('task.runs', { id })
  return { id, run_id: runs[0].id }
}

const hello = '“ça” marche\n'
const log = {
  content: hello,
  from: 0,
  next: Buffer.byteLength(hello),
  size: Buffer.byteLength(hello),
  ended: true,
}

/** What every operation does when all is well. One without an entry here is an error. */
const HAPPY_PATHS: Partial<Record<OperationName, HappyPath>> = {
  'task.create': async (scene) => {
    const parent = await scene.create()
    const fields = {
      title: 'Über',
      body: 'First line\n\n- `second`',
      assignee: 'coder',
      priority: -5,
      tenant: 'acme',
      held: true,
      not_before_at: Date.UTC(2030, 1, 1),
      branch: 'topic',
      base_ref: 'main',
      max_runtime_seconds: 90,
      max_retries: 2,
      skills: ['a', 'b'],
      model: 'm',
      verify_command: 'npm test',
      idempotency_key: 'k',
      workflow_template_id: 'w',
      current_step_key: 's',
    }
    const input = {
      ...fields,
      workspace: 'worktree:/tmp/x',
      parents: [parent],
      children: [await scene.create()],
    }
    const gives = { ...fields, status: 'todo', workspace_kind: 'worktree', workspace_path: '/tmp/x' }
    return { input, gives: { task: gives, created: true } }
  },
  'task.list': async (scene) => {
    const id = await scene.create({ title: 'Findable', tenant: 'acme', assignee: 'coder' })
    await scene.create({ title: 'Other' })
    const input = {
      status: ['ready', 'todo'],
      search: 'findable',
      tenant: 'acme',
      assignee: 'coder',
      limit: 5,
    }
    return { input, gives: { tasks: [{ id, parents: [], open_parents: [], comment_count: 0, why: some }] } }
  },
  'task.show': async (scene) => {
    const { id } = await scene.running({ title: 'Shown' })
    const task = { id, title: 'Shown', status: 'running' }
    return { input: { id }, gives: { task, runs: [{ attempt: 1, outcome: null }], comments: [], why: null } }
  },
  'task.why': async (scene) => {
    const id = await scene.create({ held: true })
    return { input: { id }, gives: { why: { gate: 'held', sentence: expect.stringMatching(/\.$/) } } }
  },
  'task.context': async (scene) => {
    const id = await scene.create({ title: 'Read me' })
    return { input: { id }, gives: { context: expect.stringContaining('Read me'), run_id: null } }
  },
  'task.edit': async (scene) => {
    const id = await scene.create({ title: 'Old', body: 'Text', max_retries: 3 })
    const changes = { title: 'New', priority: 7, tenant: 't', skills: ['c'], max_retries: null }
    return { input: { id, ...changes }, gives: { task: { ...changes, body: 'Text' } } }
  },
  'task.assign': async (scene) => {
    const id = await scene.create()
    return { input: { id, assignee: 'coder' }, gives: { task: { id, assignee: 'coder' } } }
  },
  'task.delete': async (scene) => {
    const id = await scene.create()
    await scene.do('task.archive', { id })
    return { input: { id }, gives: { deleted: true, id } }
  },
  'task.claim': async (scene, _stage, door) => {
    const id = await scene.create({ assignee: 'coder' })
    const run = { task_id: id, attempt: 1, profile: 'coder', outcome: null, trigger: TRIGGERS[door] }
    return {
      input: { id, ttl_seconds: 60 },
      gives: { task: { status: 'running' }, run, claim: expect.any(String) },
    }
  },
  'task.heartbeat': async (scene) => {
    const { id, worker } = await scene.running()
    const run = { last_heartbeat_at: expect.any(Number), last_heartbeat_note: 'on it' }
    return { input: { id, note: 'on it' }, gives: { task: { id }, run }, env: worker }
  },
  'task.complete': async (scene) => {
    const { id, worker } = await scene.running()
    const handoff = {
      summary: 'It works',
      metadata: { files: ['a.ts'], nested: { deep: [null, true, 1.5] } },
    }
    const gives = { task: { id, status: 'done', result: 'R' }, run: { outcome: 'completed', ...handoff } }
    return { input: { id, ...handoff, result: 'R' }, gives, env: worker }
  },
  'task.request_review': async (scene) => {
    const { id, worker } = await scene.running()
    const handoff = { summary: 'Please look', metadata: { a: 1 } }
    const gives = { task: { status: 'review' }, run: { outcome: 'review_requested', ...handoff } }
    return { input: { id, ...handoff }, gives, env: worker }
  },
  'task.approve': async (scene) => {
    const id = await inReview(scene)
    return { input: { id, note: 'Good' }, gives: { task: { id, status: 'done' } } }
  },
  'task.request_changes': async (scene) => {
    const id = await inReview(scene)
    return { input: { id, note: 'Not yet' }, gives: { task: { id, status: 'ready' } } }
  },
  'task.block': async (scene) => {
    const { id, worker } = await scene.running()
    const block = { status: 'blocked', block_kind: 'capability', block_reason: 'No network' }
    const run = { outcome: 'blocked', summary: 'No network' }
    return {
      input: { id, reason: 'No network', kind: 'capability' },
      gives: { task: block, run },
      env: worker,
    }
  },
  'task.unblock': async (scene) => {
    const id = await blocked(scene)
    return { input: { id, answer: 'This one' }, gives: { task: { status: 'ready', block_kind: null } } }
  },
  'task.retry': async (scene) => {
    const id = await blocked(scene)
    return { input: { id, note: 'Again' }, gives: { task: { id, status: 'ready' } } }
  },
  'task.stop': async (scene) => {
    const { id } = await scene.running()
    return { input: { id }, gives: { task: { status: 'ready', held: true }, run: { outcome: 'stopped' } } }
  },
  'task.reclaim': async (scene) => {
    const { id } = await scene.running()
    return {
      input: { id, reason: 'Mine' },
      gives: { task: { status: 'ready' }, run: { outcome: 'reclaimed' } },
    }
  },
  'task.runs': async (scene) => {
    const id = await blocked(scene)
    const run = { attempt: 1, outcome: 'blocked', summary: 'Which?', metadata: null, elapsed_ms: 0 }
    return { input: { id }, gives: { runs: [run] } }
  },
  'task.log': async (scene, stage) => {
    const { id, run_id } = await dispatched(scene, stage)
    return { input: { id, attempt: 1 }, gives: { run_id, attempt: 1, ...log } }
  },
  'run.show': async (scene, stage) => {
    const { id, run_id } = await dispatched(scene, stage)
    const gives = { run: { id: run_id, task_id: id }, context: expect.stringContaining(id), events: [some] }
    return { input: { id: run_id }, gives: { ...gives, events: expect.arrayContaining([some]) } }
  },
  'run.log': async (scene, stage) => {
    const { run_id } = await dispatched(scene, stage)
    return { input: { id: run_id }, gives: { run_id, ...log } }
  },
  'task.hold': async (scene) => {
    const id = await scene.create()
    return { input: { id }, gives: { task: { id, held: true } } }
  },
  'task.release': async (scene) => {
    const id = await scene.create({ held: true })
    return { input: { id }, gives: { task: { id, held: false } } }
  },
  'task.schedule': async (scene) => {
    const [id, not_before_at] = [await scene.create(), Date.UTC(2030, 5, 1, 12)]
    return { input: { id, not_before_at }, gives: { task: { id, not_before_at } } }
  },
  'task.promote': async (scene) => {
    const id = await scene.create({ triage: true })
    return { input: { id }, gives: { task: { id, status: 'ready' } } }
  },
  'task.reopen': async (scene) => {
    const id = await scene.create()
    await scene.do('task.complete', { id })
    return { input: { id, note: 'Once more' }, gives: { task: { status: 'ready', completed_at: null } } }
  },
  'task.move': async (scene) => {
    const id = await scene.create()
    const gives = { task: { status: 'blocked', block_reason: 'Wait' } }
    return { input: { id, status: 'blocked', note: 'Wait' }, gives }
  },
  'task.archive': async (scene) => {
    const id = await scene.create()
    return { input: { id }, gives: { task: { id, status: 'archived' } } }
  },
  'task.restore': async (scene) => {
    const id = await blocked(scene)
    await scene.do('task.archive', { id })
    return { input: { id }, gives: { task: { id, status: 'blocked', block_reason: 'Which?' } } }
  },
  'task.bulk': async (scene) => {
    const ids = [await scene.create(), await scene.create()]
    const gives = { results: ids.map((id) => ({ id, task: { id, status: 'archived' } })) }
    return { input: { ids, verb: 'archive' }, gives }
  },
  'task.plan': async (scene, stage) => {
    const profile = stage.freshName()
    await addProfile(stage, profile, { capabilities: ['planner'] })
    const id = await scene.create({ triage: true })
    const planner = { assignee: profile, plan_of: id, status: 'ready' }
    return { input: { id, profile }, gives: { task: { id, status: 'triage' }, planner } }
  },
  'task.accept_plan': async (scene, stage) => {
    const profile = stage.freshName()
    await addProfile(stage, profile, { capabilities: ['planner'] })
    const id = await scene.create({ triage: true })
    const { planner } = await scene.do('task.plan', { id, profile })
    const worker = await scene.claim(planner.id, profile)
    const door = await stage.door('kernel', worker)
    const { task: part } = answerOf(await door.call('task.create', { title: 'Part', board: scene.slug }))
    return { input: { id }, gives: { task: { id, status: 'todo' }, released: [part.id] } }
  },
  'link.add': async (scene) => {
    const [parent_id, child_id] = [await scene.create(), await scene.create()]
    const gives = { parent_id, child_id, changed: true, child: { id: child_id, status: 'todo' } }
    return { input: { parent_id, child_id }, gives }
  },
  'link.remove': async (scene) => {
    const parent_id = await scene.create()
    const child_id = await scene.create({ parents: [parent_id] })
    return { input: { parent_id, child_id }, gives: { changed: true, child: { status: 'ready' } } }
  },
  'comment.add': async (scene) => {
    const id = await scene.create()
    const comment = { task_id: id, body: '- a “bullet”', author: 'ada', run_id: null }
    return { input: { id, body: '- a “bullet”' }, gives: { task: { id }, comment } }
  },
  'board.init': async (scene, stage) => {
    const [slug, project_dir] = [stage.freshName(), join(scene.home, stage.freshName())]
    mkdirSync(project_dir)
    return {
      input: { slug, name: 'Mine', project_dir },
      gives: { board: { slug, name: 'Mine', project_dir } },
    }
  },
  'board.list': async (scene) => ({
    input: {},
    gives: { boards: expect.arrayContaining([expect.objectContaining({ slug: scene.slug })]) },
  }),
  'board.create': async (_scene, stage) => {
    const board = { slug: stage.freshName(), name: 'New', icon: '🚀', color: 'red' }
    return { input: board, gives: { board: { ...board, archived: false, counts: { ready: 0 } } } }
  },
  'board.switch': async (scene) => ({
    input: { slug: scene.slug },
    gives: { board: { slug: scene.slug, current: true } },
  }),
  'board.show': async (scene) => {
    await scene.create()
    return { input: {}, gives: { board: { slug: scene.slug, counts: { ready: 1 } } } }
  },
  'board.rename': async (scene) => ({
    input: { slug: scene.slug, name: 'Renamed' },
    gives: { board: { slug: scene.slug, name: 'Renamed' } },
  }),
  'board.set': async (scene) => {
    const settings = { max_running: 3, stale_after_seconds: 60 }
    return { input: { slug: scene.slug, settings }, gives: { board: { settings } } }
  },
  'board.archive': async (scene) => ({
    input: { slug: scene.slug },
    gives: { archived: scene.slug, path: expect.stringContaining(scene.slug) },
  }),
  'board.delete': async (scene) => ({ input: { slug: scene.slug }, gives: { deleted: scene.slug } }),
  'board.view': async (scene) => {
    const id = await scene.create()
    const columns = TASK_STATUSES.filter((status) => status !== 'archived').map((status) =>
      expect.objectContaining({
        status,
        cards: status === 'ready' ? [expect.objectContaining({ id })] : [],
      }),
    )
    return { input: {}, gives: { columns, cursor: expect.any(Number), dispatcher: { who: 'none' } } }
  },
  'board.changes': async (scene) => {
    await scene.create()
    const { cursor } = await scene.do('board.view', {})
    const id = await scene.create()
    return {
      input: { since: cursor },
      gives: { reset: false, cards: [{ id }], removed: [], counts: { ready: 2 } },
    }
  },
  'event.list': async (scene) => {
    const id = await scene.create()
    const gives = { events: [{ task_id: id, kind: 'created', actor: 'ada', run_id: null }], cursor: some }
    return { input: { task_id: id }, gives }
  },
  'dispatcher.dispatch': async (scene, stage) => {
    const profile = stage.freshName()
    await addProfile(stage, profile)
    const id = await scene.create({ assignee: profile })
    const gives = { claimed: [{ task_id: id, run_id: null, profile }], skipped: [], dry_run: true }
    return { input: { dry_run: true }, gives }
  },
  'dispatcher.show': async () => ({ input: {}, gives: { dispatcher: { who: 'none', paused: false } } }),
  'dispatcher.pause': async () => ({ input: {}, gives: { dispatcher: { paused: true } } }),
  'dispatcher.resume': async (scene) => {
    await scene.do('dispatcher.pause', {})
    return { input: {}, gives: { dispatcher: { paused: false } } }
  },
  'worker.list': async (scene) => {
    const { id } = await scene.running()
    return { input: {}, gives: { workers: [{ task_id: id, attempt: 1, alive: false, worker_pid: null }] } }
  },
  'stats.show': async (scene) => {
    await inReview(scene)
    const gives = { by_status: { review: 1, ready: 0 }, by_outcome: { review_requested: 1 }, needs_me: 1 }
    return { input: {}, gives }
  },
  'profile.list': async (_scene, stage) => {
    const name = stage.freshName()
    await addProfile(stage, name)
    const profile = expect.objectContaining({ name, shell: 'true', running: 0, held_since: null })
    return { input: {}, gives: { profiles: expect.arrayContaining([profile]) } }
  },
  'profile.presets': async () => {
    const preset = expect.objectContaining({ name: 'claude-code' })
    return { input: {}, gives: { presets: expect.arrayContaining([preset]) } }
  },
  'profile.show': async (_scene, stage) => {
    const name = stage.freshName()
    await addProfile(stage, name, { description: 'Does it' })
    return { input: { name }, gives: { profile: { name, description: 'Does it', env: {} } } }
  },
  'profile.add': async (_scene, stage) => {
    const fields = {
      name: stage.freshName(),
      command: ['sh', '-c', 'true'],
      env: { A: '1' },
      max_concurrent: 2,
    }
    return { input: fields, gives: { profile: { ...fields, completion: 'explicit' } } }
  },
  'profile.set': async (_scene, stage) => {
    const name = stage.freshName()
    await addProfile(stage, name)
    const fields = { max_concurrent: 4, description: 'Changed' }
    return { input: { name, fields }, gives: { profile: { name, shell: 'true', ...fields } } }
  },
  'profile.remove': async (_scene, stage) => {
    const name = stage.freshName()
    await addProfile(stage, name)
    return { input: { name }, gives: { removed: name } }
  },
  'profile.release': async (_scene, stage) => {
    const name = stage.freshName()
    await addProfile(stage, name)
    return { input: { name }, gives: { released: false, name } }
  },
  'view.list': async (scene) => {
    await scene.do('view.save', { name: 'Mine', query: { status: 'ready' } })
    return { input: {}, gives: { views: [{ name: 'Mine', query: { status: 'ready' } }] } }
  },
  'view.save': async () => {
    const view = { name: 'Urgent & mine', query: { q: 'a=b', status: 'ready,todo' } }
    return { input: view, gives: { view } }
  },
  'view.delete': async (scene, stage) => {
    const name = `View/${stage.freshName()}?`
    await scene.do('view.save', { name, query: {} })
    return { input: { name }, gives: { deleted: name } }
  },
  'demo.create': async () => ({ input: {}, gives: { board: some, tasks: some } }),
  'backup.create': async (scene) => {
    await scene.create()
    return { input: {}, gives: { path: expect.stringContaining(scene.slug), tasks: 1, runs: 0 } }
  },
  'backup.list': async (scene) => {
    const { path } = await scene.do('backup.create', {})
    return { input: {}, gives: { backups: [{ path, reason: 'hand' }] } }
  },
  'doctor.run': async (scene) => ({
    input: { slug: scene.slug },
    gives: { ok: expect.any(Boolean), checks: some },
  }),
  'gc.run': async () => ({ input: { dry_run: true }, gives: { dry_run: true, events_removed: 0, logs: [] } }),
  'backup.restore': async (scene) => {
    await scene.create()
    const { path } = await scene.do('backup.create', {})
    return { input: { slug: scene.slug, path }, gives: { board: scene.slug, tasks: 1, set_aside: some } }
  },
}

/** Reached by programs that run beside the kernel, and by the screens; they have no use elsewhere. */
const FOR_SCREENS_ONLY: readonly OperationName[] = ['dispatcher.show', 'event.list']

let stage: Stage
beforeAll(async () => {
  stage = await openStage()
})
afterAll(async () => {
  await stage.close()
  expect(stage.reports).toEqual([])
})

const callable = operationList.filter(([, spec]) => spec.kind !== 'stream')

function withBoard(scene: Scene, spec: OperationSpec, input: Input): Input {
  return spec.scope === 'board' ? { ...input, board: scene.slug } : input
}

describe('every operation', () => {
  it('says what it does when all is well', () => {
    expect(Object.keys(HAPPY_PATHS).sort()).toEqual(callable.map(([name]) => name).sort())
  })

  it('has a door beside the kernel, and one for programs and people unless it is for screens', () => {
    const closed = operationList.filter(([, { http, cli, mcp }]) => (http ?? cli ?? mcp) === undefined)
    expect(closed.map(([name]) => name).sort()).toEqual(FOR_SCREENS_ONLY)
  })

  it('declares codes, statuses and outcomes that are the contract’s', () => {
    expect(Object.keys(OUTCOMES).length).toBeGreaterThan(0)
    const addresses = operationList.flatMap(([, { http }]) =>
      http === undefined ? [] : `${http.method} ${http.path}`,
    )
    expect(new Set(addresses).size).toBe(addresses.length)
    for (const door of ['verb', 'tool'] as const) {
      const names = operationList.flatMap(
        ([, { cli, mcp }]) => (door === 'verb' ? cli?.verb : mcp?.tool) ?? [],
      )
      expect(new Set(names).size).toBe(names.length)
    }
  })
})

/** Through which doors the contract says that an operation is reached. */
function declaredDoors({ http, cli, mcp }: OperationSpec): DoorName[] {
  const declared = { kernel: true, ipc: true, http, cli, mcp }
  return DOOR_NAMES.filter((name) => declared[name] !== undefined)
}

describe.each(callable.map(([name, spec]) => ({ name, spec })))('$name', ({ name, spec }) => {
  it.each(declaredDoors(spec))('is done through %s, with the answer of the contract', async (doorName) => {
    const path = HAPPY_PATHS[name]
    if (path === undefined) throw new Error(`${name} has no happy path`)
    const scene = await stage.scene()
    const { input, gives, env } = await path(scene, stage, doorName)
    const door = await stage.door(doorName, env)
    const given = withBoard(scene, spec, input)
    expect(door.reaches(name, given)).toBe(true)
    const answer: unknown = answerOf(await door.call(name, given))
    expect(answer).toMatchObject(gives as object)
    // Nothing is missing, nothing is too much, and nothing has changed on its way.
    expect(operations[name].output.parse(answer)).toEqual(answer)
    if (env !== undefined) await (await stage.door(doorName, env)).close()
  })
})

/** The input of every operation as it is done when all is well, on a board that all tests below share. */
let scene: Scene
const inputs = new Map<OperationName, Input>()

async function prepareAll(): Promise<void> {
  scene = await stage.scene()
  for (const [name, spec] of callable) {
    const done = await HAPPY_PATHS[name]?.(scene, stage, 'kernel')
    if (done !== undefined) inputs.set(name, withBoard(scene, spec, done.input))
  }
}

describe.each(DOOR_NAMES)('through %s', (doorName) => {
  beforeAll(async () => {
    if (inputs.size === 0) await prepareAll()
  })

  /** Each call is refused with the code, in a sentence, and the board is as it was. */
  async function refusesEach(
    calls: Iterable<[OperationName, Input]>,
    code: string,
    door: Door,
  ): Promise<number> {
    const before = scene.dump()
    let count = 0
    for (const [name, input] of calls) {
      if (!door.reaches(name, input)) continue
      const { error, answer } = await door.call(name, input)
      expect({ name, code: error?.code, answer }).toEqual({ name, code, answer: undefined })
      expect(error?.message).toMatch(/^\S.*[.…:]/s)
      count++
    }
    expect(scene.dump()).toEqual(before)
    return count
  }

  it('an id that is not there is NOT_FOUND for every operation that takes one', async () => {
    const calls = [...inputs].flatMap(([name, input]): [OperationName, Input][] => {
      if (!('id' in operations[name].input.shape)) return []
      return [[name, { ...input, id: typeof input['id'] === 'number' ? 999_999 : 't_00000000' }]]
    })
    expect(await refusesEach(calls, 'NOT_FOUND', await stage.door(doorName))).toBeGreaterThan(10)
  })

  it('a board that is not there is NOT_FOUND for every operation on one', async () => {
    const calls = [...inputs].flatMap(([name, input]): [OperationName, Input][] =>
      operations[name].scope === 'board' ? [[name, { ...input, board: 'nowhere' }]] : [],
    )
    expect(await refusesEach(calls, 'NOT_FOUND', await stage.door(doorName))).toBeGreaterThan(10)
  })

  it('a field that the operation does not have is INVALID_INPUT', async () => {
    if (doorName === 'cli') return // its flags are tested where they are read
    const calls = [...inputs].flatMap(([name, input]): [OperationName, Input][] =>
      operations[name].input.def.catchall?.def.type === 'never'
        ? [[name, { ...input, unheard_of: '1' }]]
        : [],
    )
    expect(await refusesEach(calls, 'INVALID_INPUT', await stage.door(doorName))).toBeGreaterThan(10)
  })

  it('a worker is refused what is not its own, and what is a person’s to decide', async () => {
    const { worker } = await scene.running({ title: 'Own' })
    const [door, person] = [await stage.door(doorName, worker), await stage.door(doorName)]
    const calls = [...inputs].filter(([name]) => operations[name].worker !== 'any')
    const count = await refusesEach(calls, 'UNAUTHORIZED', door)
    expect(count).toBeGreaterThan(5)
    // What only planners may do is not even offered to an agent.
    const withheld = calls.filter(
      ([name, input]) => person.reaches(name, input) && !door.reaches(name, input),
    )
    expect(withheld.every(([name]) => (operations[name] as OperationSpec).mcp?.planner === true)).toBe(true)
  })
})
