import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { git } from './git.ts'
import { commit, gitSync, repository } from './test-workspace.ts'

/** Keys of which each would change what a plain git prints, or make it run a program. */
const HOSTILE: Record<string, string> = {
  'diff.suppressBlankEmpty': 'true',
  'diff.noprefix': 'true',
  'diff.mnemonicPrefix': 'true',
  'diff.external': 'false',
  'diff.renames': 'false',
  'diff.algorithm': 'patience',
  'diff.context': '0',
  'diff.interHunkContext': '50',
  'diff.orderFile': '/nowhere/order',
  'diff.relative': 'true',
  'diff.ignoreSubmodules': 'all',
  'diff.submodule': 'log',
  'diff.colorMoved': 'zebra',
  'diff.wsErrorHighlight': 'all',
  'color.ui': 'always',
  'color.diff': 'always',
  'color.status': 'always',
  'core.quotePath': 'true',
  'core.abbrev': '40',
  'core.pager': 'false',
  'core.fsmonitor': 'false-monitor',
  'log.showSignature': 'true',
  'log.date': 'relative',
  'log.decorate': 'full',
  'log.follow': 'true',
  'log.mailmap': 'true',
  'log.showRoot': 'false',
  'log.abbrevCommit': 'true',
  'status.short': 'true',
  'status.branch': 'true',
  'status.showStash': 'true',
  'status.relativePaths': 'false',
  'status.showUntrackedFiles': 'no',
  'status.renames': 'copies',
  'column.ui': 'always',
  'format.pretty': 'oneline',
  'i18n.logOutputEncoding': 'latin1',
  'submodule.recurse': 'true',
  'diff.x.textconv': 'false',
  'diff.x.command': 'false',
  'diff.x.binary': 'true',
  'filter.x.clean': 'false',
  'filter.x.required': 'true',
}

const READS = [
  ['diff', '--patch', '--find-renames', 'HEAD~1', '--'],
  ['diff', '--numstat', '-z', 'HEAD~1', '--'],
  ['status', '--porcelain=v1', '-z', '--untracked-files=all'],
  ['log', '-z', '--format=%H%x1f%an%x1f%at%x1f%s', 'HEAD'],
  ['ls-files', '-z'],
  ['for-each-ref', '--format=%(refname)'],
]

/** A repository with a rename, blank context lines, names that git would quote, and files that are not committed. */
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

describe('G9, X24: what git prints', () => {
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
      const config =
        Object.entries(HOSTILE)
          .map(([key, value]) => {
            const [section = '', ...rest] = key.split('.')
            const name = rest.pop() ?? ''
            const sub = rest.length > 0 ? ` "${rest.join('.')}"` : ''
            return `[${section}${sub}]\n\t${name} = ${value}`
          })
          .join('\n') + '\n'
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
