import { describe, expect, it } from 'vitest'
import * as taskRuns from '../tables/task-runs.ts'
import { worktreeStage } from '../testing/worktree-task.ts'

describe('G14: why, for a task whose parent is done but not merged', () => {
  const sentence = (parent: string, task: string, when: string) =>
    `${parent} “Write it” is done, and its work is not merged: the worktree of ${task} ${when} without it. “runboard merge ${parent}” merges it.`

  it('names the parent while the task waits, and not once it is merged', async () => {
    const { call, create, inReview } = await worktreeStage()
    const first = await inReview()
    const open = await create('Open')
    const { id } = await create({ title: 'Next', workspace: 'worktree', parents: [first.id, open.id] })
    await call('task.approve', { id: first.id })

    const waiting = await call('task.why', { id })
    await call('task.complete', { id: open.id })
    const ready = await call('task.why', { id })
    await call('task.merge', { id: first.id })
    const merged = await call('task.why', { id })

    expect(waiting.why).toMatchObject({ gate: 'open_parents' })
    expect(waiting.notes).toEqual([sentence(first.id, id, 'would start')])
    expect(ready.notes).toEqual(waiting.notes)
    expect(merged.notes).toEqual([])
  })

  it('names it for a running task, by the commit that its worktree started from', async () => {
    const { call, claim, create, enter, inReview, repository, write } = await worktreeStage()
    const first = await inReview()
    await call('task.approve', { id: first.id })
    const task = await create({ title: 'Next', workspace: 'worktree', parents: [first.id] })
    const { run } = await claim(task.id)
    const { branch } = await enter(task)
    const start = repository.git('rev-parse', 'main')
    write((tx) => tx.returning(taskRuns.setSpawned, spawned(run.id, start)))

    expect(branch).toBe(`runboard/${task.id}`)
    expect((await call('task.why', { id: task.id })).notes).toEqual([sentence(first.id, task.id, 'started')])
  })

  it('is silent if the worktree starts with that work, or shares it', async () => {
    const { call, create, inReview } = await worktreeStage()
    const { id: parent, branch } = await inReview()
    await call('task.approve', { id: parent })
    const parents = [parent]
    const onTop = await create({ title: 'On top', workspace: 'worktree', base_ref: branch, parents })
    const shared = await create({ title: 'Shared', workspace: 'parent', parents })
    const scratch = await create({ title: 'Scratch', workspace: 'scratch', parents })

    for (const { id } of [onTop, shared, scratch]) {
      expect((await call('task.why', { id })).notes).toEqual([])
    }
  })

  it('counts uncommitted work of the parent as missing', async () => {
    const { call, create, inReview } = await worktreeStage()
    const { id: parent, branch } = await inReview(({ commit, write }) => {
      commit('work.txt', 'work\n')
      write('left.txt', 'left\n')
    })
    await call('task.approve', { id: parent })
    const { id } = await create({ title: 'Next', workspace: 'worktree', base_ref: branch, parents: [parent] })

    expect((await call('task.why', { id })).notes).toHaveLength(1)
  })
})

function spawned(id: number, base_commit: string) {
  return {
    id,
    worker_pid: null,
    worker_started_key: null,
    keeper_pid: null,
    keeper_started_key: null,
    host: null,
    log_path: null,
    command: null,
    workspace_path: null,
    base_branch: 'main',
    base_commit,
    now: 0,
  }
}
