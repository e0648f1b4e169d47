import { WorkerSetupError } from '../setup-error.ts'

/**
 * What our git calls must not depend on, and what they must not run. Either could come from the configuration of the
 * person, of the repository, or of a worker that wrote into it.
 */

/** Output and behaviour that we rely on, for every command: git's defaults, whatever is configured. */
const FIXED: Record<string, string> = {
  'core.quotePath': 'false',
  'core.abbrev': 'auto',
  'core.whitespace': 'blank-at-eol,space-before-tab,blank-at-eof',
  'core.commentChar': '#',
  'core.pager': 'cat',
  'core.warnAmbiguousRefs': 'true',
  'color.ui': 'false',
  'color.branch': 'false',
  'color.diff': 'false',
  'color.interactive': 'false',
  'color.status': 'false',
  'column.ui': 'never',
  'commit.cleanup': 'whitespace',
  'commit.verbose': '0',
  'diff.algorithm': 'myers',
  'diff.autoRefreshIndex': 'true',
  'diff.colorMoved': 'no',
  'diff.colorMovedWS': 'no',
  'diff.context': '3',
  'diff.dirstat': 'changes,noncumulative,3',
  'diff.dstPrefix': 'b/',
  'diff.srcPrefix': 'a/',
  'diff.ignoreSubmodules': 'none',
  'diff.indentHeuristic': 'true',
  'diff.interHunkContext': '0',
  'diff.mnemonicPrefix': 'false',
  'diff.noprefix': 'false',
  'diff.orderFile': '/dev/null',
  'diff.relative': 'false',
  'diff.renameLimit': '1000',
  'diff.renames': 'true',
  'diff.submodule': 'short',
  'diff.suppressBlankEmpty': 'false',
  'diff.wsErrorHighlight': 'none',
  'i18n.commitEncoding': 'utf-8',
  'i18n.logOutputEncoding': 'utf-8',
  'log.abbrevCommit': 'false',
  'log.date': 'default',
  'log.decorate': 'false',
  'log.diffMerges': 'off',
  'log.follow': 'false',
  'log.mailmap': 'false',
  'log.showRoot': 'true',
  'log.showSignature': 'false',
  'merge.autoStash': 'false',
  'merge.branchdesc': 'false',
  'merge.conflictStyle': 'merge',
  'merge.directoryRenames': 'conflict',
  'merge.ff': 'true',
  'merge.log': 'false',
  'merge.renameLimit': '7000',
  'merge.renames': 'true',
  'merge.renormalize': 'false',
  'merge.stat': 'false',
  'merge.verifySignatures': 'false',
  'status.branch': 'false',
  'status.relativePaths': 'true',
  'status.renames': 'true',
  'status.short': 'false',
  'status.showStash': 'false',
  'status.showUntrackedFiles': 'normal',
  'status.submoduleSummary': 'false',
  'submodule.recurse': 'false',
  'worktree.guessRemote': 'false',
  'checkout.guess': 'false',
  'branch.autoSetupMerge': 'false',
  'rerere.enabled': 'false',
}

/** Programs that no command of ours needs, whatever configures them. */
const NEVER_RUN: Record<string, string> = {
  'core.fsmonitor': 'false',
  'core.editor': 'false',
  'core.askPass': '',
  'sequence.editor': 'false',
  'gc.auto': '0',
  'maintenance.auto': 'false',
}

const asArguments = (settings: Record<string, string>): string[] =>
  Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`])

/** Placed before the name of every command. @param hooks_path the folder of hooks that may run; null: none run */
export function fixedArguments(hooks_path: string | null): string[] {
  return [...asArguments({ ...FIXED, ...NEVER_RUN }), '-c', `core.hooksPath=${hooks_path ?? '/dev/null'}`]
}

/** A configuration entry that names a program, or decides that one runs. */
export interface ConfiguredProgram {
  /** As git prints it: section and name in lower case. */
  key: string
  value: string
}

/**
 * For `git config --get-regexp`: all programs that git may run by itself when it reads, writes or merges content, or
 * commits.
 */
export const PROGRAM_KEYS = `^(${[
  'filter\\..*\\.(clean|smudge|process|required)',
  'merge\\.default',
  'merge\\..*\\.driver',
  'diff\\..*\\.binary',
  'commit\\.gpgsign',
  'gpg\\.program',
  'gpg\\..*\\.(program|defaultkeycommand)',
  'core\\.(hookspath|sshcommand|gitproxy|worktree)',
  'credential\\.(.*\\.)?helper',
  'remote\\..*\\.(uploadpack|vcs|promisor|url)',
  'url\\..*\\.insteadof',
  'protocol\\.(.*\\.)?allow',
  'extensions\\.partialclone',
].join('|')})$`

/** Parses the output of `git config -z --get-regexp`. */
export function parsePrograms(output: string): ConfiguredProgram[] {
  return output.split('\0').flatMap((entry) => {
    if (entry === '') return []
    const end = entry.indexOf('\n')
    // A key without a value, which git reads as true.
    return end < 0
      ? [{ key: entry, value: 'true' }]
      : [{ key: entry.slice(0, end), value: entry.slice(end + 1) }]
  })
}

/**
 * The value that makes a configured program run nothing; null for programs that run only when a command may use the
 * network.
 */
function blankOf(key: string): string | null {
  if (/^filter\..*\.required$/s.test(key)) return 'false'
  if (key.startsWith('filter.')) return ''
  if (key.startsWith('diff.')) return 'auto'
  if (key === 'merge.default') return 'text'
  // Without a command git would abort; this one leaves a conflict, as a driver that cannot merge does.
  if (key.startsWith('merge.')) return 'false'
  return key === 'commit.gpgsign' ? 'false' : null
}

/**
 * Arguments that keep these programs from running.
 *
 * @throws WorkerSetupError for a name that git's command line cannot express
 */
export function blankingArguments(programs: readonly ConfiguredProgram[]): string[] {
  const keys = [...new Set(programs.map(({ key }) => key))]
  return keys.flatMap((key) => {
    const blank = blankOf(key)
    if (blank === null) return []
    if (key.includes('='))
      throw new WorkerSetupError(
        `The git configuration names a program as “${key}”, which Runboard cannot switch off. Remove it.`,
      )
    return ['-c', `${key}=${blank}`]
  })
}

/** The names of the filters among some programs. */
export function filtersOf(programs: readonly ConfiguredProgram[]): string[] {
  const names = programs.flatMap(({ key }) => /^filter\.(.*)\.[a-z]+$/s.exec(key)?.[1] ?? [])
  return [...new Set(names)]
}
