import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { makeRepository } from '../testing/repository.ts'
import { setupWorkers } from '../testing/workers.ts'

const FILE = `runboard: 1
name: reader
title: Read only
workspace: worktree
steps:
  - {key: look, kind: work, profile: looker, workspace: read-only, prompt: Look., on: {done: over}}
  - {key: over, kind: end, state: succeeded}
`

/** A card whose only step may only read. Its worker runs `line`. */
async function looked(line: string, failure_limit = 1, completion: 'exit-code' | 'explicit' = 'exit-code') {
  const bundle = await setupWorkers()
  const { folder } = makeRepository(join(bundle.shared, 'project'))
  await bundle.call('board.set', { slug: bundle.slug, settings: { project_dir: folder } })
  await bundle.profile('looker', line, { completion, failure_limit })
  await bundle.call('workflow.add', { file: FILE })
  const { id } = await bundle.create({ title: 'Look', workspace: 'worktree' })
  await bundle.call('workflow.start', { id, name: 'reader' })
  await bundle.drain()
  return { ...bundle, id, at: await bundle.task(id), run: (await bundle.runs(id))[0] }
}

it('accepts the result of a read-only step that has only read', async () => {
  const { at: task } = await looked('ls > /dev/null')
  expect(task).toMatchObject({ status: 'done', current_step_key: 'over' })
})

it.each([
  ['a new file', 'echo x > new.txt'],
  ['a commit', 'git -c user.name=a -c user.email=a@b.c commit -q --allow-empty -m more'],
])('does not take the result of a step that may read, after %s', async (_, line) => {
  const { run, at: task } = await looked(line)
  expect(task).toMatchObject({ status: 'blocked', current_step_key: 'look' })
  expect(run?.error).toContain('may only read')
})

it('compares a second attempt with the files before the first one', async () => {
  const { run, at: task } = await looked('test -e new.txt && exit 0; echo x > new.txt; exit 1', 2)
  expect(run).toMatchObject({ outcome: 'crashed' })
  expect(task).toMatchObject({ status: 'blocked', current_step_key: 'look' })
  expect(task.last_failure_error).toContain('may only read')
})

it('accepts the changes that a person made before the next attempt', async () => {
  const line = [
    `test -e data.csv || { runboard block '{"reason":"data.csv is missing"}'; exit 0; }`,
    `runboard complete '{"verdict":"done","summary":"seen"}'`,
  ].join('; ')
  const { at, call, drain, id, task } = await looked(line, 1, 'explicit')
  expect(at).toMatchObject({ status: 'blocked', block_reason: 'data.csv is missing' })
  writeFileSync(join(at.workspace_path ?? '', 'data.csv'), '1')
  await call('task.unblock', { id, answer: 'It is there' })
  await drain()
  expect(await task(id)).toMatchObject({ status: 'done' })
})
