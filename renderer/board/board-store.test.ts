import { afterEach, expect, it, vi } from 'vitest'
import type { Card } from '../../contract/index.ts'
import { TASK_STATUSES } from '../../contract/states.ts'
import { fakeClient } from '../shared/fake-client.ts'
import { BoardStore } from './board-store.svelte.ts'
import { CARD_ORDERS } from './card-order.ts'

// Needed early: the module of the profile colours reads it while it loads, before any test.
vi.hoisted(() => {
  vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => undefined })
})

/** Fails only a hang: the default is one second, which a busy machine may exceed. */
const PATIENT = { timeout: 60_000 }

const ends: (() => void)[] = []
afterEach(() => {
  for (const end of ends.splice(0)) end()
})

async function setup(size = 200) {
  vi.stubGlobal('document', { hidden: false })
  const fake = fakeClient(size)
  const store = new BoardStore(fake.client, 'runboard')
  ends.push(() => store.stop())
  await store.start()
  const first = (status: Card['status']) => {
    const card = store.card(store.columns[status].ids[0] ?? '')
    if (card === undefined) throw new Error(`No card in ${status}`)
    return card
  }
  const settled = async (change: () => void) => {
    const { revision } = store
    change()
    await vi.waitUntil(() => store.revision > revision, PATIENT)
  }
  return { ...fake, store, first, settled }
}

const inOrder = (store: BoardStore) => {
  for (const status of TASK_STATUSES) {
    const cards = store.columns[status].ids.map((id) => store.card(id) as Card)
    expect([status, cards.map((card) => card.id)]).toEqual([
      status,
      [...cards].sort(CARD_ORDERS[status]).map((card) => card.id),
    ])
    expect(cards.every((card) => card.status === status)).toBe(true)
  }
}

it('a large board reads its first cards, then replaces them with all cards', async () => {
  vi.stubGlobal('document', { hidden: false })
  const fake = fakeClient(2000)
  const { view } = fake.client.board
  const asked: (number | undefined)[] = []
  const board = {
    ...fake.client.board,
    changes: fake.client.board.changes,
    view: (input: { limit?: number }) => {
      asked.push(input.limit)
      return view(input)
    },
  }
  const client = new Proxy(fake.client, {
    get: (target, name) => (name === 'board' ? board : (Reflect.get(target, name) as unknown)),
  })
  const store = new BoardStore(client, 'runboard')
  ends.push(() => store.stop())
  const starting = store.start()
  await vi.waitUntil(() => store.phase === 'ready', PATIENT)
  const first = store.cell(store.columns.ready.ids[0] ?? '')
  await starting
  expect(asked).toEqual([40, undefined])
  expect(first !== undefined && store.cell(first.card.id)).toBe(first)
  expect(TASK_STATUSES.reduce((sum, status) => sum + store.columns[status].ids.length, 0)).toBe(2000)
  inOrder(store)
})

it('a board that is left while it loads is not followed', async () => {
  vi.stubGlobal('document', { hidden: false })
  const { client } = fakeClient(20)
  const store = new BoardStore(client, 'runboard')
  const pulse = vi.spyOn(globalThis, 'setInterval')
  const starting = store.start()
  store.stop()
  await starting
  expect(pulse).not.toHaveBeenCalled()
  pulse.mockRestore()
})

it('every column holds its cards, in its order', async () => {
  const { store } = await setup()
  inOrder(store)
  expect(TASK_STATUSES.reduce((sum, status) => sum + store.columns[status].ids.length, 0)).toBe(200)
})

it('a change by another process moves only its own card', async () => {
  const { store, first, change, settled } = await setup()
  const card = first('ready')
  const counts = [store.columns.ready.count, store.columns.blocked.count]
  await settled(() => change(card.id, { status: 'blocked', block_reason: 'Which one?' }))
  expect(store.card(card.id)).toMatchObject({ status: 'blocked', block_reason: 'Which one?' })
  expect([store.columns.ready.count, store.columns.blocked.count]).toEqual([counts[0]! - 1, counts[1]! + 1])
  inOrder(store)
})

it('a change that leaves a card in its place updates only that card', async () => {
  const { store, first, change, settled } = await setup()
  const card = first('running')
  const cell = store.cell(card.id)
  const others = [...store.cards()].filter(({ id }) => id !== card.id)
  const columns = TASK_STATUSES.map((status) => store.columns[status].ids)
  await settled(() => change(card.id, { comment_count: 7 }))

  expect(store.cell(card.id)).toBe(cell)
  expect(cell?.card.comment_count).toBe(7)
  // The same objects: nothing that shows them is rendered again.
  expect(others.filter((other) => store.card(other.id) !== other)).toEqual([])
  expect(TASK_STATUSES.filter((status, index) => store.columns[status].ids !== columns[index])).toEqual([])
})

it('a new task is inserted at its place in the order', async () => {
  const { cards, store, first, change, settled } = await setup()
  const model = first('todo')
  const fresh = { ...model, id: 't_ffffffff', title: 'The new one', priority: 99 }
  cards.set(fresh.id, fresh)
  await settled(() => change(fresh.id, {}))
  expect(store.columns.todo.ids[0]).toBe(fresh.id)
})

it('an archived task leaves the board, unless the archive is shown', async () => {
  const { store, first, change, settled } = await setup()
  const card = first('done')
  await settled(() => change(card.id, { status: 'archived' }))
  expect([store.card(card.id), store.columns.done.ids.includes(card.id)]).toEqual([undefined, false])
})

it('X27: a column that is too long for one answer reads its next cards', async () => {
  vi.stubGlobal('document', { hidden: false })
  const fake = fakeClient(2000)
  const ready = [...fake.cards.values()].filter(({ status }) => status === 'ready').sort(CARD_ORDERS.ready)
  const view = async (input: object) => {
    const answer = await fake.client.board.view(input)
    const cut = answer.columns.map((column) =>
      column.status === 'ready' ? { ...column, cards: ready.slice(0, 50) } : column,
    )
    return { ...answer, columns: cut }
  }
  const asked: unknown[] = []
  const list = (input: { offset?: number; limit?: number }) => {
    asked.push(input)
    const { offset = 0, limit } = input
    return Promise.resolve({ tasks: ready.slice(offset, limit === undefined ? undefined : offset + limit) })
  }
  const client = new Proxy(fake.client, {
    get: (target, name) => {
      if (name === 'board') return { ...target.board, changes: target.board.changes, view }
      return name === 'task' ? { list } : (Reflect.get(target, name) as unknown)
    },
  })
  const store = new BoardStore(client, 'runboard')
  ends.push(() => store.stop())
  await store.start()
  const before = store.columns.ready.ids.length

  await store.loadMore('ready')

  expect(before).toBe(50)
  expect(asked).toMatchObject([{ status: ['ready'], offset: 50 }])
  expect(store.columns.ready.ids).toHaveLength(250)
  inOrder(store)
})
