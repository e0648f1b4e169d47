import { it } from 'vitest'
import { ADVANCES, killAt } from '../testing/killed-advance.ts'

// advance-killed.soak.ts does this at every statement.
it.each(Object.entries(ADVANCES))(
  'a process that is killed within its transaction changes nothing, and one killed after it has done all: %s',
  async (_name, prepare) => {
    await killAt(prepare, (count) => [Math.floor(count / 2), count - 1])
  },
  300_000,
)
