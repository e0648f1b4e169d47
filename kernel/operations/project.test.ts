import { mkdirSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { openKernel } from '../kernel.ts'
import { makeRepository } from '../testing/repository.ts'
import { cleanUp, temporaryFolder } from '../testing/setup.ts'

const anyone = { actor: 'ada', trigger: 'cli' } as const

function emptyHome() {
  const home = realpathSync(temporaryFolder())
  const kernel = openKernel({ home, env: process.env, clock: () => 1000, checkOutputs: true })
  cleanUp(() => kernel.close())
  const folder = join(home, 'project')
  mkdirSync(folder)
  const look = async (path: string) => (await kernel.call('project.look', { path }, anyone)).project
  const files = async (q: string, limit = 20) =>
    (await kernel.call('project.files', { board: 'work', q, limit }, anyone)).files
  const makeBoard = (project_dir: string) =>
    kernel.call('board.create', { slug: 'work', project_dir }, anyone)
  return { kernel, folder, look, files, makeBoard }
}

describe('a folder that may become a project', () => {
  it('is described with its branch, the workspace of its tasks, and its boards', async () => {
    const { folder, look, makeBoard } = emptyHome()
    const repository = makeRepository(folder)
    const facts = { path: folder, problem: null, branch: 'main', workspace: 'worktree' }
    expect(await look(folder)).toEqual({ ...facts, boards: [] })
    await makeBoard(folder)
    repository.git('checkout', '-q', '--detach')
    expect(await look(`  ${folder}/ `)).toEqual({ ...facts, branch: null, boards: ['work'] })
  })

  it('without a commit, or without git, gives its tasks an empty folder', async () => {
    const { folder, look } = emptyHome()
    expect(await look(folder)).toMatchObject({ problem: null, branch: null, workspace: 'scratch' })
    makeRepository(folder).git('update-ref', '-d', 'HEAD')
    expect(await look(folder)).toMatchObject({ problem: null, branch: 'main', workspace: 'scratch' })
  })

  it('says what is wrong with a path', async () => {
    const { folder, look } = emptyHome()
    writeFileSync(join(folder, 'file'), '')
    expect((await look('code')).problem).toBe('project_dir must be an absolute path; “code” is not.')
    expect((await look(join(folder, 'file'))).problem).toMatch(/ is not a folder\.$/)
    expect((await look('~/no-such-folder')).problem).toContain(join(homedir(), 'no-such-folder'))
  })
})

describe('files of a project', () => {
  it('are found by letters in their order: names first, then paths, then scattered letters', async () => {
    const { folder, files, makeBoard } = emptyHome()
    const { commit, write } = makeRepository(folder)
    commit('src/parse.ts', '')
    commit('parse/readme.md', '')
    commit('docs/p-a-r-s-e.txt', '')
    write('src/new parse.ts', 'not committed')
    write('.gitignore', 'out\n')
    write('out/parse.js', 'built')
    await makeBoard(folder)
    expect(await files('PARSE')).toEqual([
      'src/parse.ts',
      'src/new parse.ts',
      'parse/readme.md',
      'docs/p-a-r-s-e.txt',
    ])
    expect(await files('parse', 2)).toHaveLength(2)
    expect(await files('')).toContain('notes.txt')
    expect(await files('zzz')).toEqual([])
  })

  it('are found without git too, but not in hidden folders, in package folders, or behind links', async () => {
    const { folder, files, makeBoard } = emptyHome()
    for (const name of ['a/b', '.hidden', 'node_modules']) mkdirSync(join(folder, name), { recursive: true })
    for (const name of ['a/b/note.md', '.hidden/note.md', 'node_modules/note.md'])
      writeFileSync(join(folder, name), '')
    symlinkSync('/', join(folder, 'root'))
    await makeBoard(folder)
    expect(await files('note')).toEqual(['a/b/note.md'])
    rmSync(folder, { recursive: true })
    await expect(files('note')).rejects.toThrow(/The project folder .* does not exist/)
  })

  it('come from at most 20,000 files and folders', async () => {
    const { folder, files, makeBoard } = emptyHome()
    for (let n = 0; n < 20_000; n++) mkdirSync(join(folder, 'many', `d${n}`), { recursive: true })
    for (let n = 0; n < 20_000; n += 1000) writeFileSync(join(folder, 'many', `d${n}`, 'note.md'), '')
    writeFileSync(join(folder, 'note.md'), '')
    await makeBoard(folder)
    expect(await files('note')).toEqual(['note.md'])
  })

  it('are refused with the message of git when it cannot list them', async () => {
    const { folder, files, makeBoard } = emptyHome()
    makeRepository(folder)
    await makeBoard(folder)
    writeFileSync(join(folder, '.git', 'index'), 'not an index')
    await expect(files('note')).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('git'),
    })
  })

  it('are empty on a board without a project', async () => {
    const { kernel, files } = emptyHome()
    await kernel.call('board.create', { slug: 'work' }, anyone)
    expect(await files('note')).toEqual([])
  })
})

it('reads ~ in a path as the home folder of the user', async () => {
  const { kernel, folder } = emptyHome()
  const fromHome = `~/${relative(homedir(), folder)}`
  const { board } = await kernel.call('board.create', { slug: 'work', project_dir: fromHome }, anyone)
  expect(board.project_dir).toBe(folder)
  const workspace = `dir:${fromHome}`
  const { task } = await kernel.call('task.create', { board: 'work', title: 'Here', workspace }, anyone)
  expect(task.workspace_path).toBe(folder)
})
