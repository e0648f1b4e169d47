// A dispatcher in a process of its own, which ends as by a power cut at a named step: `node dispatch.ts HOME [STEP]`.
// Without a step it drains the board and exits 0.
import { openKernel } from '../index.ts'
import { REPORTER } from './reporter.ts'

const [home = '', step] = process.argv.slice(2)
const kernel = openKernel({
  home,
  cli: REPORTER,
  atStep: (reached) => {
    if (reached === step) process.kill(process.pid, 'SIGKILL')
  },
})
const caller = { actor: 'ada', trigger: 'cli', board: 'test' } as const
await kernel.call('dispatcher.dispatch', { wait: true }, caller)
await kernel.close()
