// Writes to a board for some seconds: `node runboard-peer.ts HOME SECONDS`, one of the writers of peers.bench.ts. Prints
// the counts as JSON.
import { openKernel } from '../../kernel/index.ts'

const [home = '', seconds = '0'] = process.argv.slice(2)
const kernel = openKernel({ home, env: {} })
const caller = { actor: 'bench', trigger: 'cli', board: 'bench' } as const
await kernel.call('board.show', {}, caller)

const errors: string[] = []
let [cycles, longest] = [0, 0]
const end = performance.now() + Number(seconds) * 1000
while (performance.now() < end) {
  const before = performance.now()
  try {
    const { task } = await kernel.call('task.create', { title: 'A task', assignee: 'coder' }, caller)
    await kernel.call('task.claim', { id: task.id }, caller)
    await kernel.call('task.complete', { id: task.id, summary: 'Done' }, caller)
    cycles++
  } catch (error) {
    errors.push(String(error))
  }
  longest = Math.max(longest, performance.now() - before)
}
await kernel.close()
console.log(JSON.stringify({ cycles, longest_ms: longest, errors: errors.length, error: errors[0] ?? null }))
