import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Home } from '../home.ts'
import { type Desktop, expect, test } from './fixtures.ts'

async function boardFile(home: Home): Promise<string> {
  const slugs = readdirSync(join(home.path, 'boards')).filter((name) => !name.startsWith('_'))
  return join(home.path, 'boards', slugs[0] ?? '', 'board.db')
}

/** Waits until notifications are followed. */
async function follows(desktop: Desktop): Promise<void> {
  await expect.poll(async () => (await desktop.outside()).tray).not.toBeNull()
}

async function showLog({ drawer, page }: Desktop, id: string): Promise<void> {
  await page.evaluate((task) => {
    window.location.hash = `#/board/work/task/${task}/run/1`
  }, id)
  await expect(drawer.log(1)).toBeVisible()
}

test('X14, X19: a window whose board file disappears says so at once, and shows what a backup restores', async ({
  complaints,
  home,
  launch,
}) => {
  await home.create('Kept')
  const file = await boardFile(home)
  const { path } = await home.cli.json<{ path: string }>('backup')
  await home.create('Later')
  const desktop = await launch()
  const { board, page } = desktop
  await expect(board.cardIn('Ready', 'Later')).toBeVisible()
  await follows(desktop)
  // The main process reports it once, with the stack and the data of the error.
  complaints.expect(
    /is gone|no longer followed|cannot be dispatched/,
    /^ +(at|code:|data:|path:|set_aside:|backup:|\[cause\]:)|^ *\}/,
  )

  rmSync(file)

  await expect(page.getByRole('status').filter({ hasText: 'is gone' })).toBeVisible({ timeout: 15_000 })
  await expect(home.cli('create', 'Into nothing')).rejects.toThrow(/is gone/)
  expect(existsSync(file)).toBe(false)
  await home.cli('restore-backup', path)
  await expect(page.getByText('The board was restored from a backup').first()).toBeVisible({
    timeout: 20_000,
  })
  await expect(board.cardIn('Ready', 'Kept')).toBeVisible()
  await expect(board.card('Later')).toBeHidden()
  await expect(page.getByRole('status').filter({ hasText: 'is gone' })).toBeHidden()
  await home.create('After')
  await expect(board.cardIn('Ready', 'After')).toBeVisible()
})

test('X14: after a restore in the window, a new run shows its own log and is notified once', async ({
  home,
  launch,
}) => {
  const line = 'echo words of $(cat "$RUNBOARD_HOME/words"); exit 3'
  await home.addProfile('writer', line, '--completion', 'exit-code', '--failure-limit', '1')
  const id = await home.create('Written', '--hold', '--assignee', 'writer')
  await home.cli('backup')
  await home.cli('settings', 'set', 'notify=all')
  const desktop = await launch()
  const { board, drawer, page } = desktop
  await follows(desktop)
  const run = async (words: string) => {
    home.write('words', words)
    await home.cli('release', id)
    await expect(board.cardIn('Blocked', 'Written')).toBeVisible()
    await showLog(desktop, id)
    await expect(drawer.log(1)).toContainText(`words of ${words}`)
  }
  await run('the old run')
  await expect.poll(() => desktop.told()).toEqual(['Gave up: Written'])

  await page.evaluate(() => {
    window.location.hash = '#/settings/data'
  })
  await page.getByRole('button', { name: 'Restore…' }).last().click()
  await board.dialog('Restore this backup?').getByRole('button', { name: 'Restore' }).click()
  await expect(board.notice(/^Restored 1 task/)).toBeVisible()
  await page.evaluate(() => {
    window.location.hash = '#/board/work'
  })
  await expect(board.cardIn('Ready', 'Written')).toBeVisible()

  await run('the new run')
  await expect(drawer.log(1)).not.toContainText('the old run')
  await expect.poll(() => desktop.told()).toEqual(['Gave up: Written', 'Gave up: Written'])
  await desktop.quit()

  const next = await launch()
  await follows(next)
  await home.cli('block', await home.create('Asks'), '--reason', 'Which one?')
  await expect.poll(() => next.told()).toEqual(['Needs you: Asks'])
})
