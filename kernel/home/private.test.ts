import { existsSync, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { makeRepository } from '../testing/repository.ts'
import { cleanUp, temporaryFolder } from '../testing/setup.ts'
import { setupWorkers } from '../testing/workers.ts'

/** Paths in a folder that other users can read, except those that a worker created in its workspace. */
function openToOthers(folder: string, below = ''): string[] {
  return readdirSync(join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const path = join(below, entry.name)
    const mine = (lstatSync(join(folder, path)).mode & 0o077) === 0 ? [] : [path]
    const isWorkspace = /\/workspaces$/.test(below)
    return entry.isDirectory() && !isWorkspace ? [...mine, ...openToOthers(folder, path)] : mine
  })
}

it.each(['scratch', 'worktree'])(
  'only its user can read the home, whatever the umask: with a %s',
  async (workspace) => {
    const before = process.umask(0)
    cleanUp(() => void process.umask(before))
    const { call, create, drain, home, profile } = await setupWorkers()
    const { folder } = makeRepository(join(temporaryFolder(), 'project'))
    await call('board.set', { slug: 'test', settings: { project_dir: folder } })
    await profile('plain', 'echo done; echo mine >file', { completion: 'exit-code' })
    const { id } = await create({ assignee: 'plain', workspace })
    await call('settings.set', { settings: { notify: 'all' } })
    await call('backup.create', {})

    await drain()

    expect(existsSync(`${home}/boards/test/workspaces/${id}/file`)).toBe(true)
    // A worktree itself is created by git, under the umask; its parent is ours.
    expect(openToOthers(home)).toEqual(workspace === 'worktree' ? [`boards/test/workspaces/${id}`] : [])
  },
)
