// Makes tasks ready on a board that another process dispatches: `node create-tasks.ts HOME COUNT PAUSE_MS`.
import { setTimeout as delay } from 'node:timers/promises'
import { openKernel } from '../../kernel/index.ts'

const [home = '', count = '0', pause = '0'] = process.argv.slice(2)
const kernel = openKernel({ home, env: {} })
const caller = { actor: 'bench', trigger: 'cli', board: 'bench' } as const
for (let n = 0; n < Number(count); n++) {
  await kernel.call('task.create', { title: `From elsewhere ${n}`, assignee: 'quick' }, caller)
  await delay(Number(pause))
}
await kernel.close()
