// The tests that do not run in a Node for Windows on Wine, each with the reason. Everything else in
// vitest.windows.config.ts runs.

const GIT = 'needs git for Windows, which is not there'
const SIGNALS = 'Windows has no signals: a worker cannot catch its end'
const GROUPS = 'Windows has no sessions and no process groups that get a signal'
const MODES = 'Windows has no modes of files'
const POSIX = 'about POSIX systems alone'
const PATHS = 'expects paths as POSIX systems write them'
const SHELL_LINE = 'its line is for sh, and the shell of Windows is cmd.exe'
const TEST_SHELL = 'the small shell of the tests starts one more process than sh'
const PROGRAMS = 'its worker calls programs of POSIX systems (yes, dd, tr)'
const WINE_CMD = 'the cmd.exe of Wine does not know %cd:~,%, which Windows does'
const WINE_REMOVED = 'Wine keeps a removed file in its folder until it is closed'
const WINE_APPEND =
  'Wine appends by fstat and pwrite: if the log is cut in between, a gap of zeros is left, which the next cut counts'
const SLOW = 'fifty Nodes at once take longer on Wine than a start may take'

/** Parts of the path of a test file, with the reasons for its tests: by a part of their name, '' for all. */
const SKIPPED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'doors/cli/board-words.test.ts': { 'boards show prints each setting': PATHS },
  'doors/cli/board.test.ts': { 'a profile is added, changed': POSIX },
  'doors/cli/file-flags.test.ts': { 'a pipe that nobody writes to': POSIX },
  'doors/cli/input.test.ts': { 'every flag of create': PATHS, '--board names the board': PATHS },
  'doors/cli/lost-disk.test.ts': { '': POSIX },
  'doors/cli/process.test.ts': { 'a stream that gets': SIGNALS, 'a full disk': POSIX },
  'doors/cli/values.test.ts': {
    '“sub/../dir”': PATHS,
    '“/abs”': PATHS,
    '“dir:.”': PATHS,
    '“worktree:../w”': PATHS,
    'board settings take': PATHS,
  },
  'kernel/dispatcher/crash.test.ts': { 'an exit-code worker': SHELL_LINE },
  'kernel/dispatcher/faults.test.ts': {
    'a worker that ignores SIGTERM': SIGNALS,
    'a worker that forks and exits': GROUPS,
    'an executable that is missing': POSIX,
    'a workspace that cannot be made': GIT,
    'a worktree without': GIT,
    'a folder of logs': PATHS,
    'a worker that floods its log': PROGRAMS,
    'as fast as the disk': PROGRAMS,
    'a disk with no room': POSIX,
    'many tasks at once': PROGRAMS,
    'killed again and again': PROGRAMS,
  },
  'kernel/dispatcher/outcomes.test.ts': { verify_failed: SHELL_LINE },
  'kernel/dispatcher/settle.test.ts': { 'closed with its last line of output': POSIX },
  'kernel/dispatcher/stop.test.ts': {
    'a running worker that ignores SIGTERM': SIGNALS,
    'even if the worker ignores SIGTERM': SIGNALS,
  },
  'kernel/workers/environment/executable.test.ts': {
    resolveExecutable: POSIX,
    'the PATH of a worker': PATHS,
    'a folder with quotes': POSIX,
    'is rewritten only if': MODES,
  },
  'kernel/workers/environment/inherited-environment.test.ts': {
    'the variables of a git hook > are removed': PATHS,
    'of a package runner > are removed': PATHS,
    'reports what was removed': PATHS,
  },
  'kernel/workers/environment/login-shell.test.ts': { '': POSIX },
  'kernel/workers/environment/program-head.test.ts': { '': POSIX },
  'kernel/workers/log/log.test.ts': {
    'gives each byte the time': MODES,
    'is continued by another process': WINE_REMOVED,
    'cuts a log over the cap': WINE_REMOVED,
    'neither tears, repeats nor reorders': WINE_APPEND,
    'finds growth that the system does not report':
      'Windows reports no growth in time, so all logs are looked at often',
  },
  'kernel/workers/process/identity.test.ts': { 'from ps': POSIX },
  'kernel/workers/process/tree.test.ts': {
    'gives the worker, and the processes of its cleanup': SIGNALS,
    'kills a worker that ignores SIGTERM': SIGNALS,
    'lets a worker that stops its own processes': SIGNALS,
    'stops the processes of a worker that does not stop them': SIGNALS,
    'stops ten stuck workers': SIGNALS,
    'never signals a process': SIGNALS,
    'even if the keeper was killed': 'a job has a name only while its keeper lives',
    'called from inside the tree': 'the caller is a child of a Node, with which Windows ends it',
    'leaves alone the workers of other runs': TEST_SHELL,
    'gives memory and command': TEST_SHELL,
    'the output of ps': POSIX,
    'never takes a foreign session': POSIX,
  },
  'kernel/workers/spawn/command.test.ts': {
    'is passed to the shell unchanged': POSIX,
    'the environment of a worker': PATHS,
  },
  'kernel/workers/spawn/inherited.test.ts': { '': POSIX },
  'kernel/workers/spawn/spawn.test.ts': {
    'writes its log so that only its owner': MODES,
    'when fifty start at once': SLOW,
    'signals to the whole group': GROUPS,
    'where sh is bash': POSIX,
    'an invalid program ends the run': POSIX,
  },
  'kernel/workers/spawn/verify.test.ts': {
    'a check returns its status': SHELL_LINE,
    'the check ': SHELL_LINE,
    'is kept in its own file': SHELL_LINE,
    'even if a process that it left': SHELL_LINE,
  },
  'kernel/workers/spawn/windows-command-line.test.ts': { 'passes percent signs': WINE_CMD },
}

/** @returns why a test is skipped; null for one that runs */
export function whyNot(file: string, name: string): string | null {
  const path = file.replaceAll('\\', '/')
  for (const [part, tests] of Object.entries(SKIPPED)) {
    if (!path.includes(`/${part}`)) continue
    const found = Object.entries(tests).find(([words]) => name.includes(words))
    if (found !== undefined) return found[1]
  }
  return null
}
