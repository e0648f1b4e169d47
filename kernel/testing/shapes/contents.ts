import { rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setEnvironment } from '../environment.ts'
import { makeRepository, type Repository } from '../repository.ts'
import { checkedOut, plain, type Shape } from './shape.ts'

const ODD_NAMES = [
  'with space.txt',
  ' leading space',
  'trailing space ',
  'new\nline.txt',
  'tab\there.txt',
  '"quoted".txt',
  "it's.txt",
  'back\\slash.txt',
  '-rf.txt',
  '--help',
  ':(top)magic',
  '*glob?[a].txt',
  'a -> b.txt',
  'case.txt',
  'CASE.txt',
  'caf\u00e9.txt',
  'cafe\u0301.txt',
  '\u{1F600}.txt',
  `${'long-'.repeat(49)}.txt`,
  Array.from({ length: 8 }, () => 'deep-'.repeat(30)).join('/'),
]

/** Repositories with files that are not plain text, have unusual names, or are not tracked. */
export const CONTENTS: Shape[] = [
  {
    name: 'with odd file names',
    build: (folder) => checkedOut(plain(folder)),
    work: (worktree) => {
      for (const name of ODD_NAMES) worktree.write(name, `${name}\n`)
      rmSync(join(worktree.folder, 'dangling link'), { force: true })
      symlinkSync('/nowhere', join(worktree.folder, 'dangling link'))
      worktree.git('add', '--all')
      for (const name of ODD_NAMES) worktree.write(`left ${name}`, `${name}\n`)
    },
    paths: {
      ...Object.fromEntries(ODD_NAMES.map((name) => [name, 'committed' as const])),
      'dangling link': 'committed',
      ...Object.fromEntries(ODD_NAMES.map((name) => [`left ${name}`, 'left' as const])),
    },
  },
  {
    name: 'with file names that are not UTF-8',
    build: (folder) => checkedOut(plain(folder)),
    work: (worktree) => {
      const write = (name: string) =>
        writeFileSync(Buffer.concat([Buffer.from(`${worktree.folder}/`), Buffer.from(name, 'latin1')]), name)
      write('committed-\xe9')
      worktree.git('add', '--all')
      write('left-\xe9')
    },
    paths: { 'committed-\ufffd': 'committed', 'left-\ufffd': 'left' },
  },
  {
    name: 'with ignored and excluded files',
    build: (folder) => {
      const project = plain(folder)
      project.commit('.gitignore', 'ignored/\n')
      project.write('.git/info/exclude', 'excluded.txt\n')
      addLocal(project)
      return checkedOut(project)
    },
    work: addLocal,
  },
  {
    name: 'with a repository inside that is ignored',
    build: (folder) => {
      const project = plain(folder)
      project.commit('.gitignore', 'tool/\n')
      makeRepository(join(folder, 'tool'))
      return checkedOut(project)
    },
    work: ({ folder }) => void makeRepository(join(folder, 'tool')),
    kept: /repositories of their own in it with work that is not pushed \(tool\)/,
  },
  {
    name: 'with a repository inside that nobody added',
    build: (folder) => {
      const project = plain(folder)
      makeRepository(join(folder, 'tool'))
      return checkedOut(project)
    },
  },
  {
    name: 'with a filter of the person’s that is required',
    build: (folder) => {
      writeFileSync(`${folder}-gitconfig`, FILTER)
      setEnvironment('GIT_CONFIG_GLOBAL', `${folder}-gitconfig`)
      return filtered(plain(folder))
    },
    work: writeFiltered,
    paths: { 'b.big': 'committed', 'c.big': 'left' },
  },
  {
    name: 'with a filter of the repository’s that is required',
    build: (folder) => {
      const project = plain(folder)
      writeFileSync(join(folder, '.git/config'), FILTER, { flag: 'a' })
      return filtered(project)
    },
    work: writeFiltered,
    paths: { 'b.big': 'committed', 'c.big': 'left' },
  },
  {
    name: 'with CRLF line ends in the checkout (core.autocrlf)',
    build: (folder) => {
      const project = plain(folder)
      project.git('config', 'core.autocrlf', 'true')
      return checkedOutAgain(project)
    },
  },
  {
    name: 'with CRLF line ends in the checkout (.gitattributes)',
    build: (folder) => {
      const project = plain(folder)
      project.commit('.gitattributes', '*.txt text eol=crlf\n')
      return checkedOutAgain(project)
    },
  },
]

const FILTER = '[filter "up"]\n\tclean = tr a-z A-Z\n\tsmudge = tr A-Z a-z\n\trequired = true\n'

function filtered(project: Repository) {
  project.write('.gitattributes', '*.big filter=up\n')
  project.commit('a.big', 'content\n')
  return checkedOut(project)
}

function writeFiltered(worktree: Repository): void {
  worktree.write('b.big', 'more\n')
  worktree.git('add', '--all')
  worktree.write('c.big', 'left\n')
}

function addLocal({ write }: Repository): void {
  write('ignored/local.txt', 'local\n')
  write('excluded.txt', 'local\n')
}

/** Checks the files out again, under the current rules. */
function checkedOutAgain(project: Repository) {
  project.git('rm', '-q', '--cached', 'notes.txt')
  project.git('reset', '-q', '--hard')
  return checkedOut(project)
}
