import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { worktreeStage } from '../testing/worktree-task.ts'

async function deleted() {
  const stage = await worktreeStage()
  const worktree = await stage.inReview()
  rmSync(worktree.folder, { recursive: true, force: true })
  return { ...stage, worktree, id: worktree.id }
}

describe('X27: a worktree that a person deleted by hand', () => {
  it('breaks no list, view or check', async () => {
    const { call, id, kernel, person } = await deleted()
    expect((await call('task.list', {})).tasks).toMatchObject([{ id, status: 'review' }])
    await call('task.list', { merged: false })
    expect((await call('task.show', { id })).task.status).toBe('review')
    expect((await call('task.diff', { id })).files).toMatchObject([{ path: 'work.txt' }])
    expect((await call('inbox.show', {})).needs_you).toMatchObject([{ task: { id } }])
    await call('gc.run', {})
    await kernel.call('doctor.run', {}, person)
  })

  it.each(['task.merge', 'task.approve'] as const)(
    '%s merges what was committed and warns about the rest',
    async (name) => {
      const { call, id, repository, worktree } = await deleted()
      const { task, warnings } = await call(name, { id, ...(name === 'task.approve' && { merge: true }) })
      expect(task).toMatchObject({ status: 'done', merge_state: 'merged' })
      expect(warnings).toEqual([
        `The worktree of ${id} ${worktree.folder} is not there any more. What was committed on ${worktree.branch} is merged; anything else in that folder is not.`,
      ])
      expect(readFileSync(join(repository.folder, 'work.txt'), 'utf8')).toBe('work\n')
    },
  )

  it('has nothing to discard, and its branch stays', async () => {
    const { refused, id, repository, worktree } = await deleted()
    const error = await refused('CONFLICT', 'task.discard', { id })
    expect(error.message).toContain('no longer has a worktree; its branch stays')
    expect(repository.git('branch', '--list', worktree.branch)).toContain(worktree.branch)
  })

  it('is created again for the next attempt, with the committed work', async () => {
    const { call, id, enter } = await deleted()
    const { task } = await call('task.request_changes', { id, note: 'more' })
    const again = await enter(task)
    expect(existsSync(join(again.folder, 'work.txt'))).toBe(true)
  })
})
