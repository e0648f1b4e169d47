// A dispatcher in a process of its own, which ends as by a power cut when it gets to a step for the N-th time:
// `node dispatch.ts HOME [STEP [N]]`. Without a step, or where it never gets there, it drains the board and exits 0.
import { openKernel } from '../index.ts'
import { REPORTER } from './reporter.ts'

const [home = '', step, count = '1'] = process.argv.slice(2)
let left = Number(count)
const kernel = openKernel({
  home,
  cli: REPORTER,
  atStep: (reached) => {
    if (reached === step && --left === 0) process.kill(process.pid, 'SIGKILL')
  },
})
const caller = { actor: 'ada', trigger: 'cli', board: 'test' } as const
await kernel.call('dispatcher.dispatch', { wait: true }, caller)
await kernel.close()
