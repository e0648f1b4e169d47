import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import type { OperationInput } from '../../contract/index.ts'
import { processesOf } from './aftermath.ts'
import { REPORTER } from './reporter.ts'
import { cleanUp, setup, type Setup, type SetupOptions, temporaryFolder } from './setup.ts'

export { REPORTER } from './reporter.ts'

type ProfileFields = Partial<OperationInput<'profile.add'>>

export interface WorkerSetup extends Setup {
  /** A folder that the test and its workers share. */
  shared: string
  /** Absolute path of a file in that folder. */
  path: (name: string) => string
  /** Adds a profile whose workers run this line of shell. */
  profile: (name: string, shell: string, fields?: ProfileFields) => Promise<void>
  /** Shell text that waits until the test opens the gate of that name. */
  gate: (name: string) => string
  /** Opens it. */
  open: (name: string) => void
  /** The text of a file in the shared folder; '' while it is not there. */
  text: (name: string) => string
  /** Claims and starts what is ready, until nothing runs and nothing can. */
  drain: () => Promise<void>
}

/** A board whose tasks are run by real processes, in real time. They do not survive the test. */
export async function setupWorkers(options: SetupOptions = {}): Promise<WorkerSetup> {
  const shared = temporaryFolder('runboard-shared-')
  // Before the board's own clean-up, so that its processes are known still.
  const bundle = await setup({ clock: 'real', cli: REPORTER, ...options })
  cleanUp(() => endWorkers(bundle.home))
  const path = (name: string) => `${shared}/${name}`
  return {
    ...bundle,
    shared,
    path,
    profile: async (name, shell, fields = {}) => {
      await bundle.call('profile.add', { name, shell, stdin: 'none', backoff_seconds: 0, ...fields })
    },
    gate: (name) => `until [ -e '${path(name)}' ]; do sleep 0.01; done`,
    open: (name) => writeFileSync(path(name), ''),
    text: (name) => (existsSync(path(name)) ? readFileSync(path(name), 'utf8') : ''),
    drain: async () => {
      await bundle.call('dispatcher.dispatch', { wait: true })
    },
  }
}

/** Ends what a failed test left behind. */
async function endWorkers(home: string): Promise<void> {
  for (const { pid } of await processesOf(home)) {
    try {
      process.kill(pid, 'SIGKILL')
    } catch {
      // It has ended by itself in this moment.
    }
  }
}
