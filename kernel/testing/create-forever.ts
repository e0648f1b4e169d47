// A process that creates tasks until it is killed, and prints the id of each acknowledged one: `node
// create-forever.ts HOME`.
import { OperationError } from '../../contract/index.ts'
import { openKernel } from '../index.ts'

const kernel = openKernel({ home: process.argv[2] ?? '', report: () => undefined })
/** Waits until it is written: this loop of promises would otherwise leave no turn to a stream that is full. */
const print = (line: string) => new Promise((resolve) => process.stdout.write(`${line}\n`, resolve))

const caller = { actor: 'writer', trigger: 'cli', board: 'test' } as const
for (;;) {
  try {
    const { task } = await kernel.call('task.create', { title: 'By a writer' }, caller)
    await print(task.id)
  } catch (error) {
    // A refused task is not a lost one.
    if (error instanceof OperationError && error.code === 'BUSY') continue
    await print(`failed: ${String(error)}`)
    process.exit(1)
  }
}
