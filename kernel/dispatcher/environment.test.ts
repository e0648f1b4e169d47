import { execFileSync } from 'node:child_process'
import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { COMMIT, makeRepository } from '../testing/repository.ts'
import { setupWorkers } from '../testing/workers.ts'

const DISPATCH = fileURLToPath(new URL('../testing/dispatch.ts', import.meta.url))

it('E1: a worker started from a post-commit hook commits in its own workspace, not on the branch of the hook', async () => {
  const { call, create, home, kernel, path, profile, task, text } = await setupWorkers()
  const project = makeRepository(path('project'))
  const wip = path('wip')
  project.git('worktree', 'add', '-q', '-b', 'wip', wip)
  await call('board.set', { slug: 'test', settings: { project_dir: project.folder } })
  await profile('committer', `echo new >new.txt; git add . && ${COMMIT} "Work of a worker"`, {
    completion: 'exit-code',
  })
  const verify_command = `git rev-parse --show-toplevel >'${path('checked')}'; env >'${path('env')}'`
  const { id } = await create({ assignee: 'committer', workspace: 'worktree', verify_command })
  await kernel.close()
  const hook = join(project.folder, '.git/hooks/post-commit')
  const onlyMine = '[ "$(git symbolic-ref --short HEAD)" = wip ] || exit 0'
  writeFileSync(
    hook,
    `#!/bin/sh\n${onlyMine}\nexec '${process.execPath}' '${DISPATCH}' '${home}' >'${path('log')}' 2>&1\n`,
  )
  chmodSync(hook, 0o755)

  writeFileSync(join(wip, 'mine.txt'), 'mine')
  execFileSync('git', ['add', '--all'], { cwd: wip })
  const identity = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com']
  execFileSync('git', [...identity, 'commit', '-q', '-m', 'Work of a person'], { cwd: wip })

  const { status, workspace_path, branch } = await task(id)
  expect({ status, log: text('log') }).toEqual({ status: 'done', log: '' })
  expect(project.git('log', '-1', '--format=%s', 'wip')).toBe('Work of a person')
  expect(project.git('log', '-1', '--format=%s %an', branch ?? '')).toBe('Work of a worker Test')
  expect(text('checked').trim()).toBe(workspace_path)
  expect(text('env')).not.toMatch(/^GIT_(DIR|INDEX_FILE|PREFIX|AUTHOR_NAME|EXEC_PATH)=/m)
})
