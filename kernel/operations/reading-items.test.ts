import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { makeRepository, repositoryAt } from '../testing/repository.ts'
import { setupWorkers } from '../testing/workers.ts'

const FILE = `runboard: 1
name: looked-at
title: Looked at
workspace: worktree
inputs: {aspects: {type: list, required: true}}
steps:
  - {key: make, kind: work, profile: maker, prompt: Make it., on: {done: look}}
  - key: look
    kind: map
    over: inputs.aspects
    do: {profile: looker, prompt: "Look at {{item}}", workspace: read-only, max_retries: 1}
    on: {succeeded: over, some_failed: over}
  - {key: over, kind: end, state: succeeded}
`

/** A card with items that read its work. The worker of each item runs `line`. */
async function looked(line: string) {
  const bundle = await setupWorkers()
  const { folder } = makeRepository(join(bundle.shared, 'project'))
  await bundle.call('board.set', { slug: bundle.slug, settings: { project_dir: folder } })
  await bundle.profile('maker', 'echo made > made.txt', { completion: 'exit-code' })
  await bundle.profile('looker', line, { completion: 'exit-code' })
  await bundle.call('workflow.add', { file: FILE })
  const { id } = await bundle.create({ title: 'Make', workspace: 'worktree' })
  await bundle.call('workflow.start', { id, name: 'looked-at', inputs: { aspects: ['speed', 'safety'] } })
  await bundle.drain()
  const { items = [] } = await bundle.call('task.show', { id })
  const cards = await Promise.all(items.map(({ task }) => bundle.task(task?.id ?? '')))
  return { bundle, task: await bundle.task(id), cards, items }
}

it('gives read-only items worktrees of their own, with the current work of their carrier', async () => {
  const { cards, task } = await looked('cat made.txt')
  expect(task).toMatchObject({ status: 'done', current_step_key: 'over' })
  const paths = [task, ...cards].map(({ workspace_path }) => workspace_path ?? '')
  expect(new Set(paths).size).toBe(3)
  for (const path of paths) expect(existsSync(join(path, 'made.txt'))).toBe(true)
  expect(repositoryAt(paths[1] ?? '').git('status', '--porcelain')).toBe('')
})

it('refuses the result of a read-only item that writes; the carrier waits', async () => {
  const { bundle, cards, items, task } = await looked('echo x > new.txt')
  expect(cards.map(({ status }) => status)).toEqual(['blocked', 'blocked'])
  expect(cards[0]?.last_failure_error).toContain('may only read')
  expect(task).toMatchObject({ status: 'todo', current_step_key: 'look' })
  for (const { key } of items)
    await bundle.call('task.let_item_go', { id: task.id, item: key, reason: 'It writes' })
  expect(await bundle.task(task.id)).toMatchObject({ status: 'done' })
})
