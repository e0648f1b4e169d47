import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Repository, repositoryAt } from '../testing/repository.ts'
import { setup } from '../testing/setup.ts'
import { CONTENTS } from '../testing/shapes/contents.ts'
import { filesIn } from '../testing/shapes/files-in.ts'
import { LAYOUTS } from '../testing/shapes/layouts.ts'
import { prepareTemplate, type Shape, type ShapedProject } from '../testing/shapes/shape.ts'
import { STATES } from '../testing/shapes/states.ts'
import { worktreesOf, type WorktreeStage, type WorktreeTask } from '../testing/worktree-task.ts'

const DAY_MS = 86_400_000

interface ShapeStage extends WorktreeStage {
  shape: Shape
  project: ShapedProject
}

interface Work extends WorktreeTask {
  /** The newest commit of the worker. */
  head: string
  /** A commit that the worker amended away. */
  amended: string
}

const shared = mkdtempSync(join(tmpdir(), 'runboard-shapes-'))
beforeAll(() => {
  prepareTemplate(shared)
})
afterAll(() => {
  rmSync(shared, { recursive: true, force: true })
})

describe('work in a repository:', () => {
  for (const shape of [...LAYOUTS, ...CONTENTS, ...STATES]) {
    it.skipIf(shape.skip != null)(
      `${shape.name}${shape.skip == null ? '' : ` (${shape.skip})`}`,
      async () => {
        const stage = await stageOf(shape)
        const work = await makeWork(stage)
        await expectDiff(stage, work)
        shape.disturb?.(stage.project)
        await expectMergeRefusal(stage, work)
        await expectMerge(stage, work)
        const next = await makeNext(stage)
        if (shape.mergeOnly) return
        await expectDiscard(stage, addMore(next))
        await expectCollection(stage, work)
      },
    )
  }
})

/**
 * A board on such a repository, after the person has fixed what keeps it from being a repository or from having
 * worktrees.
 */
async function stageOf(shape: Shape): Promise<ShapeStage> {
  const bundle = await setup()
  const project = shape.build(join(bundle.home, 'project'))
  const choose = { slug: 'test', settings: { project_dir: project.folder } }
  if (shape.refused?.at === 'project') {
    const before = filesIn(project.folder)
    for (const [name, input] of [
      ['board.set', choose],
      ['board.init', { project_dir: project.folder }],
      ['board.create', { slug: 'other', project_dir: project.folder }],
    ] as const) {
      expect((await bundle.refused('INVALID_INPUT', name, input)).message).toMatch(shape.refused.words)
    }
    expect((await bundle.call('board.list', {})).boards).toHaveLength(1)
    expect(filesIn(project.folder)).toEqual(before)
    shape.refused.mend?.(project)
  }
  await bundle.call('board.set', choose)
  const stage = { ...worktreesOf(bundle, repositoryAt(project.folder)), shape, project }
  if (shape.refused?.at === 'creation') await expectCreationRefusal(stage, shape.refused.words)
  return stage
}

async function expectCreationRefusal(stage: ShapeStage, words: RegExp): Promise<void> {
  const early = { title: 'Too early', workspace: 'worktree' }
  expect((await stage.refused('CONFLICT', 'task.create', early)).message).toMatch(words)
  stage.shape.refused?.mend?.(stage.project)
}

/** The worker changes a line, adds a file, amends its commit, and leaves one file uncommitted. */
async function makeWork({ inReview, shape }: ShapeStage): Promise<Work> {
  let amended = ''
  const worktree = await inReview((made) => {
    made.commit('fresh.txt', 'first try\n')
    amended = made.git('rev-parse', 'HEAD')
    made.write('fresh.txt', 'new\n')
    made.write('notes.txt', made.read('notes.txt').replace('three', 'THREE'))
    made.git('add', '--all')
    shape.work?.(made)
    made.git('commit', '-q', '--amend', '-m', 'Work')
    made.write('left.txt', 'left\n')
  })
  return { ...worktree, amended, head: worktree.git('rev-parse', 'HEAD') }
}

/** A second task, merged like the first: the first merge may have left something in its way. */
async function makeNext(stage: ShapeStage): Promise<WorktreeTask> {
  const { call, inReview, project, repository, shape } = stage
  const next = await inReview((made) => {
    if (shape.kept === undefined) shape.work?.(made)
    made.commit('next.txt', 'next\n')
  })
  const isPlain = shape.work === undefined && shape.disturb === undefined && project.checkout !== null
  if (isPlain) return next
  await call('task.merge', { id: next.id, into: shape.into ?? null })
  expect(repository.git('show', `${branchOf(shape)}:${shape.prefix ?? ''}next.txt`)).toBe('next')
  return next
}

/** The worker amends the work once more after the merge, and leaves a file. */
function addMore(worktree: WorktreeTask): Work {
  worktree.commit('more.txt', 'more\n')
  const amended = worktree.git('rev-parse', 'HEAD')
  worktree.git('commit', '-q', '--amend', '-m', 'More')
  worktree.write('left-again.txt', 'left\n')
  return { ...worktree, amended, head: worktree.git('rev-parse', 'HEAD') }
}

const ORDINARY = ['notes.txt', 'fresh.txt', 'left.txt']

const branchOf = ({ branch = 'main' }: Shape): string => branch

async function expectDiff({ call, shape }: ShapeStage, { id }: Work): Promise<void> {
  const { prefix = '', paths = {} } = shape
  const ordinary = { 'notes.txt': 'committed', 'fresh.txt': 'committed', 'left.txt': 'left' }
  const expected = Object.entries({ ...ordinary, ...paths }).map(([path, state]) => [prefix + path, state])
  const { files, files_count, uncommitted } = await call('task.diff', { id, into: shape.into ?? null })
  const found = files.map((file) => [file.path, file.uncommitted ? 'left' : 'committed'])
  expect(Object.fromEntries(found)).toEqual(Object.fromEntries(expected))
  expect(files_count).toBe(expected.length)
  expect(uncommitted).toBe(expected.filter(([, state]) => state === 'left').length)
}

/** A refused call changes neither files nor refs. */
async function expectMergeRefusal(stage: ShapeStage, { id }: Work): Promise<void> {
  const { call, project, refused, repository, shape } = stage
  if (shape.refused?.at !== 'merge') return
  const state = () => [filesIn(project.folder), repository.git('for-each-ref')]
  const before = state()
  const error = await refused('CONFLICT', 'task.merge', { id })
  expect(error.message).toMatch(shape.refused.words)
  expect((await call('task.diff', { id })).merge_refusal).toBe(error.message)
  expect(state()).toEqual(before)
  shape.refused.mend?.(project)
}

/** The work is on the branch, and the person's files are unchanged. */
async function expectMerge({ call, project, repository, shape }: ShapeStage, work: Work): Promise<void> {
  const { prefix = '', paths = {} } = shape
  const changed = [...ORDINARY, ...Object.keys(paths)].map((path) => prefix + path)
  const checkout = project.checkout === null ? null : repositoryAt(project.checkout)
  const before = checkout === null ? {} : filesIn(checkout.folder)
  const merged = await call('task.merge', { id: work.id, into: shape.into ?? null })
  expect(merged.into).toBe(branchOf(shape))
  const brought = repository.git('diff-tree', '-r', '-z', '--name-only', `${merged.commit}^1`, merged.commit)
  const trimmed = (names: readonly string[]) => new Set(names.map((name) => name.trim()))
  expect(trimmed(brought.split('\0').filter(Boolean))).toEqual(trimmed(changed))
  const text = (name: string) => repository.git('show', `${branchOf(shape)}:${prefix}${name}`)
  expect(ORDINARY.map(text)).toEqual(['one\ntwo\nTHREE\nfour\nfive', 'new', 'left'])
  if (checkout === null) return
  const [after, worker] = [filesIn(checkout.folder), filesIn(work.root)]
  expect(after[`${prefix}notes.txt`]).toBe(worker[`${prefix}notes.txt`])
  for (const name of ['fresh.txt', 'left.txt'])
    expect(after[prefix + name]?.replace('\r\n', '\n')).toBe(worker[prefix + name])
  expect(without(changed, after)).toMatchObject(without(changed, before))
  expect(checkout.git('status', '--porcelain', '--untracked-files=no', '--ignore-submodules')).toBe('')
}

function without(names: readonly string[], files: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).filter(([name]) => !names.includes(name)))
}

async function expectDiscard({ call, repository }: ShapeStage, work: Work): Promise<void> {
  const before = filesIn(work.root)
  const { moved_to, branch } = await call('task.discard', { id: work.id })
  expect(filesIn(moved_to)).toEqual(before)
  expect(repository.git('rev-parse', branch)).toBe(work.head)
  expectReachable(repository, work)
}

async function expectCollection(stage: ShapeStage, work: Work): Promise<void> {
  const { call, clock, repository, shape } = stage
  const before = filesIn(work.root)
  clock.advance(8 * DAY_MS)
  const { workspaces } = await call('gc.run', {})
  const { kept, moved_to } = workspaces.find(({ task_id }) => task_id === work.id) ?? {}
  if (shape.kept !== undefined) expect(kept).toMatch(shape.kept)
  else {
    expect(kept).toBeNull()
    expectReachable(repository, work)
  }
  expect(filesIn(moved_to ?? work.root)).toEqual(before)
}

/** Each commit is reachable from a ref or reflog. */
function expectReachable({ git }: Repository, work: Work): void {
  expect(git('rev-list', '--all').split('\n')).toEqual(expect.arrayContaining([work.head, work.amended]))
}
