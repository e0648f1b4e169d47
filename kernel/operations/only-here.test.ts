import { existsSync, mkdirSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeRepository, type Repository } from '../testing/repository.ts'
import { startProgram } from '../testing/processes.ts'
import { addSubmodules, initSubmodules, submoduleAt } from '../testing/submodules.ts'
import { worktreeStage, type WorktreeStage } from '../testing/worktree-task.ts'

const DAY_MS = 86_400_000

/** Approves and merges the task, then runs a garbage collection when it is due. */
async function collect({ call, clock, repository }: WorktreeStage, id: string, branch: string) {
  repository.git('merge', '-q', '--no-edit', branch)
  await call('task.approve', { id })
  clock.advance(8 * DAY_MS)
  const { workspaces } = await call('gc.run', {})
  return workspaces.find((one) => one.task_id === id)
}

describe('G3: a worktree with work that exists nowhere else is kept', () => {
  const loses: [string, RegExp, (worktree: Repository) => void][] = [
    [
      'a commit in a submodule',
      /commit \w{9} in lib\/sub/,
      (worktree) => {
        submoduleAt(worktree, 'lib/sub').commit('fix.txt', 'fix')
        worktree.git('commit', '-qam', 'Bump')
      },
    ],
    [
      'a commit in a submodule of a submodule',
      /commit \w{9} in lib\/sub\/modules\/deep/,
      (worktree) => submoduleAt(worktree, 'lib/sub/deep').git('commit', '-q', '--allow-empty', '-m', 'x'),
    ],
    [
      'a stash in a submodule',
      /a stash in lib\/sub/,
      (worktree) => {
        const sub = submoduleAt(worktree, 'lib/sub')
        sub.write('notes.txt', 'stashed')
        sub.git('stash', '-q')
      },
    ],
    [
      'a commit of a submodule that was taken out again',
      /commit \w{9} in lib\/sub/,
      (worktree) => {
        submoduleAt(worktree, 'lib/sub').commit('fix.txt', 'fix')
        worktree.git('submodule', '--quiet', 'deinit', '--force', 'lib/sub')
      },
    ],
    [
      'a worktree inside it',
      /other worktrees in it \(\.claude\/worktrees\/agent-1\)/,
      ({ git }) => {
        git('worktree', 'add', '-q', '-b', 'agent-1', '.claude/worktrees/agent-1')
      },
    ],
    [
      'a rebase half done',
      /in the middle of a rebase/,
      ({ commit, git }) => {
        commit('a.txt', 'a')
        commit('b.txt', 'b')
        git('-c', 'sequence.editor=sed -i 1s/pick/edit/', 'rebase', '-q', '-i', 'HEAD~2')
      },
    ],
  ]

  it.each(loses)('discard refuses %s and changes nothing', async (_what, words, work) => {
    const stage = await worktreeStage()
    addSubmodules(stage.repository)
    const worktree = await stage.inReview((made) => {
      initSubmodules(made)
      work(made)
    })
    const error = await stage.refused('CONFLICT', 'task.discard', { id: worktree.id })
    expect(error.message).toMatch(words)
    expect(existsSync(worktree.folder)).toBe(true)
  })

  it('gc keeps a merged worktree with a submodule commit, and removes it once that is pushed', async () => {
    const stage = await worktreeStage()
    addSubmodules(stage.repository)
    const { id, branch, folder, ...worktree } = await stage.inReview((made) => {
      initSubmodules(made)
      const sub = submoduleAt(made, 'lib/sub')
      sub.git('checkout', '-q', '-b', 'work')
      sub.commit('fix.txt', 'fix')
      made.git('commit', '-qam', 'Bump')
    })
    const kept = await collect(stage, id, branch)
    expect(kept).toMatchObject({ moved_to: null, kept: expect.stringMatching(/commit \w{9} in lib\/sub/) })

    submoduleAt({ folder, ...worktree }, 'lib/sub').git('push', '-q', 'origin', 'work')
    const [moved] = (await stage.call('gc.run', {})).workspaces
    expect(moved).toMatchObject({ kept: null })
    expect(existsSync(folder)).toBe(false)
  })

  it('gc keeps an ignored repository with commits of its own', async () => {
    const stage = await worktreeStage()
    const { id, branch } = await stage.inReview(({ commit, folder }) => {
      commit('.gitignore', 'tool/\n')
      makeRepository(join(folder, 'tool'))
    })
    const kept = await collect(stage, id, branch)
    expect(kept?.kept).toMatch(/repositories of their own in it with work that is not pushed \(tool\)/)
  })

  it('commits only in its reflog, and staged changes, get a ref before it is removed', async () => {
    const { call, inReview, repository } = await worktreeStage()
    let amended = ''
    const { id } = await inReview(({ commit, git, write }) => {
      commit('work.txt', 'first try\n')
      amended = git('rev-parse', 'HEAD')
      write('work.txt', 'second try\n')
      git('commit', '-q', '--all', '--amend', '-m', 'Again')
      write('notes.txt', 'staged\n')
      git('add', 'notes.txt')
      write('notes.txt', 'and changed\n')
    })
    await call('task.discard', { id })
    const [ref = ''] = repository.git('for-each-ref', '--format=%(refname)', 'refs/runboard').split('\n')
    expect(repository.git('merge-base', '--is-ancestor', amended, ref)).toBe('')
    expect(repository.git('show', `${ref}:notes.txt`)).toBe('staged')
    repository.git('gc', '-q', '--prune=now')
    expect(repository.git('show', `${amended}:work.txt`)).toBe('first try')
  })
})

describe('X17: a folder that something else uses is kept', () => {
  const users: [string, RegExp, (stage: WorktreeStage, folder: string) => Promise<unknown>][] = [
    [
      'an open task in a subfolder',
      /task t_\w+ is open and works in it/,
      async ({ create }, folder) => {
        mkdirSync(join(folder, 'docs'))
        await create({ workspace: `dir:${join(folder, 'docs')}` })
      },
    ],
    [
      'an open task through a link',
      /task t_\w+ is open and works in it/,
      async ({ create, home }, folder) => {
        symlinkSync(folder, join(home, 'link'))
        await create({ workspace: `dir:${join(home, 'link', 'not-there-yet')}` })
      },
    ],
    [
      'an open task of another board',
      /task t_\w+ of the board other is open and works in it/,
      async ({ call, on }, folder) => {
        await call('board.create', { slug: 'other' })
        await on('other').create({ workspace: `dir:${folder}` })
      },
    ],
    [
      'the project of another board',
      /the project folder of the board other/,
      async ({ call }, folder) => {
        await call('board.create', { slug: 'other', project_dir: folder })
      },
    ],
    [
      'a process',
      /\(pid \d+\) runs in it/,
      (_stage, folder) => Promise.resolve(startProgram('idle.ts', [], folder)),
    ],
  ]

  it.each(users)('discard and gc leave it to %s', async (_who, words, use) => {
    const stage = await worktreeStage()
    const worktree = await stage.inReview(({ commit }) => commit('.gitignore', 'docs/\n'))
    await use(stage, worktree.folder)
    const error = await stage.refused('CONFLICT', 'task.discard', { id: worktree.id })
    expect(error.message).toMatch(words)
    const kept = await collect(stage, worktree.id, worktree.branch)
    expect(kept).toMatchObject({ moved_to: null, kept: expect.stringMatching(words) })
    expect(existsSync(worktree.folder)).toBe(true)
  })
})
