// A process that creates tasks by idempotency key, as others do with the same keys at the same time:
// `node create-keyed.ts HOME NAME COUNT` prints the id that each key has.
import { openKernel } from '../index.ts'

const [home = '', name = '', count = '0'] = process.argv.slice(2)
const kernel = openKernel({ home })
const caller = { actor: name, trigger: 'cli', board: 'test' } as const
for (let n = 0; n < Number(count); n++) {
  const { task } = await kernel.call(
    'task.create',
    { title: `By ${name}`, idempotency_key: `key-${n}` },
    caller,
  )
  process.stdout.write(`${task.id}\n`)
}
await kernel.close()
