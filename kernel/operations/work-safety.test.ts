import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { useOldGit } from '../testing/old-git.ts'
import { COMMIT } from '../testing/repository.ts'
import { EDIT, stageWork } from '../testing/work-stage.ts'

describe('G2, G10: untracked files of the checkout', () => {
  const TAKES_DATA = `mkdir -p data; echo work > data/users.json; git add -f data/users.json; ${COMMIT} Data`

  it.each([
    ['ignored by .gitignore', '.gitignore'],
    ['excluded in the repository', '.git/info/exclude'],
    ['untracked', null],
  ])('%s are never overwritten by a merge, and are named', async (_what, list) => {
    const { call, refused, repository, run } = await stageWork(TAKES_DATA)
    if (list === '.gitignore') repository.commit(list, 'data/\n')
    else if (list !== null) repository.write(list, 'data/\n')
    const id = await run()
    repository.write('data/users.json', 'local and precious\n')
    const main = repository.git('rev-parse', 'main')
    const error = await refused('CONFLICT', 'task.merge', { id })
    expect(error.message).toContain('git does not track data/users.json, and this would overwrite it')
    expect((await call('task.diff', { id })).merge_refusal).toBe(error.message)
    expect(readFileSync(join(repository.folder, 'data/users.json'), 'utf8')).toBe('local and precious\n')
    expect(repository.git('rev-parse', 'main')).toBe(main)
    repository.git('clean', '-qfdx')
    await call('task.merge', { id })
  })

  it('in place of a folder, or a folder in place of a file, are not overwritten either', async () => {
    const { refused, repository, run } = await stageWork(
      `mkdir a; echo 1 > a/b; echo 2 > c; git add -f a c; ${COMMIT} Names`,
    )
    repository.commit('.gitignore', 'a\nc\n')
    const id = await run()
    repository.write('a', 'a file\n')
    mkdirSync(join(repository.folder, 'c'))
    repository.write('c/deep', 'in a folder\n')
    const error = await refused('CONFLICT', 'task.merge', { id })
    expect(error.message).toContain('does not track a, c/deep')
    expect(readFileSync(join(repository.folder, 'c/deep'), 'utf8')).toBe('in a folder\n')
  })

  it('are not overwritten by what the worker left uncommitted', async () => {
    const { refused, repository, run } = await stageWork('echo work > fresh.txt')
    const id = await run()
    repository.write('fresh.txt', 'mine\n')
    expect((await refused('CONFLICT', 'task.merge', { id })).message).toContain('does not track fresh.txt')
    expect(readFileSync(join(repository.folder, 'fresh.txt'), 'utf8')).toBe('mine\n')
  })
})

describe('X7: a worktree that no longer belongs to the project', () => {
  it.each([
    [
      'has a repository of its own',
      'rm -rf .git; git init -q; git checkout -q -b feature; git add -A; ' + `${COMMIT} Mine`,
    ],
    ['has none', 'rm -rf .git'],
  ])('%s: nothing of it is shown, merged or accepted', async (_what, work) => {
    const { refused, repository, run, runs, task } = await stageWork(work)
    const id = await run()
    const main = repository.git('rev-parse', 'main')
    for (const name of ['task.diff', 'task.merge', 'task.approve', 'task.discard'] as const) {
      expect((await refused('CONFLICT', name, { id })).message).toContain('is not a worktree of')
    }
    expect((await task(id)).status).toBe('review')
    expect(repository.git('rev-parse', 'main')).toBe(main)
    expect((await runs(id))[0]?.observed).toMatchObject({
      workspace_problem: expect.stringContaining('is not a worktree of') as string,
    })
  })

  it('is not done by its worker’s exit status, nor by its report', async () => {
    const stage = await stageWork('true')
    const { create, drain, path, profile, text } = stage
    await profile('w', 'rm -rf .git; git init -q', { completion: 'exit-code', failure_limit: 1 })
    await profile('r', `rm -rf .git; git init -q; runboard complete '{}' 2> '${path('said')}'`, {
      failure_limit: 1,
    })
    for (const assignee of ['w', 'r']) {
      const { id } = await create({ title: assignee, assignee, workspace: 'worktree' })
      await drain()
      expect((await stage.task(id)).status).toBe('blocked')
    }
    expect(text('said')).toContain('is not a worktree of')
  })
})

describe('X9: programs that a worker configured in git', () => {
  const TRAP = (path: string) => `touch '${path}'; exec cat`

  it('run neither when its work is read nor when it is merged, and are named', async () => {
    const { call, path, profile, refused, repository, run } = await stageWork('true')
    const trap = TRAP(path('trapped'))
    await profile(
      'author2',
      `set -e; echo '* filter=x diff=x merge=x' > .gitattributes; echo change >> notes.txt
      for key in filter.x.clean filter.x.smudge diff.x.command diff.x.textconv diff.external merge.x.driver core.fsmonitor core.sshCommand core.pager gpg.program core.editor
      do git config "$key" "sh -c \\"${trap.replaceAll("'", '')}\\""; done
      git config log.showSignature true; git config filter.x.required true; git config merge.default x
      mkdir -p "$(git rev-parse --git-common-dir)/hooks"; for hook in post-checkout pre-commit post-merge post-index-change reference-transaction
      do printf '#!/bin/sh\\ntouch ${path('hooked')}\\n' > "$(git rev-parse --git-common-dir)/hooks/$hook"; chmod +x "$(git rev-parse --git-common-dir)/hooks/$hook"; done
      runboard request_review '{"summary":"Look"}'`,
    )
    const id = await run({ assignee: 'author2' })
    expect(await call('task.diff', { id })).toMatchObject({ uncommitted: 2 })
    const error = await refused('CONFLICT', 'task.merge', { id })
    expect(error.message).toContain('has changed what git runs (')
    expect(error.message).toContain('filter.x.clean')
    for (const key of ['filter.x', 'merge.x', 'merge', 'gpg'])
      repository.git('config', '--remove-section', key)
    expect((await refused('CONFLICT', 'task.merge', { id })).message).toContain('hook post-checkout')
    expect([existsSync(path('trapped')), existsSync(path('hooked'))]).toEqual([false, false])
  })

  it('leave the person’s filters, recorded with the project, working', async () => {
    const { board, call, repository, run } = await stageWork(
      `echo secret > a.big; git add a.big; ${COMMIT} Big`,
    )
    repository.git('config', 'filter.up.clean', 'tr a-z A-Z')
    repository.git('config', 'filter.up.smudge', 'tr A-Z a-z')
    repository.git('config', 'filter.up.required', 'true')
    await call('board.set', { slug: 'test', settings: { project_dir: repository.folder } })
    repository.commit('.gitattributes', '*.big filter=up\n')
    repository.commit('b.big', 'content\n')
    expect(repository.git('show', 'main:b.big')).toBe('CONTENT')
    const id = await run()
    const diff = await call('task.diff', { id })
    expect(diff.files.map(({ path }) => path)).toEqual(['a.big'])
    expect(diff.uncommitted).toBe(0)
    await call('task.merge', { id })
    expect(readFileSync(join(repository.folder, 'a.big'), 'utf8')).toBe('secret\n')
    expect(repository.git('show', 'main:a.big')).toBe('SECRET')
    expect(existsSync(join(board.folder, 'project-git.json'))).toBe(true)
  })
})

describe('G6: git before 2.38', () => {
  it('shows and merges work, even if both sides changed a file, and finds conflicts', async () => {
    const { call, path, refused, repository, run } = await stageWork(EDIT)
    useOldGit(path('old'))
    const id = await run()
    repository.commit('notes.txt', 'one\ntwo\nthree\nfour\nfive\nsix\n'.replace('one', 'ONE'))
    expect(await call('task.diff', { id })).toMatchObject({ files_count: 2, merge_refusal: null })
    await call('task.merge', { id })
    expect(repository.git('show', 'main:notes.txt')).toBe('ONE\ntwo\nTHREE\nfour\nfive\nsix')
    const second = await run({ title: 'Again', base_ref: 'main~1' })
    repository.git('branch', 'side', 'main')
    repository.commit('notes.txt', 'all\nelse\n')
    expect((await refused('CONFLICT', 'task.merge', { id: second, into: 'main' })).message).toContain(
      'Merge conflict with main in notes.txt',
    )
  })
})

describe('G11: a project in a subfolder of a repository', () => {
  it('starts its workers and checks in the same folder of the worktree', async () => {
    const { call, create, drain, path, profile, repository, task, text } = await stageWork('true')
    repository.commit('packages/web/readme', 'web\n')
    await call('board.set', {
      slug: 'test',
      settings: { project_dir: join(repository.folder, 'packages/web') },
    })
    await profile(
      'w',
      `pwd > '${path('cwd')}'; echo "$RUNBOARD_WORKSPACE" > '${path('workspace')}'; echo x > new`,
      {
        completion: 'exit-code',
      },
    )
    const { id } = await create({
      title: 'x',
      assignee: 'w',
      workspace: 'worktree',
      verify_command: `pwd > '${path('check')}'`,
    })
    await drain()
    const workspace = text('workspace').trim()
    expect((await task(id)).workspace_path).toBe(workspace)
    expect([text('cwd').trim(), text('check').trim()]).toEqual(
      [1, 2].map(() => join(workspace, 'packages/web')),
    )
    const diff = await call('task.diff', { id })
    expect(diff.files.map((file) => file.path)).toEqual(['packages/web/new'])
    await call('task.merge', { id })
    expect(readFileSync(join(repository.folder, 'packages/web/new'), 'utf8')).toBe('x\n')
  })
})

describe('G8: a git directory with another name', () => {
  it('works like any other', async () => {
    const { call, path, repository, run } = await stageWork(EDIT)
    repository.git('init', '-q', '--separate-git-dir', path('elsewhere.git'))
    const id = await run()
    expect(await call('task.diff', { id })).toMatchObject({
      files_count: 2,
      into: 'main',
      merge_refusal: null,
    })
    repository.write('notes.txt', 'mine\n')
    expect((await call('task.diff', { id })).merge_refusal).toContain(
      `checked out in ${repository.folder} with one`,
    )
    repository.git('checkout', '-q', 'notes.txt')
    await call('task.merge', { id })
    expect(readFileSync(join(repository.folder, 'fresh.txt'), 'utf8')).toBe('new\n')
    expect(repository.git('status', '--porcelain')).toBe('')
  })
})
