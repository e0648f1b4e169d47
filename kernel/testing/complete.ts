// A worker's `complete` in a process of its own: `node complete.ts HOME CALLER ID`, the caller as JSON.
import { type Caller, openKernel } from '../index.ts'

const [home = '', caller = '', id = ''] = process.argv.slice(2)
const kernel = openKernel({ home })
await kernel.call('task.complete', { id }, JSON.parse(caller) as Caller)
await kernel.close()
