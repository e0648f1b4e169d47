import { join } from 'node:path'
import { expect } from 'vitest'
import type { CallName } from '../../contract/index.ts'
import type { Caller } from '../api.ts'
import { askedTask } from './asking.ts'
import { Inspector } from './invariants.ts'
import { addMaps, itemCards } from './mapping.ts'
import { startProgram } from './processes.ts'
import { cleanUpNow, setup, type Setup } from './setup.ts'
import { walkingTask } from './walking.ts'

/** A call that ends a visit and moves the card on, and the card. */
interface Advance {
  id: string
  name: CallName
  input: Record<string, unknown>
  caller?: Caller
  /** The step of the card after the call. */
  leads_to: string
  /** The next call on the card. It must succeed after the killed call was repeated. */
  continues: () => Promise<unknown>
}

/** Calls that advance a card: by a worker, along a loop, to the items of a map, by its last item, and to the end. */
export const ADVANCES: Record<string, (bundle: Setup) => Promise<Advance>> = {
  'a worker’s report': async (bundle) => {
    const id = await walkingTask(bundle)
    const { worker } = await bundle.claim(id, 'builder')
    const input = { id, summary: 'Built' }
    const continues = () => bundle.claim(id, 'tester')
    return { id, name: 'task.complete', input, caller: worker, leads_to: 'test', continues }
  },
  'a way back': async (bundle) => {
    const id = await walkingTask(bundle)
    await bundle.call('task.complete', { id })
    const { worker } = await bundle.claim(id, 'tester')
    const input = { id, verdict: 'bad', summary: 'Bad' }
    const continues = () => bundle.claim(id, 'builder')
    return { id, name: 'task.complete', input, caller: worker, leads_to: 'build', continues }
  },
  'an answer with a form and a list, which makes cards': async (bundle) => {
    const id = await askedTask(bundle)
    const input = { id, form: { version: '2' }, edit: [{ key: 'a' }, { key: 'b', after: ['a'] }] }
    const continues = async () => bundle.claim((await itemCards(bundle, id)).get('a') ?? '', 'builder')
    return { id, name: 'task.approve', input, leads_to: 'parts', continues }
  },
  'the report of the last item': async (bundle) => {
    await addMaps(bundle)
    const { id } = await bundle.create('Many')
    const roles = { builder: 'builder' }
    await bundle.call('workflow.start', { id, name: 'fan', inputs: { parts: ['a'] }, roles })
    const item = (await itemCards(bundle, id)).get('a') ?? ''
    const { worker } = await bundle.claim(item, 'builder')
    const input = { id: item, verdict: 'good', summary: 'Built' }
    const continues = () => bundle.call('task.reopen', { id })
    return { id, name: 'task.complete', input, caller: worker, leads_to: 'good', continues }
  },
}

/**
 * Kills a process at chosen statements of a call. After each, the board must be as it was and whole; after the last, which is
 * the commit, it must have moved on.
 *
 * @param choose which of all statements, counted from 1; the last one is killed in any case
 */
export async function killAt(
  prepare: (bundle: Setup) => Promise<Advance>,
  choose: (count: number) => readonly number[],
): Promise<void> {
  const count = await countStatements(prepare)
  const bundle = await setup({ clock: 'real' })
  const advance = await prepare(bundle)
  const before = bundle.inspector.dump()
  for (const nth of choose(count).filter((one) => one < count)) {
    expect(await killed(bundle, advance, nth)).toBe('SIGKILL')
    expect(look(bundle), `after statement ${nth} of ${count}`).toEqual(before)
  }
  expect(await killed(bundle, advance, count)).toBe('SIGKILL')
  expect(look(bundle)).not.toEqual(before)
  expect((await bundle.task(advance.id)).current_step_key).toBe(advance.leads_to)
  await advance.continues()
  await cleanUpNow()
}

/** @returns how many statements the call has, each COMMIT counted twice */
async function countStatements(prepare: (bundle: Setup) => Promise<Advance>): Promise<number> {
  const bundle = await setup({ clock: 'real' })
  const { code, output } = await run(bundle, await prepare(bundle), 0)
  expect([code, output]).toEqual([0, expect.stringMatching(/^\d+$/)])
  await cleanUpNow()
  return Number(output)
}

async function killed(bundle: Setup, advance: Advance, nth: number) {
  const { output, signal } = await run(bundle, advance, nth)
  expect(output).toBe('')
  return signal
}

function run({ home, person }: Setup, { caller = person, input, name }: Advance, nth: number) {
  const words = [home, JSON.stringify(caller), name, JSON.stringify(input), String(nth)]
  return startProgram('call-and-die.ts', words).ended
}

/** Opens the board again, checks it, and returns its rows. */
function look({ board }: Setup): Record<string, unknown[]> {
  const inspector = new Inspector(join(board.folder, 'board.db'))
  try {
    inspector.check()
    return inspector.dump()
  } finally {
    inspector.close()
  }
}
