import { chmodSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Cable } from '../cable.ts'
import { LOST_CONNECTION } from '../complaints.ts'
import { expect, test } from '../fixtures.ts'
import { Serve } from '../serve.ts'

test('an address without a token opens nothing, and says what to do', async ({ complaints, page, serve }) => {
  complaints.expect(/401/)
  await page.goto(serve.url)
  await expect(page.getByRole('heading', { name: 'This address has no token' })).toBeVisible()
  await expect(page.getByRole('main')).toContainText('Open the address that “runboard serve” prints')
  await expect(page.getByRole('navigation', { name: 'Views' })).toBeHidden()
})

test('X4: the address that a browser is started with has a code, which opens the board', async ({
  board,
  complaints,
  home,
  page,
}) => {
  await home.create('Behind the code')
  const called = join(home.path, 'called')
  writeFileSync(
    join(home.path, 'xdg-open'),
    `#!/bin/sh\nprintf %s "$1" > '${called}.part'; mv '${called}.part' '${called}'\n`,
  )
  chmodSync(join(home.path, 'xdg-open'), 0o755)
  const serve = await Serve.startIn(home, { PATH: `${home.path}:${process.env['PATH'] ?? ''}` }, '--open')
  await expect.poll(() => existsSync(called)).toBe(true)
  const address = readFileSync(called, 'utf8')

  await page.goto(address)
  await expect(board.cardIn('Ready', 'Behind the code')).toBeVisible()
  await page.reload()
  await expect(board.cardIn('Ready', 'Behind the code')).toBeVisible()

  expect(address).not.toContain(serve.token)
  expect(page.url()).not.toContain('code=')
  complaints.stopListening()
  await serve.stop()
})

test('B5: an open tab still works after a restart of the server', async ({
  board,
  complaints,
  home,
  page,
}) => {
  complaints.expect(LOST_CONNECTION)
  await home.create('Known before')
  const first = await Serve.start(home)
  await page.goto(first.address())
  await expect(board.cardIn('Ready', 'Known before')).toBeVisible()
  await first.stop()
  const again = await Serve.start(home, '--port', String(first.port))
  await home.create('Made after the restart')

  await expect(board.cardIn('Ready', 'Made after the restart')).toBeVisible({ timeout: 40_000 })
  complaints.stopListening()
  await again.stop()
})

test('X14, X19: a board whose file disappears says so at once, and shows what a backup restores', async ({
  board,
  complaints,
  home,
  page,
}) => {
  complaints.expect(/Failed to load resource/)
  await home.create('Kept')
  const [slug = ''] = readdirSync(join(home.path, 'boards'))
  const { path } = await home.cli.json<{ path: string }>('backup')
  await home.create('Later')
  const serve = await Serve.start(home)
  await page.goto(serve.address())
  await expect(board.cardIn('Ready', 'Later')).toBeVisible()

  rmSync(join(home.path, 'boards', slug, 'board.db'))

  await expect(page.getByRole('status').filter({ hasText: 'is gone' })).toBeVisible({ timeout: 15_000 })
  await expect(home.cli('create', 'Into nothing')).rejects.toThrow(/is gone/)
  await home.cli('restore-backup', path)
  await expect(page.getByText('The board was restored from a backup').first()).toBeVisible({
    timeout: 20_000,
  })
  await expect(board.cardIn('Ready', 'Kept')).toBeVisible()
  await expect(board.card('Later')).toBeHidden()
  await expect(page.getByRole('status').filter({ hasText: 'is gone' })).toBeHidden()
  await home.create('After')
  await expect(board.cardIn('Ready', 'After')).toBeVisible()
  complaints.stopListening()
  await serve.stop()
})

test('the token is removed from the address, and a reload keeps the board', async ({
  board,
  home,
  open,
  page,
}) => {
  await home.create('Stay here')
  await open()
  await expect(board.cardIn('Ready', 'Stay here')).toBeVisible()
  expect(page.url()).not.toContain('token')
  await page.reload()
  await expect(board.cardIn('Ready', 'Stay here')).toBeVisible()
})

test('a lost connection is shown without alarm, the board stays visible, and it reconnects', async ({
  board,
  complaints,
  home,
  page,
  serve,
}) => {
  complaints.expect(LOST_CONNECTION)
  const cable = await Cable.between(serve)
  await home.create('Known before')
  await page.goto(serve.address().replace(serve.url, cable.url))
  await expect(board.cardIn('Ready', 'Known before')).toBeVisible()

  await cable.pullOut()
  const bar = page.getByRole('status').filter({ hasText: 'Connection lost' })
  await expect(bar).toContainText('What you see may be out of date')
  await expect(board.cardIn('Ready', 'Known before')).toBeVisible()
  await home.create('Made meanwhile')

  await cable.putIn()
  await expect(board.cardIn('Ready', 'Made meanwhile')).toBeVisible({ timeout: 20_000 })
  await expect(bar).toBeHidden()
  complaints.stopListening()
  await cable.pullOut()
})

test('after a restart with a new token its new address opens the same board again', async ({
  board,
  complaints,
  home,
  open,
  page,
  serve,
}) => {
  complaints.expect(LOST_CONNECTION, /401/)
  await home.create('Survives')
  await open()
  await expect(board.cardIn('Ready', 'Survives')).toBeVisible()

  await serve.stop('SIGKILL')
  await expect(page.getByRole('status').filter({ hasText: 'Connection lost' })).toBeVisible()

  const again = await Serve.start(home, '--port', String(serve.port), '--new-token')
  try {
    await expect(
      page.getByRole('status').filter({ hasText: 'Open the address that “runboard serve” prints' }),
    ).toBeVisible()
    // In the same tab, the browser treats it as the same page: only the part after the # differs.
    await page.goto(again.address())
    await home.create('Made after the restart')
    await expect(board.cardIn('Ready', 'Made after the restart')).toBeVisible()
    await expect(board.cardIn('Ready', 'Survives')).toBeVisible()
    expect(page.url()).not.toContain('token')
  } finally {
    complaints.stopListening()
    await again.stop()
  }
})
