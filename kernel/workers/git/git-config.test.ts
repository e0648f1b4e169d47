import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { asConfig, HOSTILE } from '../../testing/hostile-config.ts'
import { git } from './git.ts'
import { commit, gitSync, repository } from '../../testing/worker-workspace.ts'

const READS = [
  ['diff', '--patch', '--find-renames', 'HEAD~1', '--'],
  ['diff', '--numstat', '-z', 'HEAD~1', '--'],
  ['status', '--porcelain=v1', '-z', '--untracked-files=all'],
  ['log', '-z', '--format=%H%x1f%an%x1f%at%x1f%s', 'HEAD'],
  ['ls-files', '-z'],
  ['for-each-ref', '--format=%(refname)'],
]

/** A repository with a rename, blank context lines, names that git would quote, and uncommitted files. */
function workedOn() {
  const made = repository()
  const { project } = made
  commit(project, '.gitattributes', '*.txt diff=x filter=x\n')
  commit(project, 'ünd.txt', 'one\n\ntwo\n\nthree\n\nfour\n')
  gitSync(project, 'mv', 'readme', 'moved')
  commit(project, 'ünd.txt', 'one\n\nTWO\n\nthree\n\nfour\n')
  writeFileSync(join(project, 'new file'), 'x\n')
  writeFileSync(join(project, 'ünd.txt'), 'ONE\n\nTWO\n\nthree\n\nfour\nmore\n')
  return made
}

describe('G9, X24: the output of git', () => {
  it.each(['in the repository', 'of the person'])(
    'does not depend on any key %s',
    { timeout: 60_000 },
    async (where) => {
      const { path, project } = workedOn()
      const read = async () => {
        const printed: string[] = []
        for (const args of READS) printed.push(await git(project, args))
        return printed
      }
      const before = await read()
      const config = asConfig(HOSTILE)
      if (where === 'of the person') {
        writeFileSync(path('gitconfig'), config)
        process.env['GIT_CONFIG_GLOBAL'] = path('gitconfig')
        onTestFinished(() => {
          delete process.env['GIT_CONFIG_GLOBAL']
        })
      } else writeFileSync(join(project, '.git/config'), config, { flag: 'a' })
      expect(await read()).toEqual(before)
      expect(before[0]).toContain('diff --git a/')
      expect(before[0]).toContain('\n \n')
    },
  )
})
