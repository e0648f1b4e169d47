// A process that changes one setting of a board repeatedly: `node set-board.ts HOME KEY COUNT` ends with KEY = COUNT.
import { openKernel } from '../index.ts'

const [home = '', key = '', count = '0'] = process.argv.slice(2)
const kernel = openKernel({ home })
for (let n = 1; n <= Number(count); n++) {
  await kernel.call('board.set', { slug: 'test', settings: { [key]: n } }, { actor: key, trigger: 'cli' })
}
await kernel.close()
