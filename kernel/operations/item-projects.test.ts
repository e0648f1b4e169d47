import { existsSync, mkdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import type { OperationInput } from '../../contract/index.ts'
import { COMMIT, makeRepository, repositoryAt } from '../testing/repository.ts'
import { setup, temporaryFolder } from '../testing/setup.ts'
import { setupWorkers } from '../testing/workers.ts'

// Each test runs several processes with git, one after the other: slow machines need more than the usual limit.
vi.setConfig({ testTimeout: 300_000 })

/** Each item changes the project in its folder. */
const EVERYWHERE = (more = '') => `runboard: 1
name: everywhere
title: Everywhere
workspace: scratch
inputs: {folders: {type: list, required: true}}
steps:
  - key: change
    kind: map
    over: inputs.folders
    project: "{{item}}"
    do: ${more === '' ? '{profile: builder, prompt: "Change it"}' : more}
    on: {succeeded: over, some_failed: partly}
  - {key: over, kind: end, state: succeeded}
  - {key: partly, kind: end, state: failed}
`

/** Changes a card and merges it. */
const CHANGE = `runboard: 1
name: change
title: Change
steps:
  - {key: make, kind: work, profile: builder, prompt: Change it., on: {done: test}}
  - {key: test, kind: check, run: "test -f made.txt && pwd > checked.txt && rm checked.txt", on: {passed: merge, failed: failed}}
  - {key: merge, kind: merge, on: {merged: over, conflict: failed}}
  - {key: over, kind: end, state: succeeded}
  - {key: failed, kind: end, state: failed}
`

async function everywhere(work = `echo made > made.txt; git add .; ${COMMIT} made`) {
  const bundle = await setupWorkers()
  const folders = ['one', 'two'].map((name) => makeRepository(join(bundle.shared, name)).folder)
  for (const folder of folders)
    for (const name of ['name', 'email'])
      repositoryAt(folder).git('config', `user.${name}`, 'test@example.com')
  await bundle.profile('builder', work, { completion: 'exit-code' })
  const start = async (inputs: OperationInput<'workflow.start'>['inputs'] = { folders }) => {
    const { id } = await bundle.create({ title: 'Whole' })
    await bundle.call('workflow.start', { id, name: 'everywhere', inputs })
    const items = (await bundle.call('task.show', { id })).items ?? []
    return { id, items: items.map(({ task }) => task?.id ?? '') }
  }
  return { ...bundle, folders: folders.map((folder) => realpathSync(folder)), start }
}

describe('items in other projects', () => {
  it('work in a worktree of that project, on a board without one, and are not joined', async () => {
    const { call, drain, folders, start, task } = await everywhere()
    await call('workflow.add', { file: EVERYWHERE() })
    const { id, items } = await start()
    await drain()
    expect(await task(id)).toMatchObject({ status: 'done', current_step_key: 'over' })
    for (const [index, item] of items.entries()) {
      const { branch, project_dir, status, workspace_kind, workspace_path } = await task(item)
      expect({ branch, project_dir, status, workspace_kind }).toEqual({
        branch: `runboard/${item}`,
        project_dir: folders[index],
        status: 'done',
        workspace_kind: 'worktree',
      })
      expect(repositoryAt(workspace_path ?? '').read('made.txt')).toBe('made\n')
      const here = repositoryAt(folders[index] ?? '')
      expect(here.git('branch', '--list', '--format=%(refname:short)')).toBe(`main\nrunboard/${item}`)
      const { files } = await call('task.diff', { id: item })
      expect(files.map(({ path }) => path)).toEqual(['made.txt'])
    }
    const [first = ''] = items
    await call('task.merge', { id: first })
    expect(repositoryAt(folders[0] ?? '').read('made.txt')).toBe('made\n')
    expect(existsSync(join(folders[1] ?? '', 'made.txt'))).toBe(false)
  })

  it('are checked and merged there by a workflow of their own', async () => {
    const { call, drain, folders, start, task } = await everywhere()
    await call('workflow.add', { file: CHANGE })
    await call('workflow.add', { file: EVERYWHERE('change') })
    const { id, items } = await start()
    await drain()
    expect(await task(id)).toMatchObject({ status: 'done', current_step_key: 'over' })
    for (const folder of folders) expect(repositoryAt(folder).read('made.txt')).toBe('made\n')
    expect(await task(items[0] ?? '')).toMatchObject({ merge_state: 'merged', merged_into: 'main' })
    const { walks } = await call('task.walk', { id: items[0] ?? '' })
    const made = walks[0]?.visits[0]
    const changes = await call('task.diff', { id: items[0] ?? '', visit: made?.id ?? 0 })
    expect(changes.files.map(({ path }) => path)).toEqual(['made.txt'])
  })

  it('work in the folder itself with “workspace: dir”', async () => {
    const { call, drain, folders, start, task } = await everywhere('echo made > made.txt')
    const here = CHANGE.replace('title: Change', 'title: Change\nworkspace: dir')
      .replace('passed: merge', 'passed: over')
      .replace(/ {2}- \{key: merge.*\n/, '')
    await call('workflow.add', { file: here })
    await call('workflow.add', { file: EVERYWHERE('change') })
    const { items } = await start()
    await drain()
    expect(await task(items[1] ?? '')).toMatchObject({ status: 'done', workspace_path: folders[1] })
    expect(repositoryAt(folders[1] ?? '').read('made.txt')).toBe('made\n')
  })

  it('are refused at the start for a folder that is none, without a repository, or without effect', async () => {
    const { call, folders, refused, shared, create } = await everywhere()
    await call('workflow.add', { file: EVERYWHERE() })
    const plain = join(shared, 'plain')
    mkdirSync(plain)
    const { id } = await create({ title: 'Whole' })
    const walked = await call('workflow.simulate', { name: 'everywhere', inputs: { folders }, verdicts: [] })
    expect(walked).toMatchObject({ step: 'change', items: folders, projects: folders })
    const relative = { name: 'everywhere', inputs: { folders: ['apps/web'] }, verdicts: [] }
    expect((await call('workflow.simulate', relative)).waits).toContain(
      'is not the absolute path of a project',
    )
    const say = async (list: string[]) =>
      (await refused('CONFLICT', 'workflow.start', { id, name: 'everywhere', inputs: { folders: list } }))
        .message
    expect(await say([...folders, join(shared, 'none')])).toContain('none does not exist')
    expect(await say([plain])).toContain('plain is not in a git repository')
    expect(await say(['apps/web'])).toContain('“apps/web” is not the absolute path of a project')
    const scratch = CHANGE.replace('title: Change', 'title: Change\nworkspace: scratch')
      .replace('passed: merge', 'passed: over')
      .replace(/ {2}- \{key: merge.*\n/, '')
    await call('workflow.add', { file: scratch })
    await call('workflow.add', { file: EVERYWHERE('change'), replace: true })
    expect(await say(folders)).toContain('“project” of “change” has no effect: “change” works in scratch')
  })

  it('are in the project of their carrier when that is an item itself', async () => {
    const { call, drain, folders, start, task } = await everywhere()
    const inner = `runboard: 1
name: change
title: Change
steps:
  - {key: parts, kind: work, profile: lister, prompt: List., metadata: {type: object, required: [parts], properties: {parts: {type: array, items: {type: string}}}}, on: {done: each}}
  - {key: each, kind: map, over: steps.parts.metadata.parts, do: {profile: builder, prompt: Do it}, on: {succeeded: over, some_failed: over}}
  - {key: over, kind: end, state: succeeded}
`
    await call('workflow.add', { file: inner })
    await call('workflow.add', { file: EVERYWHERE('change') })
    await call('profile.add', {
      name: 'lister',
      shell: `runboard complete '{"metadata": {"parts": ["a"]}}'`,
      completion: 'explicit',
    })
    const { items } = await start({ folders: folders.slice(1) })
    await drain()
    const [carrier = ''] = items
    expect(await task(carrier)).toMatchObject({ status: 'done', project_dir: folders[1] })
    const below = (await call('task.show', { id: carrier })).items ?? []
    expect(await task(below[0]?.task?.id ?? '')).toMatchObject({
      project_dir: folders[1],
      merge_state: 'merged',
      merged_into: `runboard/${carrier}`,
    })
  })
})

describe('the folder of another project', () => {
  /** Hands an input of `inner`, which chooses a folder, a value. */
  const OUTER = (value: string) =>
    `runboard: 1
name: outer
title: Outer
inputs: {where: {type: path, required: true}}
steps:
  - {key: find, kind: work, profile: builder, prompt: "Find it.", on: {done: each}}
  - {key: each, kind: map, over: inputs.list, do: inner, with: {folder: "${value}"}, on: {succeeded: over, some_failed: over}}
  - {key: over, kind: end, state: succeeded}
`.replace('inputs: {', 'inputs: {list: {type: list, required: true}, ')
  const INNER = `runboard: 1
name: inner
title: Inner
inputs: {folder: {type: path, required: true}, list: {type: list, default: [a]}}
steps:
  - {key: each, kind: map, over: inputs.list, project: "{{inputs.folder}}", do: {profile: builder, prompt: Do it}, on: {succeeded: over, some_failed: over}}
  - {key: over, kind: end, state: succeeded}
`

  async function nested(value: string) {
    const bundle = await setup()
    await bundle.call('profile.add', { name: 'builder', shell: 'true' })
    await bundle.call('profile.add', { name: 'planner', shell: 'true', capabilities: ['planner'] })
    await bundle.call('workflow.add', { file: INNER })
    await bundle.call('workflow.add', { file: OUTER(value).replace('Find it.', 'Find {{inputs.where}}.') })
    const { id } = await bundle.create('Whole')
    const folder = makeRepository(join(temporaryFolder(), 'other')).folder
    return { ...bundle, folder, input: { id, name: 'outer', inputs: { list: ['a'], where: folder } } }
  }

  it('does not reach the workflow of an item from a worker', async () => {
    const { call, input } = await nested('{{inputs.where}}')
    await call('workflow.start', input)
    const other = await nested('{{steps.find.summary}}')
    const error = await other.refused('CONFLICT', 'workflow.start', other.input)
    expect(error.message).toContain(
      'gives “inner” the input “folder”, which chooses a project folder, from a worker',
    )
  })

  it('is not for a worker to give', async () => {
    const { claim, create, input, refused } = await nested('{{inputs.where}}')
    const { worker } = await claim((await create('Plan')).id, 'planner')
    const error = await refused('UNAUTHORIZED', 'workflow.start', input, worker)
    expect(error.message).toContain('may not give “outer” the input “where”')
  })

  it('of an imported board is listed before it runs', async () => {
    const { call, folder, input, kernel, person } = await nested('{{inputs.where}}')
    await call('workflow.start', { ...input, name: 'inner', inputs: { folder } })
    const file = join(temporaryFolder(), 'board.json')
    await call('exchange.export', { out: file })
    const { would_run = [] } = await kernel.call('exchange.import_json', { path: file, slug: 'in' }, person)
    const projects = would_run.filter(({ kind }) => kind === 'project').map(({ text }) => text)
    expect(projects).toEqual(['inner, step each: {{inputs.folder}}', realpathSync(folder)])
  })
})
