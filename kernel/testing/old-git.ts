import { existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setEnvironment } from './environment.ts'

/** What git has gained since 2.25, as far as Runboard could use it: subcommands as `command subcommand`. */
const NEWER = [
  ...['--write-tree', '--no-messages', '--name-only-tree', '--end-of-options', '--no-relative'],
  ...['--path-format=*', '--diff-merges=*', '--show-object-format', '--object-format*', '--sparse'],
  ...['--orphan', '--initial-branch=*', '--format=*objectmode*', '--exclude-hidden=*', '--merge-base=*'],
]

/**
 * Puts a git on the PATH, until the test is over, that refuses features newer than 2.25. @param folder to keep it in
 */
export function useOldGit(folder: string): void {
  const path = process.env['PATH'] ?? ''
  const real = path
    .split(':')
    .map((directory) => join(directory, 'git'))
    .find((file) => existsSync(file))
  if (real === undefined) throw new Error('There is no git on the PATH.')
  mkdirSync(folder)
  writeFileSync(
    join(folder, 'git'),
    `#!/bin/sh
for arg; do case "$arg" in
  ${NEWER.join('|')}) echo "usage: git <command> [<args>]" >&2; exit 129;;
  repair) echo "usage: git worktree add" >&2; exit 129;;
esac; done
exec '${real}' "$@"
`,
    { mode: 0o755 },
  )
  setEnvironment('PATH', `${folder}:${path}`)
}
