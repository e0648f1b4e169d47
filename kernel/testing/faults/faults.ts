import { expect } from 'vitest'
import { expectAftermath } from '../aftermath.ts'
import { setupWorkers } from '../workers.ts'
import { dispatcherFaults } from './dispatcher-faults.ts'
import { logFaults } from './log-faults.ts'
import { machineFaults } from './machine-faults.ts'
import type { Fault, Scale } from './scale.ts'
import { startFaults } from './start-faults.ts'
import { workerFaults } from './worker-faults.ts'

/** The faults of workers, dispatchers and the machine, by name. */
export const FAULTS: Readonly<Record<string, Fault>> = {
  ...workerFaults,
  ...startFaults,
  ...logFaults,
  ...dispatcherFaults,
  ...machineFaults,
}

/** Causes a fault on a fresh board, and checks that nothing is lost, left behind or started twice. */
export async function suffer(fault: Fault, scale: Scale): Promise<void> {
  const bundle = await setupWorkers(fault.options?.())
  await fault.happen(bundle, scale)
  await expectAftermath(bundle)
  expect(bundle.reports.splice(0).map(({ message }) => message)).toEqual(
    fault.reports?.map((text) => expect.stringContaining(text) as string) ?? [],
  )
}
