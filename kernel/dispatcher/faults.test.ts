import { it } from 'vitest'
import { FAULTS, suffer } from '../testing/faults/faults.ts'
import { SHORT } from '../testing/faults/scale.ts'

it.each(Object.entries(FAULTS))(
  '%s: nothing is lost, left behind or started twice',
  async (_name, fault) => suffer(fault, SHORT),
  120_000,
)
