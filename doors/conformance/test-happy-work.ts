import { join } from 'node:path'
import { expect } from 'vitest'
import { makeRepository, type Repository } from '../../kernel/testing/repository.ts'
import type { HappyPaths } from './test-happy-path.ts'
import { addProfile, type Scene, type Stage } from './test-stage.ts'

/** A task whose worker changed and committed a file in its worktree of the board's project. */
async function worked(scene: Scene, stage: Stage): Promise<{ id: string; repository: Repository }> {
  const repository = makeRepository(join(`${scene.home}-files`, stage.freshName()))
  await scene.do('board.set', { slug: scene.slug, settings: { project_dir: repository.folder } })
  const profile = stage.freshName()
  await addProfile(stage, profile, { shell: 'echo added > added.txt' })
  const id = await scene.create({ assignee: profile, workspace: 'worktree' })
  await scene.do('dispatcher.dispatch', { wait: true })
  return { id, repository }
}

/** Successful calls of the operations on a task's work. */
export const WORK_PATHS: HappyPaths = {
  'task.take_over': async (scene, stage) => {
    const profile = stage.freshName()
    const event = JSON.stringify({ type: 'system', subtype: 'init', session_id: 'abc-1' })
    await addProfile(stage, profile, { shell: `echo '${event}'; exit 3`, usage_parser: 'claude-json' })
    const id = await scene.create({ assignee: profile, max_retries: 1 })
    await scene.do('dispatcher.dispatch', { wait: true })
    const gives = {
      task: { status: 'running' },
      run: { attempt: 2, outcome: null, session_choice: 'resumed' },
      command: ['claude', '--resume', 'abc-1'],
      opened: null,
    }
    return { input: { id }, gives }
  },
  'task.diff': async (scene, stage) => {
    const { id } = await worked(scene, stage)
    const file = { path: 'added.txt', change: 'added', additions: 1, tracked: false }
    const gives = {
      branch: `runboard/${id}`,
      into: 'main',
      merge_refusal: null,
      files: [file],
      uncommitted: 1,
    }
    return { input: { id }, gives }
  },
  'board.conflicts': async (scene, stage) => {
    await worked(scene, stage)
    return { input: {}, gives: { problem: null, conflicts: [] } }
  },
  'task.remarks': async (scene, stage) => {
    const { id } = await worked(scene, stage)
    await scene.do('task.reopen', { id })
    return { input: { id }, gives: { remarks: [] } }
  },
  'task.file_lines': async (scene, stage) => {
    const { id, repository } = await worked(scene, stage)
    repository.commit('long.txt', 'one\ntwo\nthree\n')
    const commit = repository.git('rev-parse', 'HEAD')
    const input = { id, commit, path: 'long.txt', from: 2, to: 9 }
    return { input, gives: { lines: ['two', 'three'], total: 3 } }
  },
  'task.merge': async (scene, stage) => {
    const { id } = await worked(scene, stage)
    const gives = {
      task: { id, status: 'done' },
      into: 'main',
      commit: expect.stringMatching(/^[0-9a-f]{40}/),
    }
    return { input: { id, message: 'Take it' }, gives }
  },
  'task.mark_merged': async (scene, stage) => {
    const { id } = await worked(scene, stage)
    const gives = { task: { id, merge_state: 'merged', merged_into: 'trunk', merged_commit: null } }
    return { input: { id, into: 'trunk' }, gives }
  },
  'task.revert_merge': async (scene, stage) => {
    const { id } = await worked(scene, stage)
    await scene.do('task.merge', { id })
    const gives = {
      task: { id, merge_state: 'not_merged' },
      into: 'main',
      commit: expect.stringMatching(/^[0-9a-f]{40}/),
    }
    return { input: { id, message: 'Take it out' }, gives }
  },
  'task.clean_up': async (scene, stage) => {
    const { id } = await worked(scene, stage)
    await scene.do('task.merge', { id })
    const gives = { task: { id, status: 'done' }, branch: `runboard/${id}`, moved_to: expect.any(String) }
    return { input: { id }, gives }
  },
  'task.discard': async (scene, stage) => {
    const { id } = await worked(scene, stage)
    const gives = { task: { id, status: 'archived' }, branch: `runboard/${id}`, moved_to: expect.any(String) }
    return { input: { id }, gives }
  },
}
