import { it } from 'vitest'
import { FAULTS, suffer } from '../testing/faults/faults.ts'
import { WHOLE } from '../testing/faults/scale.ts'

it.each(Object.entries(FAULTS))(
  '%s, at its largest: nothing is lost, left behind or started twice',
  async (_name, fault) => suffer(fault, WHOLE),
)
