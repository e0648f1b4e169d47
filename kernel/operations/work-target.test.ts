import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { statement } from '../db/statement.ts'
import { COMMIT } from '../testing/repository.ts'
import { EDIT, stageWork, type WorkStage } from '../testing/work-stage.ts'

const FORGET = statement('UPDATE task_runs SET base_branch = NULL, base_commit = NULL')

const commitOf = ({ repository }: WorkStage, name: string) => repository.git('rev-parse', name)

/** A stage whose project is on `dev`, one commit ahead of `main`. */
async function onDev(work = EDIT): Promise<WorkStage> {
  const stage = await stageWork(work)
  stage.repository.git('checkout', '-q', '-b', 'dev')
  stage.repository.commit('dev.txt', 'only on dev\n')
  return stage
}

describe('G1: the branch that work is merged into', () => {
  it('is the one that the work started from, whatever is checked out later', async () => {
    const stage = await onDev()
    const { call, repository, run } = stage
    const start = commitOf(stage, 'dev')
    const id = await run()
    repository.git('checkout', '-q', 'main')
    const main = commitOf(stage, 'main')

    expect((await stage.runs(id))[0]).toMatchObject({ base_branch: 'dev', base_commit: start })
    const diff = await call('task.diff', { id })
    expect(diff).toMatchObject({ into: 'dev', base: start, merge_refusal: null, commits_count: 1 })
    expect(diff.files.map(({ path }) => path)).toEqual(['fresh.txt', 'notes.txt'])
    expect(await call('task.merge', { id })).toMatchObject({ into: 'dev' })

    expect(commitOf(stage, 'main')).toBe(main)
    expect(repository.git('show', 'dev:fresh.txt')).toBe('new')
  })

  it('stays the same for later attempts, and for a recreated worktree', async () => {
    const stage = await onDev(`echo more >> log.txt; git add -A; ${COMMIT} More`)
    const { call, drain, repository, run } = stage
    const start = commitOf(stage, 'dev')
    const id = await run()
    repository.git('checkout', '-q', 'main')
    await call('task.request_changes', { id, note: 'Once more' })
    await drain()
    const { worktree } = await call('task.diff', { id })
    repository.git('worktree', 'remove', '--force', worktree!)
    await call('task.request_changes', { id, note: 'And again' })
    await drain()
    expect((await stage.runs(id)).map(({ base_branch, base_commit }) => [base_branch, base_commit])).toEqual(
      [1, 2, 3].map(() => ['dev', start]),
    )
    expect(await call('task.diff', { id })).toMatchObject({ into: 'dev', base: start })
  })

  it('is the parent’s for a child that shares its worktree', async () => {
    const stage = await onDev('true')
    const { call, create, drain, repository, run } = stage
    await stage.profile('editor', `set -e; ${EDIT}; runboard request_review '{"summary":"Look"}'`)
    const id = await run()
    repository.git('checkout', '-q', 'main')
    const child = await create({ title: 'Continue', parents: [id], workspace: 'parent', assignee: 'editor' })
    await call('task.approve', { id })
    await drain()
    expect(await call('task.merge', { id: child.id })).toMatchObject({ into: 'dev' })
  })

  it('is reported missing if it was deleted or renamed; a person chooses another', async () => {
    const stage = await onDev()
    const { call, refused, repository, run } = stage
    const start = commitOf(stage, 'dev')
    const id = await run()
    repository.git('branch', '-m', 'dev', 'develop')
    const error = await refused('CONFLICT', 'task.merge', { id })
    expect(error.message).toBe(
      `The work started from branch dev, which no longer exists. Choose a branch (commit ${start.slice(0, 9)} is part of develop): runboard merge ${id} --into BRANCH`,
    )
    expect(await call('task.diff', { id })).toMatchObject({
      into: null,
      base: start,
      merge_refusal: error.message,
      files_count: 2,
    })
    expect((await refused('CONFLICT', 'task.merge', { id, into: 'nosuch' })).message).toBe(
      'Branch nosuch not found.',
    )
    expect((await refused('CONFLICT', 'task.merge', { id, into: `runboard/${id}` })).message).toBe(
      `The work is on the branch runboard/${id} itself.`,
    )
    expect(await call('task.diff', { id, into: 'main' })).toMatchObject({ into: 'main', commits_count: 2 })
    expect(await call('task.merge', { id, into: 'develop' })).toMatchObject({ into: 'develop' })
  })

  it('that was rewritten does not silently get its old commits back', async () => {
    const stage = await onDev()
    const { call, refused, repository, run } = stage
    const start = commitOf(stage, 'dev')
    const id = await run()
    repository.git('commit', '-q', '--amend', '-m', 'Amended')
    const error = await refused('CONFLICT', 'task.merge', { id })
    expect(error.message).toContain(`Branch dev does not contain commit ${start.slice(0, 9)}`)
    expect(error.message).toContain('one commit that is not part of the work')
    expect(await call('task.diff', { id })).toMatchObject({ into: 'dev', base: start, commits_count: 1 })

    const { worktree } = await call('task.diff', { id })
    repository.git('-C', worktree!, 'rebase', '-q', '--onto', 'dev', start)
    expect(await call('task.merge', { id })).toMatchObject({ into: 'dev' })
    expect(repository.git('log', '--format=%s', 'dev')).not.toContain('Write dev.txt')
  })

  it('that was rewritten takes the work when a person confirms it', async () => {
    const stage = await onDev()
    const { call, repository, run } = stage
    const id = await run()
    repository.git('reset', '-q', '--hard', 'HEAD~1')
    expect(await call('task.merge', { id, into: 'dev' })).toMatchObject({ into: 'dev' })
  })

  it.each(['detached', 'tag', 'commit'])('is chosen by a person after a start from a %s', async (kind) => {
    const stage = await onDev()
    const { call, refused, repository, run } = stage
    const start = commitOf(stage, 'dev')
    repository.git('tag', 'v1')
    if (kind === 'detached') repository.git('checkout', '-q', '--detach')
    const id = await run({ base_ref: { detached: null, tag: 'v1', commit: 'dev~0' }[kind] ?? null })
    expect((await stage.runs(id))[0]).toMatchObject({ base_branch: null, base_commit: start })
    expect((await refused('CONFLICT', 'task.merge', { id })).message).toBe(
      `The work started from commit ${start.slice(0, 9)}, and not from a local branch. Choose a branch (commit ${start.slice(0, 9)} is part of dev): runboard merge ${id} --into BRANCH`,
    )
    expect(await call('task.diff', { id })).toMatchObject({ into: null, base: start, files_count: 2 })
    expect(await call('task.merge', { id, into: 'dev' })).toMatchObject({ into: 'dev' })
  })

  it('is the local branch that follows the remote branch of the start, once it has caught up', async () => {
    const stage = await onDev()
    const { call, refused, repository, run, path } = stage
    repository.git('clone', '-q', '--bare', '.', path('remote.git'))
    repository.git('remote', 'add', 'origin', path('remote.git'))
    repository.git('fetch', '-q', 'origin')
    repository.git('branch', '-q', '--set-upstream-to=origin/dev', 'dev')
    repository.git('reset', '-q', '--hard', 'main')
    const id = await run({ base_ref: 'origin/dev' })
    expect((await refused('CONFLICT', 'task.merge', { id })).message).toMatch(
      /^Branch dev does not contain commit .*or is behind/,
    )
    repository.git('merge', '-q', '--ff-only', 'origin/dev')
    expect(await call('task.merge', { id })).toMatchObject({ into: 'dev' })
  })

  it('keeps its name even if a tag has the same one', async () => {
    const stage = await onDev()
    stage.repository.git('tag', 'dev', 'main')
    const id = await stage.run()
    expect(await stage.call('task.merge', { id })).toMatchObject({ into: 'dev' })
  })

  describe('of a worktree whose start was not recorded', () => {
    /** As before the start was recorded: a marker without a branch, and runs without one. */
    async function old(stage: WorkStage): Promise<string> {
      const id = await stage.run()
      const { worktree } = await stage.call('task.diff', { id })
      const marker = join(
        stage.repository.git('-C', worktree!, 'rev-parse', '--absolute-git-dir'),
        'runboard.json',
      )
      const { base_branch, ...rest } = JSON.parse(readFileSync(marker, 'utf8')) as Record<string, unknown>
      expect(base_branch).toBe('dev')
      writeFileSync(marker, JSON.stringify(rest))
      // The state after an import of a board without these columns.
      const db = stage.board.connection
      db.writeNow('dispatcher', (tx) => tx.run(FORGET, {}))
      return id
    }

    it('is the only branch that holds its commit', async () => {
      const stage = await onDev()
      const id = await old(stage)
      stage.repository.git('checkout', '-q', 'main')
      expect(await stage.call('task.merge', { id })).toMatchObject({ into: 'dev' })
    })

    it('is chosen by a person if several branches hold its commit', async () => {
      const stage = await onDev()
      const id = await old(stage)
      stage.repository.git('branch', 'other')
      const error = await stage.refused('CONFLICT', 'task.merge', { id })
      expect(error.message).toContain('is part of dev, other')
    })
  })
})
