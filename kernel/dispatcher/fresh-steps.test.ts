import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { makeRepository, repositoryAt } from '../testing/repository.ts'
import { setupWorkers } from '../testing/workers.ts'

const FILE = `runboard: 1
name: looked-at
title: Looked at
steps:
  - {key: make, kind: work, profile: maker, prompt: Make it., on: {done: look}}
  - {key: look, kind: work, profile: looker, workspace: fresh, prompt: Look at it., max_retries: 1, on: {done: over}}
  - {key: over, kind: end, state: succeeded}
`

/** A card whose second step works in a fresh worktree; `line` is what its worker does there. */
async function looked(line: string, workspace = 'worktree') {
  const bundle = await setupWorkers()
  const { folder, commit } = makeRepository(join(bundle.shared, 'project'))
  commit('.gitignore', 'built\n')
  await bundle.call('board.set', { slug: bundle.slug, settings: { project_dir: folder } })
  await bundle.profile('maker', 'echo made > made.txt; echo x > built', { completion: 'exit-code' })
  await bundle.profile('looker', line, { completion: 'exit-code' })
  await bundle.call('workflow.add', { file: FILE })
  const { id } = await bundle.create({ title: 'Make', workspace })
  await bundle.call('workflow.start', { id, name: 'looked-at' })
  await bundle.drain()
  return { ...bundle, id, project: repositoryAt(folder), at: await bundle.task(id) }
}

it('works in a new worktree of the work, which goes to the trash with what it wrote', async () => {
  const { at, board, id, project, runs } = await looked(
    'cat made.txt; ls built; echo more >> made.txt; : > new',
  )
  expect(at).toMatchObject({ status: 'done', current_step_key: 'over' })
  const [make, look] = await runs(id)
  expect(at.workspace_path).toBe(make?.workspace_path)
  expect(look?.workspace_path).toBe(join(board.workspacesFolder, `${id}-fresh-${look?.id ?? 0}`))
  const own = repositoryAt(at.workspace_path ?? '')
  expect([own.read('made.txt'), existsSync(join(own.folder, 'new'))]).toEqual(['made\n', false])
  expect(existsSync(look?.workspace_path ?? '')).toBe(false)
  const [trashed = ''] = readdirSync(board.trashFolder)
  const gone = repositoryAt(join(board.trashFolder, trashed))
  expect([gone.read('made.txt'), existsSync(join(gone.folder, 'built'))]).toEqual(['made\nmore\n', false])
  expect(project.git('worktree', 'list').split('\n')).toHaveLength(2)
})

it('fails to start when the card does not work in a worktree', async () => {
  const { at, runs, id } = await looked('true', 'scratch')
  expect(at).toMatchObject({ status: 'blocked', current_step_key: 'look' })
  expect((await runs(id)).at(-1)?.error).toContain('The step “look” needs a fresh worktree')
})

it('is moved to the trash by gc when no process saw the end of its run', async () => {
  const { at, board, call, clock, project } = await looked('true')
  const left = join(board.workspacesFolder, `${at.id}-fresh-2`)
  project.git('worktree', 'add', '--detach', left)
  const { writeWorktreeMarker } = await import('../workers/workspace/worktree-marker.ts')
  await writeWorktreeMarker(left, { task_id: at.id, created_at: clock.now - 8 * 86_400_000, base: 'x' })
  const { workspaces } = await call('gc.run', {})
  expect(workspaces).toMatchObject([{ task_id: at.id, path: left, kept: null }])
  expect(existsSync(left)).toBe(false)
})
