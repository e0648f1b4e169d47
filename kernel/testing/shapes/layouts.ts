import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { repositoryAt } from '../repository.ts'
import { addSubmodules, initSubmodules, submoduleAt } from '../submodules.ts'
import { checkedOut, plain, type Shape } from './shape.ts'

/** Repositories whose git directory, working tree or history is in an unusual place, or incomplete. */
export const LAYOUTS: Shape[] = [
  { name: 'plain', build: (folder) => checkedOut(plain(folder)) },
  {
    name: 'behind a symbolic link',
    build: (folder) => {
      plain(`${folder}-real`)
      symlinkSync(`${folder}-real`, folder)
      return { folder, checkout: folder }
    },
  },
  {
    name: 'with its git directory elsewhere',
    build: (folder) => {
      const project = plain(folder)
      project.git('init', '-q', '--separate-git-dir', `${folder}-git`)
      return checkedOut(project)
    },
  },
  {
    name: 'a linked worktree on a branch of its own',
    branch: 'dev',
    build: (folder) => {
      plain(`${folder}-main`).git('worktree', 'add', '-q', '-b', 'dev', folder)
      return { folder, checkout: folder }
    },
  },
  {
    name: 'a worktree of a bare repository',
    build: (folder) => {
      plain(`${folder}-origin`).git('clone', '-q', '--bare', '.', `${folder}.git`)
      repositoryAt(`${folder}.git`).git('worktree', 'add', '-q', folder, 'main')
      return { folder, checkout: folder }
    },
  },
  {
    name: 'a bare repository',
    build: (folder) => {
      plain(`${folder}-origin`).git('clone', '-q', '--bare', '.', folder)
      return { folder, checkout: null }
    },
  },
  {
    name: 'a folder around a bare repository and its worktrees',
    build: (folder) => {
      mkdirSync(folder)
      plain(`${folder}-origin`).git('clone', '-q', '--bare', '.', join(folder, '.bare'))
      writeFileSync(join(folder, '.git'), 'gitdir: ./.bare\n')
      repositoryAt(folder).git('worktree', 'add', '-q', 'main', 'main')
      return { folder, checkout: join(folder, 'main') }
    },
  },
  {
    name: 'a folder of a monorepo',
    prefix: 'packages/one/',
    build: (folder) => {
      const root = plain(folder)
      root.git('rm', '-q', 'notes.txt')
      root.commit('packages/one/notes.txt', 'one\ntwo\nthree\nfour\nfive\n')
      return { folder: join(folder, 'packages/one'), checkout: folder }
    },
  },
  sparse('cone', ['src']),
  sparse('no-cone', ['/*', '!/docs/']),
  {
    name: 'a shallow clone',
    build: (folder) => {
      const origin = plain(`${folder}-origin`)
      origin.commit('later.txt', 'later\n')
      origin.git('clone', '-q', '--depth', '1', `file://${origin.folder}`, folder)
      return checkedOut(repositoryAt(folder))
    },
  },
  {
    name: 'with SHA-256 object names',
    build: (folder) => {
      mkdirSync(folder)
      const project = repositoryAt(folder)
      project.git('init', '-q', '-b', 'main', '--object-format=sha256')
      project.commit('notes.txt', 'one\ntwo\nthree\nfour\nfive\n')
      return checkedOut(project)
    },
  },
  {
    name: 'with submodules that nobody touches',
    build: submodules,
  },
  {
    name: 'with a submodule that the work moves',
    build: submodules,
    work: (worktree) => {
      initSubmodules(worktree)
      submoduleAt(worktree, 'lib/sub').commit('fix.txt', 'fix')
      worktree.git('add', 'lib/sub')
    },
    paths: { 'lib/sub': 'committed' },
    kept: /commit \w{9} in lib\/sub/,
  },
  {
    name: 'with a submodule of a submodule that the work moves',
    build: submodules,
    work: (worktree) => {
      initSubmodules(worktree)
      submoduleAt(worktree, 'lib/sub/deep').commit('fix.txt', 'fix')
      submoduleAt(worktree, 'lib/sub').git('commit', '-qam', 'Bump')
      worktree.git('add', 'lib/sub')
    },
    paths: { 'lib/sub': 'committed' },
    kept: /commit \w{9} in lib\/sub/,
  },
]

function submodules(folder: string) {
  const project = plain(folder)
  addSubmodules(project)
  return checkedOut(project)
}

/** The worker writes outside the sparse checkout, as one does that creates a new folder. */
function sparse(kind: 'cone' | 'no-cone', patterns: string[]): Shape {
  return {
    name: `a sparse checkout (${kind})`,
    build: (folder) => {
      const project = plain(folder)
      project.write('src/a.txt', 'a\n')
      project.commit('docs/b.txt', 'b\n')
      project.git('sparse-checkout', 'set', `--${kind}`, ...patterns)
      return checkedOut(project)
    },
    work: ({ write }) => {
      write('src/a.txt', 'A\n')
      write('docs/new.txt', 'new\n')
    },
    paths: { 'src/a.txt': 'left', 'docs/new.txt': 'left' },
  }
}
