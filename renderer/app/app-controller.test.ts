import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { BoardStore } from '../board/board-store.svelte.ts'
import { fakeClient } from '../shared/fake-client.ts'
import { AppController } from './app-controller.svelte.ts'

// Needed early: the module of the profile colours reads it while it loads, before any test.
vi.hoisted(() => {
  vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => undefined })
})

let app: AppController | null = null
beforeEach(() => {
  vi.stubGlobal('document', { hidden: false })
})
afterEach(() => {
  app?.stop()
  app = null
})

/** @param hash the address of the page; the only board is `runboard` */
function setup(hash: string) {
  vi.stubGlobal('window', { location: { hash }, history: { replaceState: () => undefined } })
  const { client } = fakeClient(20)
  const asked: string[] = []
  const { list, view } = client.board
  const board = {
    ...client.board,
    changes: client.board.changes,
    list: (input: Parameters<typeof list>[0]) => {
      asked.push('list')
      return list(input)
    },
    view: (input: Parameters<typeof view>[0]) => {
      asked.push(`view ${input.board ?? ''}`)
      return view(input)
    },
  }
  app = new AppController({ ...client, event: client.event, board })
  return { app, asked }
}

it('reads the board in the address without waiting for the list of boards, and only once', async () => {
  const { app, asked } = setup('#/board/runboard')
  const started = app.start()
  expect(asked).toEqual(['list', 'view runboard'])
  await started
  expect([app.phase, app.board?.slug]).toEqual(['open', 'runboard'])
  expect(asked).toEqual(['list', 'view runboard'])
})

it('follows a board once when it is started again before the first start has ended', async () => {
  const { app, asked } = setup('#/board/runboard')
  const stop = vi.spyOn(BoardStore.prototype, 'stop')
  await Promise.all([app.start(), app.start()])
  expect(asked).toEqual(['list', 'view runboard', 'list', 'view runboard'])
  expect(stop).toHaveBeenCalledOnce()
  expect(stop.mock.contexts).not.toContain(app.board)
  stop.mockRestore()
})

it('does not open a board that is not in the list', async () => {
  const { app } = setup('#/board/nowhere')
  await app.start()
  await vi.waitUntil(() => app.phase === 'missing')
  expect(app.board).toBeNull()
})
