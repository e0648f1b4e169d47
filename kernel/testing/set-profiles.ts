// A process that adds profiles while others do: `node set-profiles.ts HOME NAME COUNT` adds NAME-1 … NAME-COUNT.
import { openKernel } from '../index.ts'

const [home = '', name = '', count = '0'] = process.argv.slice(2)
const kernel = openKernel({ home })
for (let n = 1; n <= Number(count); n++) {
  await kernel.call('profile.add', { name: `${name}-${n}`, shell: 'true' }, { actor: name, trigger: 'cli' })
}
await kernel.close()
