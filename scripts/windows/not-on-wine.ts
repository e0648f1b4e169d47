// The tests that do not run in a Node for Windows on Wine, each with the reason. Everything else in
// vitest.windows.config.ts runs.

const GIT = 'needs git for Windows, which is not there'
const SIGNALS = 'Windows has no signals: a worker cannot catch its end'
const GROUPS = 'Windows has no process groups that get a signal'
const MODES = 'Windows has no modes of files'
const POSIX = 'about POSIX systems alone'
const SHELL_LINE = 'its line is for sh, and the shell of Windows is cmd.exe'
const TEST_SHELL = 'the small shell of the tests starts one more process than sh'
const WINE_CMD = 'the cmd.exe of Wine does not know %cd:~,%, which Windows does'
const SLOW = 'fifty Nodes at once take longer on Wine than a start may take'

/** Parts of the path of a test file, with the reasons for its tests: by a part of their name, '' for all. */
const SKIPPED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'kernel/workers/git/': { '': GIT },
  'kernel/dispatcher/stop.test.ts': {
    'a running worker that ignores SIGTERM': SIGNALS,
    'even if the worker ignores SIGTERM': SIGNALS,
  },
  'kernel/workers/process/identity.test.ts': { 'from ps': POSIX },
  'kernel/workers/process/tree.test.ts': {
    'gives the worker, and the processes of its cleanup': SIGNALS,
    'kills a worker that ignores SIGTERM': SIGNALS,
    'lets a worker that stops its own processes': SIGNALS,
    'stops the processes of a worker that does not stop them': SIGNALS,
    'stops ten stuck workers': SIGNALS,
    'never signals a process': SIGNALS,
    'leaves alone the workers of other runs': TEST_SHELL,
    'gives memory and command': TEST_SHELL,
    'the output of ps': POSIX,
    'never takes a foreign session': POSIX,
  },
  'kernel/workers/spawn/spawn.test.ts': {
    'writes its log so that only its owner': MODES,
    'when fifty start at once': SLOW,
    'signals to the whole group': GROUPS,
    'where sh is bash': POSIX,
    'an invalid program ends the run': POSIX,
  },
  'kernel/workers/spawn/windows-command-line.test.ts': { 'passes percent signs': WINE_CMD },
  'kernel/workers/spawn/verify.test.ts': {
    'a check returns its status': SHELL_LINE,
    'the check ': SHELL_LINE,
    'is kept in its own file': SHELL_LINE,
    'even if a process that it left': SHELL_LINE,
  },
  'kernel/workers/spawn/command.test.ts': {
    'is passed to the shell unchanged': POSIX,
    'the environment of a worker': POSIX,
  },
  'kernel/workers/environment/executable.test.ts': {
    'resolveExecutable': POSIX,
    'the PATH of a worker': POSIX,
    'a folder with quotes': POSIX,
    'is rewritten only if': MODES,
  },
  'doors/cli/lost-disk.test.ts': { '': POSIX },
  'doors/cli/process.test.ts': { 'a stream that gets': SIGNALS, 'a full disk': POSIX },
  'kernel/workers/environment/program-head.test.ts': { '': POSIX },
  'kernel/workers/environment/login-shell.test.ts': { '': POSIX },
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
