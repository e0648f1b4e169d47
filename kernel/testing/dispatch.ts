// A dispatcher in its own process, which ends as if by a power cut when it reaches a step for the Nth time: `node
// dispatch.ts HOME [STEP [N [FILE]]]`. Without a step, or if it never reaches it, it drains the board and exits 0.
// With a file, the clock of the limits stands still until the file has content: a worker on a slow machine cannot
// exceed a limit before it has begun.
import { statSync } from 'node:fs'
import { openKernel } from '../index.ts'
import { killNow } from './end-process.ts'
import { REPORTER } from './reporter.ts'

const [home = '', step, count = '1', begun] = process.argv.slice(2)
let left = Number(count)
let began: number | null = null

/** Milliseconds since the file got content. */
function sinceBegun(file: string): number {
  if ((statSync(file, { throwIfNoEntry: false })?.size ?? 0) > 0) began ??= performance.now()
  return began === null ? 0 : performance.now() - began
}

const kernel = openKernel({
  home,
  cli: REPORTER,
  ...(begun !== undefined && { awake: () => sinceBegun(begun) }),
  atStep: (reached) => {
    if (reached === step && --left === 0) killNow(process.pid)
  },
})
const caller = { actor: 'ada', trigger: 'cli', board: 'test' } as const
await kernel.call('dispatcher.dispatch', { wait: true }, caller)
await kernel.close()
