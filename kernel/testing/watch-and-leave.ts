// A process that follows a board, leaves the stream in the middle and closes its kernel: `node watch-and-leave.ts
// HOME`. Nothing must then keep it from exiting.
import { openKernel } from '../index.ts'

const [home = ''] = process.argv.slice(2)
const kernel = openKernel({ home })
const caller = { actor: 'ada', trigger: 'cli', board: 'test' } as const
const leaving = new AbortController()
const events = kernel.stream('event.watch', { since: 0 }, caller, leaving.signal)[Symbol.asyncIterator]()
await events.next()
leaving.abort()
await kernel.close()
