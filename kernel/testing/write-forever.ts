// A process that writes to a board as fast as it can, beside others that do the same: `node write-forever.ts HOME
// NAME [ROUNDS]`. It prints each completed write as a line of JSON, and exits after ROUNDS rounds.
import { OperationError } from '../../contract/index.ts'
import { openKernel } from '../index.ts'

const [home = '', name = '', rounds] = process.argv.slice(2)
const kernel = openKernel({ home })
const caller = { actor: name, trigger: 'cli', board: 'test' } as const

/** Resolves when it is written: a loop of promises alone would leave no turn to a stream that is full. */
function tell(fact: Record<string, unknown>): Promise<unknown> {
  return new Promise((resolve) => process.stdout.write(`${JSON.stringify(fact)}\n`, resolve))
}

/** @returns null if another process was faster */
async function claim(id: string) {
  try {
    return await kernel.call('task.claim', { id }, caller)
  } catch (error) {
    if (error instanceof OperationError && error.code === 'CONFLICT') return null
    throw error
  }
}

let last: string | undefined
for (let round = 0; round < Number(rounds ?? Infinity); round++) {
  const { task } = await kernel.call(
    'task.create',
    { title: `By ${name}`, parents: last === undefined ? [] : [last] },
    caller,
  )
  await tell({ created: task.id })
  // Any ready task, whichever process created it: the writers compete for the same tasks.
  const { tasks } = await kernel.call('task.list', { status: ['ready'], limit: 3, sort: 'created' }, caller)
  for (const { id } of tasks) {
    const claimed = await claim(id)
    if (claimed === null) continue
    await tell({ claimed: id, run: claimed.run.id })
    const worker = { task_id: id, run_id: claimed.run.id, claim: claimed.claim, profile: null, board: 'test' }
    await kernel.call('task.complete', { id, summary: `Done by ${name}` }, { ...caller, worker })
    await tell({ completed: id, run: claimed.run.id })
  }
  last = task.id
}
await kernel.close()
