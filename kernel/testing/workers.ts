import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { OperationInput } from '../../contract/index.ts'
import { processesOf } from './aftermath.ts'
import { posixLine } from './posix-line.ts'
import { REPORTER } from './reporter.ts'
import { cleanUp, setup, type Setup, type SetupOptions, temporaryFolder } from './setup.ts'

export { REPORTER } from './reporter.ts'

type ProfileFields = Partial<OperationInput<'profile.add'>>

export interface WorkerSetup extends Setup {
  /** A folder that the test and its workers share. */
  shared: string
  /** Absolute path of a file in that folder. */
  path: (name: string) => string
  /** Adds a profile whose workers run this shell line. */
  profile: (name: string, shell: string, fields?: ProfileFields) => Promise<void>
  /** A shell line that waits until the test opens the gate of that name. */
  gate: (name: string) => string
  /** Opens the gate. */
  open: (name: string) => void
  /** The text of a file in the shared folder; '' if it does not exist yet. */
  text: (name: string) => string
  /** Claims and starts ready tasks, until nothing runs and nothing can. */
  drain: () => Promise<void>
}

/** A board whose tasks are run by real processes, in real time. They do not outlive the test. */
export async function setupWorkers(options: SetupOptions = {}): Promise<WorkerSetup> {
  // A backslash means something else to a shell.
  const shared = temporaryFolder('runboard-shared-').replaceAll('\\', '/')
  // Registered before the board's own clean-up, so that its processes are still known.
  const bundle = await setup({ clock: 'real', cli: REPORTER, ...options })
  cleanUp(() => endWorkers(bundle.home))
  const path = (name: string) => `${shared}/${name}`
  return {
    ...bundle,
    shared,
    path,
    profile: async (name, shell, fields = {}) => {
      const program = process.platform === 'win32' ? { command: posixLine(shell) } : { shell }
      await bundle.call('profile.add', { name, ...program, stdin: 'none', backoff_seconds: 0, ...fields })
    },
    gate: (name) => `until [ -e '${path(name)}' ]; do sleep 0.01; done`,
    open: (name) => writeFileSync(path(name), ''),
    text: (name) => (existsSync(path(name)) ? readFileSync(path(name), 'utf8') : ''),
    drain: async () => {
      await bundle.call('dispatcher.dispatch', { wait: true })
    },
  }
}

/** Ends the processes that a failed test left behind. */
async function endWorkers(home: string): Promise<void> {
  for (const { pid } of await processesOf(home)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has just ended by itself.
    }
  }
}
