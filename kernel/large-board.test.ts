import { describe, expect, it } from 'vitest'
import { setup, type SetupOptions } from './testing/setup.ts'
import { fillLargeBoard, largeTaskId } from './testing/large-board.ts'

async function largeBoard(
  size: { tasks: number; events: number; body?: number },
  options: SetupOptions = {},
) {
  const bundle = await setup({ checkOutputs: false, ...options })
  await bundle.board.connection.write('ada', (tx) => fillLargeBoard(tx, size))
  const { kernel, person } = bundle
  /** Without the check of all invariants after each call, which itself takes long here. */
  const call: typeof bundle.call = (name, input) => kernel.call(name, input, person)
  return { ...bundle, call }
}

const LONG_READS = [
  ['board.view', {}],
  ['task.list', { archived: true }],
  ['task.list', { search: 'importer', limit: 10 }],
  ['stats.show', {}],
  ['diagnostics.list', {}],
  ['inbox.show', {}],
] as const

it('X15: while a large board is read, other calls are answered', { timeout: 120_000 }, async () => {
  const { call, kernel, person } = await largeBoard({ tasks: 40_000, events: 200_000 }, { busy: 'yield' })
  const cheap = () => call('task.why', { id: largeTaskId(3) })
  for (const [name, input] of LONG_READS) {
    await cheap()
    let isReading = true
    const read = kernel.callByName(name, input, person).finally(() => (isReading = false))
    let answered = 0
    while (isReading) {
      await cheap()
      answered++
      await new Promise(setImmediate)
    }
    await read
    // On the event loop, the read would be over before a second call was answered.
    expect({ name, input, isMany: answered > 5 }).toEqual({ name, input, isMany: true })
  }
})

describe('X27: an answer of a large board', () => {
  it('is bounded, says what it leaves out, and can be continued', { timeout: 120_000 }, async () => {
    const { call } = await largeBoard({ tasks: 15_000, events: 0, body: 4_000 })

    const first = await call('task.list', {})
    const { columns, omitted } = await call('board.view', {})

    expect(JSON.stringify(first).length).toBeLessThan(21_000_000)
    expect(first.omitted).toMatchObject({ tasks: 13_500 - first.tasks.length })
    const [next] = (await call('task.list', { offset: first.tasks.length, limit: 1 })).tasks
    expect(first.tasks.map(({ id }) => id)).not.toContain(next?.id)
    const shown = columns.reduce((sum, column) => sum + column.cards.length, 0)
    expect(JSON.stringify(columns).length).toBeLessThan(21_000_000)
    expect(omitted?.tasks).toBeGreaterThan(0)
    expect(columns.every(({ count, cards }) => count === 0 || cards.length > 0)).toBe(true)
    expect(shown).toBeGreaterThan(3_000)
  })

  it('has the beginning of long texts, and show has all of them', async () => {
    const { call, create } = await setup()
    const body = 'x'.repeat(50_000)
    const { id } = await create({ title: 'Long', body })

    const [card] = (await call('task.list', {})).tasks

    expect(card).toMatchObject({ id, clipped: ['body'] })
    expect(card?.body).toHaveLength(8_001)
    expect((await call('task.show', { id })).task.body).toBe(body)
  })
})
