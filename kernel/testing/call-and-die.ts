// A call in a process that is killed at the Nth statement of its transactions: `node call-and-die.ts HOME CALLER NAME INPUT N`,
// with caller and input as JSON. Each COMMIT counts twice: before it, and once it is through but nobody has the answer yet. The
// process prints how many there were if it gets through.
import type { CallName } from '../../contract/index.ts'
import { type Caller, openKernel } from '../index.ts'

const [home = '', caller = '', name = '', input = '', nth = ''] = process.argv.slice(2)
let count = 0
let isInside = false
const die = () => process.kill(process.pid, 'SIGKILL')
const kernel = openKernel({
  home,
  beforeStatement: (sql) => {
    if (sql === 'BEGIN IMMEDIATE') isInside = true
    if (!isInside) return
    if (++count === Number(nth)) die()
    if (sql !== 'COMMIT') return
    isInside = false
    if (++count === Number(nth)) queueMicrotask(die)
  },
})
await kernel.call(name as CallName, JSON.parse(input) as never, JSON.parse(caller) as Caller)
process.stdout.write(String(count))
await kernel.close()
