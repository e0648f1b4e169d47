import { it } from 'vitest'
import { ADVANCES, killAt } from '../testing/killed-advance.ts'

// advance-killed.soak.ts does this at every statement.
it.each(Object.entries(ADVANCES))(
  'a process that is killed before its commit changes nothing, and one that is killed after it has made all changes: %s',
  async (_name, prepare) => {
    await killAt(prepare, (count) => [Math.floor(count / 2), count - 1])
  },
  300_000,
)
