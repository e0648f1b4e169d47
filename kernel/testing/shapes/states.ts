import { chownSync, lstatSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setEnvironment } from '../environment.ts'
import { asConfig, HOSTILE } from '../hostile-config.ts'
import { useOldGit } from '../old-git.ts'
import { repositoryAt, type Repository } from '../repository.ts'
import { checkedOut, plain, type Shape, type ShapedProject } from './shape.ts'

const isRoot = process.getuid?.() === 0

/** Repositories in the middle of an operation, and those that git or their configuration makes hard to work in. */
export const STATES: Shape[] = [
  {
    name: 'without a commit',
    build: (folder) => {
      mkdirSync(folder)
      const project = repositoryAt(folder)
      project.git('init', '-q', '-b', 'main')
      return checkedOut(project)
    },
    refused: {
      at: 'creation',
      words: /has no commit yet, so there is nothing to work from/,
      mend: ({ folder }) => repositoryAt(folder).commit('notes.txt', 'one\ntwo\nthree\nfour\nfive\n'),
    },
  },
  {
    name: 'on a detached HEAD',
    into: 'main',
    build: (folder) => {
      const project = plain(folder)
      project.git('checkout', '-q', '--detach')
      return { folder, checkout: null }
    },
    refused: { at: 'merge', words: /Choose a branch \(commit \w{9} is part of main\)/ },
  },
  {
    name: 'in the middle of a merge with conflicts',
    build: withSide,
    mergeOnly: true,
    disturb: (project) => quietly(project, 'merge', 'side'),
    refused: {
      at: 'merge',
      words: /in the middle of a merge/,
      mend: ({ folder }) => void repositoryAt(folder).git('merge', '--abort'),
    },
  },
  {
    name: 'in the middle of a merge with nothing left to do',
    build: withSide,
    mergeOnly: true,
    disturb: ({ folder }) =>
      void repositoryAt(folder).git('merge', '-q', '--no-commit', '-s', 'ours', 'side'),
    refused: {
      at: 'merge',
      words: /in the middle of a merge/,
      mend: ({ folder }) => void repositoryAt(folder).git('commit', '-qm', 'Merge side'),
    },
  },
  {
    name: 'in the middle of a cherry-pick',
    build: withSide,
    mergeOnly: true,
    disturb: (project) => quietly(project, 'cherry-pick', 'side'),
    refused: {
      at: 'merge',
      words: /in the middle of a cherry-pick/,
      mend: ({ folder }) => void repositoryAt(folder).git('cherry-pick', '--abort'),
    },
  },
  {
    name: 'in the middle of a rebase',
    build: withSide,
    mergeOnly: true,
    disturb: (project) => quietly(project, 'rebase', 'side'),
    refused: {
      at: 'merge',
      words: /main is being rebased/,
      mend: ({ folder }) => void repositoryAt(folder).git('rebase', '--abort'),
    },
  },
  {
    name: 'in the middle of applying a patch',
    build: withSide,
    mergeOnly: true,
    disturb: ({ folder }) => {
      const project = repositoryAt(folder)
      writeFileSync(`${folder}.patch`, project.git('format-patch', '-1', '--stdout', 'side'))
      quietly({ folder }, 'am', '-q', `${folder}.patch`)
    },
    refused: {
      at: 'merge',
      words: /in the middle of applying patches/,
      mend: ({ folder }) => void repositoryAt(folder).git('am', '--abort'),
    },
  },
  {
    name: 'in the middle of a bisect',
    build: withSide,
    mergeOnly: true,
    disturb: ({ folder }) => void repositoryAt(folder).git('bisect', 'start', 'HEAD', 'HEAD~1'),
    refused: {
      at: 'merge',
      words: /bisect/,
      mend: ({ folder }) => void repositoryAt(folder).git('bisect', 'reset'),
    },
  },
  {
    name: 'with changes of the person’s',
    build: (folder) => checkedOut(plain(folder)),
    mergeOnly: true,
    disturb: ({ folder }) => repositoryAt(folder).write('notes.txt', 'mine\n'),
    refused: {
      at: 'merge',
      words: /with one changed file/,
      mend: ({ folder }) => void repositoryAt(folder).git('stash', '-q'),
    },
  },
  {
    name: 'of another owner',
    skip: isRoot ? null : 'only root can give a folder to another user',
    build: (folder) => {
      writeFileSync(`${folder}-gitconfig`, '')
      setEnvironment('GIT_CONFIG_GLOBAL', `${folder}-gitconfig`)
      plain(folder)
      giveAway(folder)
      return { folder, checkout: folder }
    },
    refused: {
      at: 'project',
      words: /dubious ownership.*git config --global --add safe\.directory/s,
      mend: ({ folder }) => writeFileSync(`${folder}-gitconfig`, `[safe]\n\tdirectory = ${folder}\n`),
    },
  },
  {
    name: 'with a mistake in the person’s configuration',
    build: (folder) => {
      const project = plain(folder)
      writeFileSync(`${folder}-gitconfig`, '[user\n\tname = Pat\n')
      setEnvironment('GIT_CONFIG_GLOBAL', `${folder}-gitconfig`)
      return checkedOut(project)
    },
    refused: {
      at: 'project',
      words: /bad config line 1 in file .*-gitconfig/,
      mend: ({ folder }) => writeFileSync(`${folder}-gitconfig`, '[user]\n\tname = Pat\n'),
    },
  },
  {
    name: 'with a hostile configuration of the person’s',
    build: (folder) => {
      writeFileSync(`${folder}-gitconfig`, asConfig(ODD))
      setEnvironment('GIT_CONFIG_GLOBAL', `${folder}-gitconfig`)
      return checkedOut(plain(folder))
    },
  },
  {
    name: 'with a hostile configuration',
    build: (folder) => {
      const project = plain(folder)
      writeFileSync(join(folder, '.git/config'), asConfig(ODD), { flag: 'a' })
      return checkedOut(project)
    },
  },
  {
    name: 'under a git from 2020',
    build: (folder) => {
      const project = plain(folder)
      useOldGit(`${folder}-git`)
      return checkedOut(project)
    },
  },
]

/** Without the key that breaks every git, even the worker's. */
const { 'diff.orderFile': _order, ...ODD } = HOSTILE

/** Two commits on `main`, and a branch `side` that conflicts with them. */
function withSide(folder: string): ShapedProject {
  const project = plain(folder)
  project.git('checkout', '-q', '-b', 'side')
  project.commit('other.txt', 'side\n')
  project.git('checkout', '-q', 'main')
  project.commit('other.txt', 'main\n')
  return checkedOut(project)
}

/** For commands that stop at a conflict, which git reports as a failure. */
function quietly({ folder }: Pick<ShapedProject, 'folder'>, ...args: string[]): void {
  const { git }: Repository = repositoryAt(folder)
  try {
    git(...args)
  } catch {
    return
  }
  throw new Error(`git ${args.join(' ')} did not stop.`)
}

/** Gives a folder with all its content to a nonexistent user. For root only. */
export function giveAway(path: string): void {
  chownSync(path, 12_345, 12_345)
  if (lstatSync(path).isDirectory()) for (const name of readdirSync(path)) giveAway(join(path, name))
}
