// A process that follows a board, leaves in the middle of the stream and closes its kernel: `node watch-and-leave.ts HOME`.
// Nothing is left then that keeps it from ending.
import { openKernel } from '../index.ts'

const [home = ''] = process.argv.slice(2)
const kernel = openKernel({ home })
const caller = { actor: 'ada', trigger: 'cli', board: 'test' } as const
const leaving = new AbortController()
const events = kernel.stream('event.watch', { since: 0 }, caller, leaving.signal)[Symbol.asyncIterator]()
await events.next()
leaving.abort()
await kernel.close()
