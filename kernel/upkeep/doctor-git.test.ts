import { chmodSync, existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { giveProject } from '../testing/give-project.ts'
import { cleanUp, type Setup, setup } from '../testing/setup.ts'

/** Puts a git of this version first on the PATH; null leaves a PATH without git. */
function useGit(home: string, version: string | null): void {
  const folder = join(home, 'bin')
  mkdirSync(folder)
  if (version !== null) {
    writeFileSync(join(folder, 'git'), `#!/bin/sh\necho 'git version ${version}'\n`)
    chmodSync(join(folder, 'git'), 0o755)
  }
  for (const dir of ['/bin', '/usr/bin'].filter((each) => existsSync(each)))
    for (const name of readdirSync(dir).filter((each) => each === 'sh'))
      if (!existsSync(join(folder, name))) symlinkSync(join(dir, name), join(folder, name))
  const before = process.env['PATH']
  process.env['PATH'] = folder
  cleanUp(() => {
    process.env['PATH'] = before
  })
}

async function gitCheck({ call }: Setup) {
  return (await call('doctor.run', {})).checks.find(({ name }) => name === 'git')
}

const NEEDS =
  'worktrees, diffs and merges need git 2.25, worktrees of a home that was moved need git 2.30, merges that follow renames need git 2.38'

describe('G6: doctor and git', () => {
  it('names the version that each capability needs, and that git has all of them', async () => {
    const bundle = await setup()
    useGit(bundle.home, '2.39.5 (Apple Git-154)')

    expect(await gitCheck(bundle)).toMatchObject({
      ok: true,
      sentence: `git 2.39.5 supports everything that Runboard uses: ${NEEDS}.`,
    })
  })

  it.each([
    [
      '2.34.1',
      /^git 2\.34\.1 .*it lacks: merges that follow renames \(from git 2\.38\)\. .*board test is/,
      false,
    ],
    ['2.20.1', /it lacks: worktrees, diffs and merges \(from git 2\.25\), /, false],
    [null, /^git is not installed, or not on the PATH, and the project of board test is/, false],
  ])('warns of git %s if a board has a git project', async (version, sentence, ok) => {
    const bundle = await setup()
    await giveProject(bundle)
    useGit(bundle.home, version)

    expect(await gitCheck(bundle)).toMatchObject({ ok, sentence: expect.stringMatching(sentence) })
  })

  it.each([
    ['2.34.1', /No board has a git project\.$/],
    [null, /^git is not installed, and no board needs it/],
  ])('accepts git %s if no board has one', async (version, sentence) => {
    const bundle = await setup()
    useGit(bundle.home, version)

    expect(await gitCheck(bundle)).toMatchObject({ ok: true, sentence: expect.stringMatching(sentence) })
  })
})
