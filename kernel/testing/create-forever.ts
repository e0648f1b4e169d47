// A process that creates tasks until it is killed, and prints the id of each acknowledged one: `node
// create-forever.ts HOME`.
import { OperationError } from '../../contract/index.ts'
import { openKernel } from '../index.ts'

const kernel = openKernel({ home: process.argv[2] ?? '', report: () => undefined })
const caller = { actor: 'writer', trigger: 'cli', board: 'test' } as const
for (;;) {
  try {
    const { task } = await kernel.call('task.create', { title: 'By a writer' }, caller)
    process.stdout.write(`${task.id}\n`)
  } catch (error) {
    // A refused task is not a lost one.
    if (error instanceof OperationError && error.code === 'BUSY') continue
    process.stdout.write(`failed: ${String(error)}\n`)
    process.exit(1)
  }
}
