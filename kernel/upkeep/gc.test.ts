import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { addMaps, itemCards } from '../testing/mapping.ts'
import { type Setup, setup } from '../testing/setup.ts'
import { prepareWorkspace } from '../workers/workspace/workspace.ts'
import * as tasks from '../tables/tasks.ts'

const DAY_MS = 86_400_000

/** A task that ran once and is done. */
async function doneTask({ create, claim, call, write, board, clock }: Setup, title: string) {
  const task = await create(title)
  const { worker, run } = await claim(task.id)
  const workspace = await prepareWorkspace({
    kind: 'scratch',
    path: null,
    task_id: task.id,
    workspaces_dir: board.workspacesFolder,
    project_dir: null,
    branch: null,
    base_ref: null,
    now: () => clock.now,
  })
  write((tx) => tx.run(tasks.setWorkspace, { id: task.id, path: workspace.path, branch: null }))
  const files = board.runFiles(task.id, run.id)
  for (const path of [files.log_path, files.exit_path, files.context_path, `${files.log_path}.idx`]) {
    writeFileSync(path, 'text')
    utimesSync(path, clock.now / 1000, clock.now / 1000)
  }
  await call('task.heartbeat', { id: task.id }, worker)
  await call('task.complete', { id: task.id, summary: 'done' }, worker)
  return { id: task.id, workspace: workspace.path, ...files }
}

describe('old events', () => {
  it('of tasks that ended long ago are deleted, but comments stay', async () => {
    const bundle = await setup()
    const { call, kinds, clock } = bundle
    const { id } = await doneTask(bundle, 'Old')
    await call('task.reopen', { id, note: 'once more' })
    const { worker } = await bundle.claim(id)
    await call('task.complete', { id, summary: 'again' }, worker)
    clock.advance(31 * DAY_MS)
    const { id: young } = await doneTask(bundle, 'Young')
    const youngKinds = await kinds(young)

    expect(await bundle.kernel.call('gc.run', { dry_run: true }, bundle.person)).toMatchObject({
      dry_run: true,
      events_removed: 5,
    })
    expect(await kinds(id)).toHaveLength(7)
    const report = await bundle.kernel.call('gc.run', {}, bundle.person)
    expect(report.events_removed).toBe(5)
    const left = await bundle.kernel.call('event.list', { task_id: id }, bundle.person)
    expect(left.events.map((event) => event.kind)).toEqual(['created', 'reopened'])
    expect(left.events.at(-1)?.payload).toEqual({ note: 'once more' })
    expect(
      (await bundle.kernel.call('event.list', { task_id: young }, bundle.person)).events.map(
        (event) => event.kind,
      ),
    ).toEqual(youngKinds)
    expect((await bundle.kernel.call('task.runs', { id }, bundle.person)).runs).toHaveLength(2)
  })

  it('of an open task stay, however old', async () => {
    const { create, claim, call, clock, kinds } = await setup()
    const { id } = await create()
    const { worker } = await claim(id)
    await call('task.block', { id, reason: 'which?' }, worker)
    const before = await kinds(id)
    clock.advance(400 * DAY_MS)
    expect((await call('gc.run', {})).events_removed).toBe(0)
    expect(await kinds(id)).toEqual(before)
  })
})

describe('logs', () => {
  it('of tasks that ended long ago are deleted; files that are not Runboard’s stay', async () => {
    const bundle = await setup()
    const { clock } = bundle
    const old = await doneTask(bundle, 'Old')
    const notes = join(old.log_path, '../my-notes.txt')
    writeFileSync(notes, 'mine')
    clock.advance(31 * DAY_MS)
    const young = await doneTask(bundle, 'Young')
    const dry = await bundle.kernel.call('gc.run', { dry_run: true }, bundle.person)
    expect(dry.logs).toEqual([{ task_id: old.id, path: old.log_path, size_bytes: 4 }])
    expect(existsSync(old.log_path)).toBe(true)

    expect((await bundle.kernel.call('gc.run', {}, bundle.person)).logs).toEqual(dry.logs)
    expect(readdirSync(join(old.log_path, '..'))).toEqual(['my-notes.txt'])
    expect(existsSync(young.log_path)).toBe(true)
    await expect(bundle.kernel.call('task.log', { id: old.id }, bundle.person)).resolves.toMatchObject({
      size: 0,
    })
  })
})

describe('scratch folders', () => {
  it('are moved to the trash seven days after the task ended, and not deleted', async () => {
    const bundle = await setup()
    const { call, clock, board } = bundle
    const { id, workspace } = await doneTask(bundle, 'Old')
    writeFileSync(join(workspace, 'result.txt'), 'precious')
    clock.advance(7 * DAY_MS)
    expect((await call('gc.run', {})).workspaces).toEqual([])
    clock.advance(1)
    expect((await call('gc.run', { dry_run: true })).workspaces).toEqual([
      { task_id: id, path: workspace, moved_to: null, kept: null },
    ])
    expect(existsSync(workspace)).toBe(true)
    const [moved] = (await call('gc.run', {})).workspaces
    expect(moved).toMatchObject({ task_id: id, kept: null })
    expect(existsSync(workspace)).toBe(false)
    expect(moved!.moved_to!.startsWith(board.trashFolder)).toBe(true)
    expect(existsSync(join(moved!.moved_to!, 'result.txt'))).toBe(true)
    expect((await call('gc.run', {})).workspaces).toEqual([])
  })

  it('stay while any task below in the chain is open or recent', async () => {
    const bundle = await setup()
    const { call, clock, create } = bundle
    const { id, workspace } = await doneTask(bundle, 'Root')
    const child = await create({ title: 'Child', parents: [id] })
    const grandchild = await create({ title: 'Grandchild', parents: [child.id] })
    await call('task.complete', { id: child.id })
    clock.advance(8 * DAY_MS)
    expect((await call('gc.run', {})).workspaces).toEqual([])
    await call('task.complete', { id: grandchild.id })
    expect((await call('gc.run', {})).workspaces).toEqual([])
    clock.advance(8 * DAY_MS)
    expect((await call('gc.run', {})).workspaces).toMatchObject([{ path: workspace, kept: null }])
  })

  it('of items stay while the walk of their carrier is open', async () => {
    const bundle = await setup()
    const { call, clock, claim, create, write, board } = bundle
    await addMaps(bundle)
    const { id } = await create('Carrier')
    await call('workflow.start', { id, name: 'mapped' })
    const planner = await claim(id, 'planner')
    const parts = [{ key: 'a', what: 'it' }]
    await call('task.complete', { id, metadata: { parts } }, planner.worker)
    const item = (await itemCards(bundle, id)).get('a') ?? ''
    const path = join(board.workspacesFolder, item)
    mkdirSync(path, { recursive: true })
    write((tx) => tx.run(tasks.setWorkspace, { id: item, path, branch: null }))
    await call('task.complete', { id: item })
    clock.advance(8 * DAY_MS)
    expect(await bundle.task(id)).toMatchObject({ status: 'ready', current_step_key: 'report' })
    expect((await call('gc.run', {})).workspaces).toEqual([])
    await call('task.cancel_workflow', { id, reason: 'Enough' })
    expect((await call('gc.run', {})).workspaces).toMatchObject([{ task_id: item }])
  })

  it('that Runboard did not create stay, with a sentence', async () => {
    const { create, call, write, clock, home } = await setup()
    const { id } = await create()
    const mine = join(home, 'mine')
    mkdirSync(mine)
    write((tx) => tx.run(tasks.setWorkspace, { id, path: mine, branch: null }))
    await call('task.complete', { id })
    clock.advance(30 * DAY_MS)
    expect((await call('gc.run', {})).workspaces).toEqual([
      { task_id: id, path: mine, moved_to: null, kept: `${mine} was not made by Runboard.` },
    ])
    expect(existsSync(mine)).toBe(true)
  })

  it('of deleted tasks are removed too', async () => {
    const bundle = await setup()
    const { call, clock } = bundle
    const { id, workspace } = await doneTask(bundle, 'Gone')
    await call('task.archive', { id })
    await call('task.delete', { id })
    clock.advance(8 * DAY_MS)
    expect((await call('gc.run', {})).workspaces).toMatchObject([
      { task_id: id, path: workspace, kept: null },
    ])
  })
})

describe('worktrees', () => {
  const git = (cwd: string, ...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', ...args], {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })

  /** A task that is done, with its own worktree in which `work` was done. */
  async function worktreeOf(bundle: Setup, title: string, work: (path: string) => void) {
    const { board, call, clock, create, home, write } = bundle
    const project = join(home, 'project')
    if (!existsSync(project)) {
      mkdirSync(project)
      git(project, 'init', '-q', '-b', 'main')
      git(project, 'commit', '-q', '--allow-empty', '-m', 'First')
      await call('board.set', { slug: 'test', settings: { project_dir: project } })
    }
    const { id } = await create({ title, workspace: 'worktree' })
    const { path, branch } = await prepareWorkspace({
      kind: 'worktree',
      path: null,
      task_id: id,
      workspaces_dir: board.workspacesFolder,
      project_dir: project,
      branch: null,
      base_ref: null,
      now: () => clock.now,
    })
    write((tx) => tx.run(tasks.setWorkspace, { id, path, branch }))
    work(path)
    await call('task.complete', { id })
    return { id, path, branch: branch!, project }
  }

  it('of ended tasks are moved to the trash if they are clean and their commits exist elsewhere', async () => {
    const bundle = await setup()
    const { call, clock } = bundle
    const merged = await worktreeOf(bundle, 'Merged', (path) => {
      git(path, 'commit', '-q', '--allow-empty', '-m', 'Work')
    })
    git(merged.project, 'merge', '-q', '--ff-only', merged.branch)
    clock.advance(7 * DAY_MS)
    expect((await call('gc.run', {})).workspaces).toEqual([])
    clock.advance(1)

    expect((await call('gc.run', { dry_run: true })).workspaces).toEqual([
      { task_id: merged.id, path: merged.path, moved_to: null, kept: null },
    ])
    const [moved] = (await call('gc.run', {})).workspaces

    expect(existsSync(moved!.moved_to!)).toBe(true)
    expect(existsSync(merged.path)).toBe(false)
    expect(git(merged.project, 'worktree', 'list').trim().split('\n')).toHaveLength(1)
    expect(git(merged.project, 'branch', '--list', merged.branch)).toContain(merged.branch)
  })

  it.each([
    ['changes that are not committed (1 file)', (path: string) => writeFileSync(join(path, 'new'), 'x')],
    [
      'commits that are neither pushed nor merged',
      (path: string) => void git(path, 'commit', '-q', '--allow-empty', '-m', 'Only here'),
    ],
  ])('with %s stay, and a dry run says so too', async (what, work) => {
    const bundle = await setup()
    const { call, clock } = bundle
    const { id, path } = await worktreeOf(bundle, 'Kept', work)
    clock.advance(30 * DAY_MS)
    const kept = { task_id: id, path, moved_to: null, kept: `The worktree ${path} has ${what}.` }

    expect((await call('gc.run', { dry_run: true })).workspaces).toEqual([kept])
    expect((await call('gc.run', {})).workspaces).toEqual([kept])
    expect(existsSync(path)).toBe(true)
  })

  it('of deleted tasks follow the same rules', async () => {
    const bundle = await setup()
    const { call, clock } = bundle
    const { id, path } = await worktreeOf(bundle, 'Gone', () => undefined)
    await call('task.archive', { id })
    await call('task.delete', { id })
    clock.advance(8 * DAY_MS)

    expect((await call('gc.run', {})).workspaces).toMatchObject([{ task_id: id, path, kept: null }])
    expect(existsSync(path)).toBe(false)
  })
})

it('removes remains of an interrupted backup after a day, and only lists the trash', async () => {
  const { call, board, clock } = await setup()
  const backups = join(board.folder, 'backups')
  mkdirSync(backups)
  const left = join(backups, '.board-20261120T000000000Z-daily.db.77.tmp')
  const real = join(backups, 'board-20261120T000000000Z-daily.db')
  for (const path of [left, real]) {
    writeFileSync(path, '')
    utimesSync(path, (clock.now - 2 * DAY_MS) / 1000, (clock.now - 2 * DAY_MS) / 1000)
  }
  const old = join(board.trashFolder, 'old')
  mkdirSync(old, { recursive: true })
  clock.advance(Math.max(0, Date.now() - clock.now) + 31 * DAY_MS)
  const report = await call('gc.run', {})
  expect(report.leftovers).toEqual([left])
  expect(report.trash).toMatchObject([{ path: old }])
  expect(existsSync(left)).toBe(false)
  expect(existsSync(real)).toBe(true)
  expect(existsSync(old)).toBe(true)
})
