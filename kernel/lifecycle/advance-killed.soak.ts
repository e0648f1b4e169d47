import { it } from 'vitest'
import { ADVANCES, killAt } from '../testing/killed-advance.ts'

it.each(Object.entries(ADVANCES))(
  'a process that is killed at any statement of its transaction changes nothing: %s',
  async (_name, prepare) => {
    await killAt(prepare, (count) => Array.from({ length: count }, (_, index) => index + 1))
  },
  30 * 60_000,
)
