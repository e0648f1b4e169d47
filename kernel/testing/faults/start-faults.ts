import { chmodSync, rmSync, writeFileSync } from 'node:fs'
import { expect } from 'vitest'
import { giveProject } from '../give-project.ts'
import { noteResult, noteStart } from '../aftermath.ts'
import type { WorkerSetup } from '../workers.ts'
import type { Fault } from './scale.ts'

/** Starts that fail twice and then succeed: the error of each attempt, and the end. */
async function failsThenWorks(
  bundle: WorkerSetup,
  id: string,
  problem: RegExp,
  mend: () => unknown,
): Promise<void> {
  const { call, drain, runs, task } = bundle
  await drain()
  const failed = { error: expect.stringMatching(problem) as string, spawned_at: null, worker_pid: null }
  expect(await runs(id)).toMatchObject([
    { outcome: 'spawn_failed', ...failed },
    { outcome: 'gave_up', ...failed },
  ])
  expect(await task(id)).toMatchObject({ status: 'blocked', block_kind: 'gave_up' })
  expect(bundle.text('starts')).toBe('')

  await mend()
  await call('task.unblock', { id })
  await drain()
  expect((await runs(id)).at(-1)).toMatchObject({ attempt: 3, outcome: 'completed' })
}

const missingExecutable: Fault = {
  async happen(bundle) {
    const { call, create, path } = bundle
    const program = path('agent')
    const fields = { stdin: 'none', completion: 'exit-code', backoff_seconds: 0 } as const
    await call('profile.add', { name: 'agent', command: [program], ...fields })
    const { id } = await create({ assignee: 'agent', max_retries: 2 })

    await failsThenWorks(bundle, id, /agent does not exist\.$/, () => {
      writeFileSync(program, `#!/bin/sh\n${noteStart(bundle)}\n${noteResult(bundle)}\n`)
      chmodSync(program, 0o755)
    })
  },
}

const workspaceInTheWay: Fault = {
  async happen(bundle) {
    const { create, path, profile } = bundle
    await profile('plain', `${noteStart(bundle)}; ${noteResult(bundle)}`, { completion: 'exit-code' })
    writeFileSync(path('file'), 'mine')
    const { id } = await create({ assignee: 'plain', max_retries: 2, workspace: `dir:${path('file')}/below` })

    const problem = /^workspace: The workspace .*below cannot be made: .*file is a file\.$/
    await failsThenWorks(bundle, id, problem, () => {
      expect(bundle.text('file')).toBe('mine')
      rmSync(path('file'))
    })
  },
}

const worktreeWithoutRepository: Fault = {
  async happen(bundle) {
    const { call, create, drain, profile, runs, slug } = bundle
    await profile('plain', noteStart(bundle), { completion: 'exit-code' })
    await giveProject(bundle)
    const { id } = await create({ assignee: 'plain', max_retries: 3, workspace: 'worktree' })
    await call('board.set', { slug, settings: { project_dir: null } })

    await drain()

    expect(await runs(id)).toMatchObject([{ outcome: 'gave_up', worker_pid: null }])
    expect((await runs(id))[0]?.error).toMatch(
      /^workspace: A worktree needs a git repository.*no project folder\.$/,
    )
  },
}

const logFolderInTheWay: Fault = {
  async happen(bundle) {
    const { board, create, drain, profile, runs } = bundle
    await profile('plain', noteStart(bundle), { completion: 'exit-code' })
    const { id } = await create({ assignee: 'plain', max_retries: 1 })
    writeFileSync(`${board.folder}/logs`, 'in the way')

    await drain()

    expect(await runs(id)).toMatchObject([{ outcome: 'gave_up', worker_pid: null }])
    expect((await runs(id))[0]?.error).toContain(`${board.folder}/logs`)
  },
}

export const startFaults = {
  'an executable that is missing': missingExecutable,
  'a workspace that cannot be made': workspaceInTheWay,
  'a worktree without a repository': worktreeWithoutRepository,
  'a folder of logs that cannot be made': logFolderInTheWay,
} satisfies Record<string, Fault>
