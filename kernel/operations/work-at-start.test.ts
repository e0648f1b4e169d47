import { expect, it } from 'vitest'
import { worktreeStage } from '../testing/worktree-task.ts'

const FILE = `runboard: 1
name: ask
title: Ask first
steps:
  - {key: agree, kind: approve, question: Good?, on: {approved: over, rejected: over}}
  - {key: over, kind: end, state: succeeded}
`

it('asks about the existing work when a workflow begins with a question', async () => {
  const { call, create, inReview } = await worktreeStage()
  await call('workflow.add', { file: FILE })
  const { git, id } = await inReview()
  const head = git('rev-parse', 'HEAD').trim()
  const sharing = await create({ parents: [id], workspace: 'parent', workflow_template_id: 'ask' })
  await call('workflow.start', { id, name: 'ask' })
  for (const card of [id, sharing.id]) {
    const { walks } = await call('task.walk', { id: card })
    expect(walks[0]?.visits[0]).toMatchObject({ step: 'agree', head_in: head })
  }
})
