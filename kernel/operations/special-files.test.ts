import { execFileSync } from 'node:child_process'
import { existsSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cleanUp } from '../testing/setup.ts'
import { worktreeStage, type WorktreeStage, type WorktreeTask } from '../testing/worktree-task.ts'

const DAY_MS = 86_400_000
const HUGE = 5 * 1024 ** 3

const fifo = (path: string) => void execFileSync('mkfifo', [path])
async function socket(path: string): Promise<void> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(path, resolve))
  cleanUp(() => void server.close())
}
/** Sparse, so that it takes no space. */
function huge(path: string): void {
  writeFileSync(path, '')
  truncateSync(path, HUGE)
}
const loop = (path: string) => {
  symlinkSync(path, path)
}
const KINDS: [string, (path: string) => void | Promise<void>][] = [
  ['a FIFO', fifo],
  ['a socket', socket],
  ['a link loop', loop],
  ['a huge file', huge],
]

const gitDirOf = ({ git }: WorktreeTask) => git('rev-parse', '--absolute-git-dir')

async function collect({ call, clock }: WorktreeStage, id: string) {
  await call('task.archive', { id })
  clock.advance(8 * DAY_MS)
  return (await call('gc.run', {})).workspaces.find((one) => one.task_id === id)
}

describe('X10: in a worktree', () => {
  it.each(KINDS)('%s beside the work blocks neither its diff nor gc', async (_what, make) => {
    const stage = await worktreeStage()
    const worktree = await stage.inReview()
    await make(join(worktree.folder, 'special'))
    const { files } = await stage.call('task.diff', { id: worktree.id })
    expect(files.map(({ path }) => path)).toContain('work.txt')
    for (const file of files.filter(({ path }) => path === 'special')) expect(file.hunks).toEqual([])
    expect(await collect(stage, worktree.id)).toMatchObject({ moved_to: null })
    expect(existsSync(join(worktree.folder, 'work.txt'))).toBe(true)
  })

  it.each(KINDS)('%s in place of the marker does not count as a marker', async (_what, make) => {
    const stage = await worktreeStage()
    const worktree = await stage.inReview()
    const marker = join(gitDirOf(worktree), 'runboard.json')
    rmSync(marker)
    await make(marker)
    for (const name of ['task.diff', 'task.merge', 'task.discard'] as const) {
      const { message } = await stage.refused('CONFLICT', name, { id: worktree.id })
      expect(message).toContain('it is not the one that Runboard made there')
    }
    expect(await collect(stage, worktree.id)).toMatchObject({ moved_to: null })
  })

  it.each(['.gitignore', '.gitattributes', '.gitmodules'])(
    'a FIFO that git reads (%s) is named, and does not keep gc from other worktrees',
    { timeout: 60_000 },
    async (name) => {
      const stage = await worktreeStage()
      const worktree = await stage.inReview()
      const other = await stage.inReview(() => undefined)
      await stage.call('task.approve', { id: other.id })
      fifo(join(worktree.folder, name))
      await expect(stage.call('task.diff', { id: worktree.id })).rejects.toThrow(
        `${join(worktree.folder, name)} is a FIFO, and git reads it`,
      )
      await stage.call('task.archive', { id: worktree.id })
      stage.clock.advance(8 * DAY_MS)
      const { workspaces } = await stage.call('gc.run', {})
      const kept = workspaces.find(({ task_id }) => task_id === worktree.id)
      expect(kept?.kept).toBeTruthy()
      expect(workspaces.find(({ task_id }) => task_id === other.id)).toMatchObject({ kept: null })
    },
  )

  it('a FIFO in place of a tracked file is named', async () => {
    const stage = await worktreeStage()
    const worktree = await stage.inReview()
    rmSync(join(worktree.folder, 'notes.txt'))
    fifo(join(worktree.folder, 'notes.txt'))
    const { message } = await stage.refused('CONFLICT', 'task.merge', { id: worktree.id })
    expect(message).toContain('notes.txt')
    expect(await collect(stage, worktree.id)).toMatchObject({ moved_to: null })
  })
})
