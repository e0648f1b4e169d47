import type { Browser, Page } from '@playwright/test'
import { expect } from './expect.ts'
import { Home } from '../../e2e/home.ts'
import { Serve } from '../../e2e/serve.ts'
import { Camera, NARROW } from './camera.ts'

/** The screens for an empty board, and for errors. */
export async function takeStates(camera: Camera, home: Home): Promise<void> {
  await home.cli('boards', 'create', 'empty')
  const heading = (name: string) => (page: Page) => expect(page.getByRole('heading', { name })).toBeVisible()
  await camera.take('empty-board', '/board/empty', heading('No tasks yet'))
  await camera.take('empty-inbox', '/board/empty/inbox', heading('Nothing is waiting for you'))
  await camera.take('empty-runs', '/board/empty/runs', heading('No runs yet'))
  await camera.take('empty-workers', '/board/empty/workers', heading('No workers running'))
  await camera.take('empty-graph', '/board/empty/graph', heading('No dependencies'))
  await camera.take('empty-list', '/board/empty?layout=list', heading('No tasks yet'))
  await camera.take('empty-usage', '/board/empty/usage', (page) =>
    expect(page.getByRole('main').getByRole('heading').first()).toBeVisible(),
  )
  await camera.take('board-missing', '/board/nowhere', heading('Board “nowhere” not found'))
  await camera.take(
    'board-disconnected',
    '/board/demo',
    (page) => expect(page.getByText('Connection lost.')).toBeVisible(),
    { before: (page) => page.route('**/rpc/event/watch', (route) => route.abort()) },
  )
  await camera.take(
    'board-loading',
    '/board/demo',
    (page) => expect(page.getByRole('navigation', { name: 'Views' })).toBeVisible(),
    { before: (page) => page.route('**/rpc/board/view', () => undefined) },
  )
  await camera.take('board-failed', '/board/demo', (page) => expect(page.getByRole('alert')).toBeVisible(), {
    before: (page) =>
      page.route('**/rpc/board/view', (route) =>
        route.fulfill({
          status: 503,
          json: {
            json: {
              defined: true,
              code: 'BUSY',
              status: 503,
              message: 'Another process holds the lock of the board. It was tried for ten seconds.',
            },
          },
        }),
      ),
  })
}

/** The screen for a home without any board. */
export async function takeFirstStart(browser: Browser): Promise<void> {
  const home = await Home.make()
  const serve = await Serve.start(home)
  const camera = new Camera(browser, serve, home)
  const form = (page: Page) => expect(page.getByRole('form', { name: 'Your first board' })).toBeVisible()
  await camera.take('first-start', '/', form)
  await camera.take('first-start-narrow', '/', form, { size: NARROW })
  await serve.stop()
  await home.remove()
}
