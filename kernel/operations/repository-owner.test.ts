import { chownSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { setEnvironment } from '../testing/environment.ts'
import { makeRepository } from '../testing/repository.ts'
import { setup, temporaryFolder } from '../testing/setup.ts'
import { giveAway } from '../testing/shapes/states.ts'
import { EDIT, stageWork, type WorkStage } from '../testing/work-stage.ts'

const isRoot = process.getuid?.() === 0

/** Two ways in which git refuses a repository that was fine when the board got it. */
const WAYS: [string, boolean, RegExp, (stage: WorkStage, config: string) => void][] = [
  [
    `that belongs to another user${isRoot ? '' : ' (only root can give a folder away)'}`,
    isRoot,
    /detected dubious ownership.* If you trust it: git config --global --add safe\.directory /,
    ({ repository }) => giveAway(repository.folder),
  ],
  [
    'under a configuration of the person’s with a mistake',
    true,
    /bad config line 2 in file .*gitconfig/,
    (_stage, config) => writeFileSync(config, '[user]\n\tname = "Pat\n'),
  ],
]

/** A board on a good repository that later becomes unusable. */
async function stageBroken(spoil: (stage: WorkStage, config: string) => void): Promise<WorkStage> {
  const stage = await stageWork(EDIT)
  const config = stage.path('gitconfig')
  writeFileSync(config, '')
  setEnvironment('GIT_CONFIG_GLOBAL', config)
  spoil(stage, config)
  return stage
}

describe('G7: a repository', () => {
  describe.each(WAYS)('%s', (_name, isPossible, words, spoil) => {
    it.skipIf(!isPossible)('is refused in git’s own words when a task is created', async () => {
      const { create, refused, task } = await stageBroken(spoil)
      const title = 'New'
      const asked = await refused('CONFLICT', 'task.create', { title, workspace: 'worktree' })
      expect(asked.message).toMatch(words)
      const byDefault = await refused('INVALID_INPUT', 'task.create', { title })
      expect(byDefault.message).toMatch(words)
      const scratch = await create({ workspace: 'scratch' })
      expect((await task(scratch.id)).status).toBe('ready')
    })

    it.skipIf(!isPossible)('blocks a task at its first start, in git’s own words', async () => {
      const stage = await stageWork(EDIT)
      const { create, drain, runs, task } = stage
      const { id } = await create({ assignee: 'author', workspace: 'worktree', max_retries: 3 })
      writeFileSync(stage.path('gitconfig'), '')
      setEnvironment('GIT_CONFIG_GLOBAL', stage.path('gitconfig'))
      spoil(stage, stage.path('gitconfig'))
      await drain()
      expect((await task(id)).status).toBe('blocked')
      const attempts = await runs(id)
      expect(attempts).toHaveLength(1)
      expect(attempts[0]?.error).toMatch(words)
    })
  })

  it.skipIf(!isRoot)(
    'with a worktree that a worker left to another user: reports git’s words and loses nothing',
    async () => {
      const { call, path, refused, repository, run } = await stageWork(EDIT)
      const id = await run()
      const { worktree } = await call('task.diff', { id })
      chownSync(worktree!, 12_345, 12_345)
      chownSync(join(worktree!, '.git'), 12_345, 12_345)
      for (const name of ['task.diff', 'task.merge', 'task.discard'] as const) {
        const { message } = await refused('CONFLICT', name, { id })
        expect(message).toMatch(/detected dubious ownership in repository at .* safe\.directory /)
      }
      expect(readFileSync(join(worktree!, 'fresh.txt'), 'utf8')).toBe('new\n')
      writeFileSync(path('gitconfig'), `[safe]\n\tdirectory = ${worktree!}\n`)
      setEnvironment('GIT_CONFIG_GLOBAL', path('gitconfig'))
      await call('task.merge', { id })
      expect(repository.git('show', 'main:fresh.txt')).toBe('new')
    },
  )
})

describe('G7: where no git is installed', () => {
  async function withoutGit() {
    const bundle = await setup()
    const home = temporaryFolder()
    const [repository, plain] = [join(home, 'repository'), join(home, 'plain')]
    makeRepository(repository)
    mkdirSync(join(repository, 'inside'))
    mkdirSync(plain)
    const empty = join(home, 'bin')
    mkdirSync(empty)
    setEnvironment('PATH', empty)
    return { ...bundle, repository, plain }
  }

  it.each(['', 'inside'])('a repository is refused as the project of a board: %j', async (below) => {
    const { refused, repository } = await withoutGit()
    const project_dir = join(repository, below)
    const error = await refused('INVALID_INPUT', 'board.create', { slug: 'b', project_dir })
    expect(error.message).toBe(
      `${repository} holds a git repository, but git is not installed, or not on the PATH.`,
    )
  })

  it('a folder without a repository is a project as any other', async () => {
    const { call, kernel, person, plain } = await withoutGit()
    await kernel.call('board.create', { slug: 'b', project_dir: plain }, person)
    const { boards } = await call('board.list', {})
    expect(boards.find(({ slug }) => slug === 'b')).toMatchObject({ project_dir: plain })
  })
})
