import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { giveProject } from '../testing/give-project.ts'
import { repositoryAt } from '../testing/repository.ts'
import { setup } from '../testing/setup.ts'

/** What a board has instead of a repository with a commit. @returns the project folder */
type Place = (home: string) => string | null

const makeFolder = (path: string): string => {
  mkdirSync(path)
  return path
}

const PLACES: [string, Place, RegExp][] = [
  ['no project', () => null, /no project folder\. .*boards set test --project DIR.*init --project DIR/],
  ['a folder without git', (home) => makeFolder(join(home, 'plain')), /plain is not in a git repository\./],
  [
    'a repository without a commit',
    (home) => {
      const folder = makeFolder(join(home, 'empty'))
      repositoryAt(folder).git('init', '-q')
      return folder
    },
    /empty has no commit yet.*Commit there first\./,
  ],
]

describe('G15: a board on which no worktree can be created', () => {
  it.each(PLACES)('%s: refuses a task in a worktree at creation', async (_what, place, sentence) => {
    const { call, create, home, refused, slug } = await setup()
    const project_dir = place(home)
    await call('board.set', { slug, settings: { project_dir } })

    for (const workspace of ['worktree', 'worktree:/tmp/tree']) {
      const error = await refused('CONFLICT', 'task.create', { title: 'x', workspace })
      expect(error.message).toMatch(sentence)
      expect(error.message).toMatch(/another workspace: scratch, or dir:PATH\.$/)
      expect(error.data).toEqual({ field: 'workspace' })
    }
    expect((await create({ title: 'x' })).workspace_kind).toBe('scratch')
  })

  it.each(PLACES)('%s: refuses worktrees as the default', async (_what, place, sentence) => {
    const { call, home, refused, slug } = await setup()
    await call('board.set', { slug, settings: { project_dir: place(home) } })

    const settings = { default_workspace: 'worktree', max_running: 3 }
    expect((await refused('CONFLICT', 'board.set', { slug, settings })).message).toMatch(sentence)
    expect((await call('board.show', {})).board.settings).toMatchObject({
      default_workspace: null,
      max_running: null,
    })
  })

  it('refuses when the project existed for the last task and is gone now', async () => {
    const bundle = await setup()
    const { create, refused } = bundle
    const { folder } = await giveProject(bundle)
    await create({ workspace: 'worktree' })

    rmSync(join(folder, '.git'), { recursive: true })
    const input = { title: 'x', workspace: 'worktree' }
    expect((await refused('CONFLICT', 'task.create', input)).message).toContain('is not in a git repository')
    rmSync(folder, { recursive: true })
    expect((await refused('CONFLICT', 'task.create', input)).message).toContain('is not there')
  })

  it('refuses a worktree default that is older than the loss of the project', async () => {
    const bundle = await setup()
    const { call, refused, slug } = bundle
    await giveProject(bundle)
    await call('board.set', { slug, settings: { default_workspace: 'worktree' } })
    await call('board.set', { slug, settings: { project_dir: null } })

    expect((await refused('CONFLICT', 'task.create', { title: 'x' })).message).toContain('no project folder')
  })

  it('refuses a workspace shared with a parent', async () => {
    const bundle = await setup()
    const { call, create, refused, slug } = bundle
    await giveProject(bundle)
    const { id } = await create({ workspace: 'worktree' })
    const scratch = await create({ workspace: 'scratch' })
    await call('board.set', { slug, settings: { project_dir: null } })

    const child = { title: 'x', workspace: 'parent' }
    await refused('CONFLICT', 'task.create', { ...child, parents: [id] })
    expect((await create({ ...child, parents: [scratch.id] })).workspace_of).toBe(scratch.id)
  })

  it('refuses a part of a plan', async () => {
    const { call, claim, create, refused } = await setup()
    await call('profile.add', { name: 'planner', shell: 'true', capabilities: ['planner'] })
    const idea = await create({ triage: true })
    const { planner } = await call('task.plan', { id: idea.id, profile: 'planner' })
    const { worker } = await claim(planner.id)

    await refused('CONFLICT', 'task.create', { title: 'Part', workspace: 'worktree' }, worker)
    const { task } = await call('task.create', { title: 'Part' }, worker)
    expect(task.held).toBe(true)
  })

  it('still answers a known idempotency key with its task', async () => {
    const bundle = await setup()
    const { call, create, slug } = bundle
    await giveProject(bundle)
    const input = { title: 'x', workspace: 'worktree', idempotency_key: 'k' }
    const { id } = await create(input)
    await call('board.set', { slug, settings: { project_dir: null } })

    expect(await call('task.create', input)).toMatchObject({ task: { id }, created: false })
  })

  it('imports the tasks, and warns of those that cannot start', async () => {
    const bundle = await setup()
    const { call, create, home } = bundle
    const { folder } = await giveProject(bundle)
    for (const title of ['one', 'two']) await create({ title, workspace: 'worktree' })
    await call('task.complete', { id: (await create({ title: 'done', workspace: 'worktree' })).id })
    const path = join(home, '..', `${home.split('/').at(-1) ?? ''}.json`)
    await call('exchange.export', { out: path })
    const first = await call('exchange.import_json', { path, slug: 'first' })
    rmSync(folder, { recursive: true })
    const second = await call('exchange.import_json', { path, slug: 'second' })
    rmSync(path)

    expect(first).toMatchObject({ tasks: 3, warnings: [] })
    expect(second.tasks).toBe(3)
    expect(second.warnings).toEqual([
      expect.stringMatching(
        /^2 tasks that are not finished need a git worktree and cannot start yet\. .*second/,
      ),
    ])
  })
})
