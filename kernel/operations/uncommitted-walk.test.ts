import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { COMMIT, makeRepository, repositoryAt } from '../testing/repository.ts'
import { workerOf } from '../testing/setup.ts'
import { setupWorkers } from '../testing/workers.ts'

const FILE = (run: string) => `runboard: 1
name: walked
title: Walked
workspace: worktree
steps:
  - {key: make, kind: work, profile: maker, prompt: Make it., on: {done: test}}
  - {key: test, kind: check, run: ${JSON.stringify(run)}, on: {passed: agree, failed: {to: fix, max_rounds: 5}}}
  - {key: fix, kind: work, profile: maker, prompt: Mend it., on: {done: test}}
  - {key: agree, kind: approve, question: Good?, on: {approved: merge, changes: {to: fix, max_rounds: 2}}}
  - {key: merge, kind: merge, on: {merged: over, conflict: {to: fix, max_rounds: 2}}}
  - {key: over, kind: end, state: succeeded}
`

const GIVES_UP = `runboard: 1
name: gives-up
title: Gives up
workspace: worktree
steps:
  - {key: make, kind: work, profile: maker, prompt: Make it., on: {done: read}}
  - {key: read, kind: work, profile: ghost, prompt: Read it., max_retries: 1, on: {done: over, gave_up: agree}}
  - {key: agree, kind: approve, question: Good?, on: {approved: over}}
  - {key: over, kind: end, state: succeeded}
`

/** A card in a worktree. Its worker runs `line`, its check step runs `check`. */
async function walked(line: string, check = 'true') {
  const bundle = await setupWorkers()
  const { folder } = makeRepository(join(bundle.shared, 'project'))
  await bundle.call('board.set', { slug: bundle.slug, settings: { project_dir: folder } })
  await bundle.profile('maker', line, { completion: 'exit-code' })
  await bundle.call('workflow.add', { file: FILE(check) })
  const { id } = await bundle.create({ title: 'Write', workspace: 'worktree' })
  await bundle.call('workflow.start', { id, name: 'walked' })
  await bundle.drain()
  const task = await bundle.task(id)
  /** Does what the worker of a merge step does: it runs `runboard merge-step`. */
  const merge = async () => {
    const claimed = await bundle.claim(id)
    return (await bundle.call('task.merge_step', { id }, workerOf(claimed, bundle.slug))).task
  }
  return {
    ...bundle,
    id,
    merge,
    at: task,
    worktree: repositoryAt(task.workspace_path ?? ''),
    project: folder,
  }
}

it('passes the commit of the work to the next step when a worker cannot be started', async () => {
  const bundle = await setupWorkers()
  const { folder } = makeRepository(join(bundle.shared, 'project'))
  await bundle.call('board.set', { slug: bundle.slug, settings: { project_dir: folder } })
  await bundle.profile('maker', 'true', { completion: 'exit-code' })
  await bundle.call('profile.add', { name: 'ghost', command: ['no-such-agent'] })
  await bundle.call('workflow.add', { file: GIVES_UP })
  const { id } = await bundle.create({ title: 'Write', workspace: 'worktree' })
  await bundle.call('workflow.start', { id, name: 'gives-up' })
  await bundle.drain()
  const { walks } = await bundle.call('task.walk', { id })
  const { workspace_path } = await bundle.task(id)
  const head = repositoryAt(workspace_path ?? '')
    .git('rev-parse', 'HEAD')
    .trim()
  expect(walks[0]?.visits.at(-1)).toMatchObject({ step: 'agree', via: 'gave_up', head_in: head })
})

describe('work that is not committed', () => {
  it('counts as progress of a round', async () => {
    const { at } = await walked('echo more >> notes.txt', 'test "$(grep -c more notes.txt)" -ge 3')
    expect(at).toMatchObject({ status: 'review', current_step_key: 'agree' })
  })

  it('stops a loop when a round writes nothing', async () => {
    const { at } = await walked('true', 'false')
    expect(at).toMatchObject({ status: 'blocked', current_step_key: 'test' })
    expect(at.block_reason).toMatch(/asks for the same|has changed nothing/)
  })

  it('makes an approval invalid when it changes after the question, but not when it is only committed', async () => {
    const { call, id, merge, worktree, project } = await walked('echo more >> notes.txt')
    worktree.write('notes.txt', 'something else\n')
    await expect(call('task.approve', { id })).rejects.toThrow(/has changed since you were asked/)
    worktree.git('commit', '-q', '-a', '-m', 'The same, committed')
    await call('task.approve', { id })
    expect(await merge()).toMatchObject({ status: 'done', merge_state: 'merged' })
    expect(repositoryAt(project).git('show', 'main:notes.txt')).toBe('something else')
  })

  it('is merged as it was approved', async () => {
    const { call, id, merge, project } = await walked('echo more >> notes.txt; echo x > new.txt')
    await call('task.approve', { id })
    expect(await merge()).toMatchObject({ status: 'done', merge_state: 'merged' })
    expect(repositoryAt(project).git('show', 'main:new.txt')).toBe('x')
  })
})

describe('a merge step', () => {
  it('sends a conflict back, and merges once it is solved', async () => {
    const { call, drain, id, merge, project, runs, task, worktree } = await walked('true')
    worktree.commit('notes.txt', 'ours\n')
    await call('task.approve', { id }).catch(() => call('task.approve', { id }))
    repositoryAt(project).commit('notes.txt', 'theirs\n')
    expect(await merge()).toMatchObject({ status: 'ready', current_step_key: 'fix' })
    expect((await runs(id)).at(-1)).toMatchObject({ verdict: 'conflict', metadata: { files: ['notes.txt'] } })

    worktree.git('merge', '-q', '-X', 'ours', 'main')
    await drain()
    expect(await task(id)).toMatchObject({ status: 'review', current_step_key: 'agree' })
    await call('task.approve', { id })
    expect(await merge()).toMatchObject({ status: 'done', merge_state: 'merged' })
  })

  it('refuses work that has changed since it was approved', async () => {
    const { call, id, merge, worktree, task } = await walked('echo more >> notes.txt')
    await call('task.approve', { id })
    worktree.write('late.txt', 'x')
    await expect(merge()).rejects.toThrow(/has changed since it reached the merge step/)
    expect(await task(id)).toMatchObject({ status: 'running', current_step_key: 'merge' })
  })
})

describe('the work of a card on a workflow', () => {
  it('is not discarded, and is merged by its own run only', async () => {
    const { call, id, at } = await walked(`echo x > new.txt; git add .; ${COMMIT} x`)
    await expect(call('task.discard', { id })).rejects.toThrow(/cancel-workflow/)
    expect(existsSync(join(at.workspace_path ?? '', 'new.txt'))).toBe(true)
    await expect(call('task.merge_step', { id })).rejects.toThrow(/Only the run of a merge step/)
  })
})

it('takes only the folder of the card as its work, not the rest of the repository', async () => {
  const bundle = await setupWorkers()
  const { folder, write, git } = makeRepository(join(bundle.shared, 'mono'))
  write('a/one.txt', 'x')
  write('b/two.txt', 'x')
  await bundle.profile('maker', 'echo more >> one.txt', { completion: 'exit-code' })
  const file = FILE('true')
    .replace('workspace: worktree\n', '')
    .replace(/ {2}- \{key: merge.*\n/, '')
    .replace('approved: merge', 'approved: over')
  await bundle.call('workflow.add', { file })
  const { id } = await bundle.create({ title: 'In a', workspace: `dir:${join(folder, 'a')}` })
  await bundle.call('workflow.start', { id, name: 'walked' })
  await bundle.drain()
  expect(await bundle.task(id)).toMatchObject({ status: 'review', current_step_key: 'agree' })
  const { walks } = await bundle.call('task.walk', { id })
  const asked = walks[0]?.visits.at(-1)?.head_in ?? ''
  expect(git('ls-tree', '-r', '--name-only', asked).split('\n')).toEqual(['a/one.txt', 'notes.txt'])
  write('b/two.txt', 'changed by another card')
  await bundle.call('task.approve', { id })
  expect(await bundle.task(id)).toMatchObject({ status: 'done', current_step_key: 'over' })
})
