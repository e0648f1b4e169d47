import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { undocumentedFields } from '../testing/documented-events.ts'
import { makeRepository, repositoryAt } from '../testing/repository.ts'
import { setupWorkers } from '../testing/workers.ts'

// Each test runs up to ten processes with git, one after the other: slow machines need more than the usual limit.
vi.setConfig({ testTimeout: 300_000 })

const FILE = (title = 'Walked') => `runboard: 1
name: walked
title: ${title}
steps:
  - {key: plan, kind: work, profile: maker, prompt: Plan it., on: {done: make}}
  - {key: make, kind: work, profile: maker, prompt: "As planned: {{steps.plan.summary}}", on: {done: test}}
  - {key: test, kind: check, run: "true", on: {passed: agree, failed: {to: make, max_rounds: 2}}}
  - {key: agree, kind: approve, question: Good?, on: {approved: merge, changes: {to: make, max_rounds: 2}}}
  - {key: merge, kind: merge, on: {merged: over, conflict: {to: make, max_rounds: 2}}}
  - {key: over, kind: end, state: succeeded}
`

/** A card in a worktree at its question. Each run of a worker adds a line that names its step, and commits nothing. */
async function walked(workspace = 'worktree') {
  const bundle = await setupWorkers()
  const { folder } = makeRepository(join(bundle.shared, 'project'))
  await bundle.call('board.set', { slug: bundle.slug, settings: { project_dir: folder } })
  const line = 'echo "$RUNBOARD_STEP" >> steps.txt; echo "said in $RUNBOARD_STEP"'
  await bundle.profile('maker', line, { completion: 'exit-code' })
  await bundle.call('workflow.add', { file: FILE() })
  const { id } = await bundle.create({ title: 'Write', workspace })
  await bundle.call('workflow.start', { id, name: 'walked' })
  await bundle.drain()
  const walk = async () => {
    const { walks } = await bundle.call('task.walk', { id })
    return walks.at(-1) ?? expect.fail('it walks through nothing')
  }
  /** The number of the last visit of a step, in the newest walk. */
  const visit = async (step: string) =>
    (await walk()).visits.filter((one) => one.step === step).at(-1)?.id ?? 0
  const worktree = async () => repositoryAt((await bundle.task(id)).workspace_path ?? '')
  return { ...bundle, id, project: repositoryAt(folder), visit, walk, worktree }
}

describe('the work at the end of a visit that can write', () => {
  it('is kept with uncommitted files, and changes neither index nor stash', async () => {
    const { id, project, visit, worktree } = await walked()
    const own = await worktree()
    const refs = project.git('for-each-ref', '--format=%(refname)', 'refs/runboard').split('\n')
    const expected = await Promise.all(['plan', 'make', 'test'].map(visit))
    expect(refs).toEqual(expected.map((one) => `refs/runboard/${id}/${one}`))
    expect(project.git('show', `refs/runboard/${id}/${expected[0] ?? 0}:steps.txt`)).toBe('plan')
    expect(project.git('show', `refs/runboard/${id}/${expected[1] ?? 0}:steps.txt`)).toBe('plan\nmake')
    expect(own.git('status', '--porcelain')).toBe('?? steps.txt')
    expect(own.git('stash', 'list')).toBe('')
    expect(project.git('branch', '--list', '--format=%(refname:short)').split('\n')).toEqual([
      'main',
      `runboard/${id}`,
    ])
  })

  it('is compared with the work at its beginning', async () => {
    const { call, id, refused, visit } = await walked()
    const make = await visit('make')
    const diff = await call('task.diff', { id, visit: make })
    expect(diff).toMatchObject({
      visit: { id: make, step: 'make', visit: 1 },
      since: null,
      files_count: 1,
      files: [{ path: 'steps.txt', additions: 1, deletions: 0 }],
    })
    expect(diff.merge_refusal).toMatch(/only what one step changed/)
    expect((await call('task.diff', { id })).files).toMatchObject([{ path: 'steps.txt', additions: 2 }])
    expect((await call('task.diff', { id, visit: await visit('test') })).files_count).toBe(0)
    const open = await refused('CONFLICT', 'task.diff', { id, visit: await visit('agree') })
    expect(open.message).toMatch(/is not over/)
    await refused('NOT_FOUND', 'task.diff', { id, visit: 999 })
    await refused('INVALID_INPUT', 'task.diff', { id, visit: make, since: 1 })

    await call('task.approve', { id })
    expect((await call('task.diff', { id, visit: make })).files).toMatchObject([{ additions: 1 }])
  })

  it('is deleted with the task', async () => {
    const { call, id, project } = await walked()
    await call('task.archive', { id })
    await call('task.delete', { id })
    expect(project.git('for-each-ref', 'refs/runboard')).toBe('')
    expect(project.git('branch', '--list', `runboard/${id}`)).toContain(id)
  })
})

describe('starting again', () => {
  it('does a step again in a fresh worktree of the work as it was, and keeps the old worktree', async () => {
    const { call, drain, events, id, project, task, visit, walk, worktree } = await walked()
    const before = await task(id)
    const old = await worktree()
    const from = await visit('make')
    await call('task.restart', { id, from, reason: 'Another way' })
    expect(await task(id)).toMatchObject({
      status: 'ready',
      current_step_key: 'make',
      branch: `runboard/${id}-2`,
    })
    expect((await call('task.context', { id })).context).toContain('As planned: said in plan')
    await drain()
    expect(await task(id)).toMatchObject({ status: 'review', current_step_key: 'agree' })
    const fresh = await worktree()
    expect(fresh.folder).not.toBe(old.folder)
    expect([fresh.read('steps.txt'), old.read('steps.txt')]).toEqual(['plan\nmake\n', 'plan\nmake\n'])
    expect(fresh.git('log', '--format=%s', '-1')).toBe('As reviewed')
    expect(old.git('branch', '--show-current')).toBe(before.branch)

    const again = await walk()
    expect(again.visits.map(({ copied_from, step, visit: n }) => [step, n, copied_from !== null])).toEqual([
      ['plan', 1, true],
      ['make', 1, false],
      ['test', 1, false],
      ['agree', 1, false],
    ])
    const { walks } = await call('task.walk', { id })
    expect(walks[0]).toMatchObject({ end_state: 'cancelled' })
    expect(walks[0]?.visits.at(-1)).toMatchObject({ verdict: 'cancelled', summary: 'Another way' })

    await call('task.approve', { id })
    await drain()
    expect(await task(id)).toMatchObject({ status: 'done', merge_state: 'merged', merged_into: 'main' })
    expect(project.git('show', 'main:steps.txt')).toBe('plan\nmake')
    expect(undocumentedFields(await events())).toEqual([])
  })

  it('begins where the work began, from the first visit; also when the card is done', async () => {
    const { call, drain, id, task, visit, worktree } = await walked()
    const from = await visit('plan')
    await call('task.approve', { id })
    await drain()
    expect(await task(id)).toMatchObject({ status: 'done', merge_state: 'merged' })
    await call('task.restart', { id, from })
    expect(await task(id)).toMatchObject({ status: 'ready', current_step_key: 'plan', merge_state: null })
    await drain()
    expect(await task(id)).toMatchObject({ status: 'review', current_step_key: 'agree' })
    expect((await worktree()).read('steps.txt')).toBe('plan\nmake\n')
  })

  it('asks again about the work as it was, before any run has made the worktree', async () => {
    const { call, drain, id, project, task, visit, walk } = await walked()
    await call('task.restart', { id, from: await visit('agree') })
    expect(await task(id)).toMatchObject({ status: 'review', current_step_key: 'agree' })
    await call('task.approve', { id })
    expect((await walk()).visits.at(-1)).toMatchObject({
      step: 'merge',
      head_in: expect.any(String) as string,
    })
    await drain()
    expect(await task(id)).toMatchObject({ status: 'done', merge_state: 'merged' })
    expect(project.git('show', 'main:steps.txt')).toBe('plan\nmake')
  })

  it('shows a step in a fresh worktree the work as it was', async () => {
    const { call, create, drain, profile, runs } = await walked()
    await profile('looker', 'cat steps.txt', { completion: 'exit-code' })
    const file = `runboard: 1
name: looked
title: Looked
steps:
  - {key: make, kind: work, profile: maker, prompt: Make it., on: {done: look}}
  - {key: look, kind: work, profile: looker, workspace: fresh, prompt: Look at it., on: {done: over}}
  - {key: over, kind: end, state: succeeded}
`
    await call('workflow.add', { file })
    const { id } = await create({ title: 'Look', workspace: 'worktree' })
    await call('workflow.start', { id, name: 'looked' })
    await drain()
    const { walks } = await call('task.walk', { id })
    await call('task.restart', { id, from: walks[0]?.visits.find(({ step }) => step === 'look')?.id ?? 0 })
    await drain()
    const looks = (await runs(id)).filter(({ profile: name }) => name === 'looker')
    expect(looks.map(({ summary }) => summary)).toEqual(['make', 'make'])
  })

  it('walks through the version that the card was on, or through the current one', async () => {
    const { call, id, visit, walk } = await walked()
    await call('workflow.add', { file: FILE('Edited'), replace: true })
    const from = await visit('make')
    await call('task.restart', { id, from })
    expect(await walk()).toMatchObject({ version: 1, title: 'Walked' })
    await call('task.restart', { id, from, current_version: true })
    expect(await walk()).toMatchObject({ version: 2, title: 'Edited' })
    await call('workflow.add', { file: FILE().replace(/(key|done|to): make/g, '$1: build'), replace: true })
    const error = await call('task.restart', { id, from, current_version: true }).catch(
      (caught: unknown) => caught,
    )
    expect(String(error)).toContain('The current version has no step “make”.')
    expect(await walk()).toMatchObject({ version: 2 })
  })

  it('is refused while another card works in its worktree', async () => {
    const { call, create, id, refused, task, visit, walk } = await walked()
    const { workspace_path } = await task(id)
    const { id: sharer } = await create({ title: 'Sharer', parents: [id], workspace: 'parent' })
    const from = await visit('make')
    const { message } = await refused('CONFLICT', 'task.restart', { id, from })
    expect(message).toContain(`${sharer} would move there too`)
    expect((await walk()).visits[0]?.no_restart).toBe(message)
    expect((await task(id)).workspace_path).toBe(workspace_path)
    await call('task.archive', { id: sharer })
    await call('task.restart', { id, from })
  })

  it('is refused with the reason when it is impossible, and changes nothing', async () => {
    const { call, claim, create, id, project, refused, task, visit, walk } = await walked()
    const from = await visit('make')
    const branches = () => project.git('branch', '--list')
    const before = branches()
    expect((await refused('NOT_FOUND', 'task.restart', { id, from: 999 })).message).toContain(
      'has no visit 999',
    )
    const { id: other } = await create({ title: 'Other', workspace: 'scratch' })
    await refused('CONFLICT', 'task.restart', { id: other, from })
    expect(branches()).toBe(before)

    await call('task.restart', { id, from })
    const copy = (await walk()).visits[0]
    expect(copy?.no_restart).toBe(
      `It only repeats the result of an earlier walk. Start again from visit ${copy?.copied_from ?? 0}.`,
    )
    expect((await refused('CONFLICT', 'task.restart', { id, from: copy?.id ?? 0 })).message).toContain(
      copy?.no_restart,
    )
    await claim(id, 'maker')
    expect((await refused('CONFLICT', 'task.restart', { id, from })).message).toContain('running')
    expect((await task(id)).branch).toBe(`runboard/${id}-2`)
  })
})
