import AxeBuilder from '@axe-core/playwright'
import type { Page } from '@playwright/test'
import { expect, test } from '../fixtures.ts'

/** What axe finds that keeps someone out: serious or critical. */
async function barriers(page: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page }).analyze()
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target.join(' ')} ${node.failureSummary ?? ''}`),
    )
}

for (const colorScheme of ['light', 'dark'] as const) {
  test.describe(colorScheme, () => {
    // Without motion nothing is caught half transparent.
    test.use({ colorScheme, contextOptions: { reducedMotion: 'reduce' } })

    test('axe finds no barrier on any screen', async ({ board, drawer, home, open, page }) => {
      await home.addProfile(
        'shaky',
        'echo "error: it is broken" >&2; exit 3',
        '--backoff',
        '0',
        '--failure-limit',
        '4',
      )
      await home.addProfile('asker', 'runboard block --reason "Which one?"')
      await home.addProfile('long', `echo begun; runboard heartbeat --note "half way"; ${home.gate('never')}`)
      await home.addProfile(
        'author',
        `runboard request-review --summary "A draft" --metadata '{"changed_files":["a.md"],"x":{"y":1}}'`,
      )
      const failed = await home.create(
        'Upload it',
        '--assignee',
        'shaky',
        '--priority',
        '2',
        '--tenant',
        'web',
      )
      const asked = await home.create('Name it', '--assignee', 'asker')
      const running = await home.create('Profile it', '--assignee', 'long')
      const reviewed = await home.create(
        'Write it',
        '--assignee',
        'author',
        '--body',
        'A [link](https://example.org) and `code`',
      )
      await home.create('Later', '--parent', failed)
      await home.create('An idea', '--triage')

      const screens: Record<string, () => Promise<void>> = {
        empty: async () => {
          await home.cli('boards', 'create', 'empty')
          await open('/board/empty')
          await expect(page.getByRole('heading', { name: 'No tasks yet' })).toBeVisible()
        },
        board: async () => {
          await open('/board/work')
          await expect(board.cardIn('Blocked', 'Upload it')).toBeVisible()
          await expect(board.cardIn('Review', 'Write it')).toBeVisible()
          await expect(board.cardIn('Running', 'Profile it')).toContainText('half way')
        },
        selection: async () => {
          await board.card('Name it').focus()
          await page.keyboard.press('x')
          await expect(page.getByRole('toolbar', { name: '1 selected' })).toBeVisible()
        },
        'actions of a card': async () => {
          await page.keyboard.press('.')
          await expect(board.menu('Actions')).toBeVisible()
        },
        create: async () => {
          await page.keyboard.press('Escape')
          await expect(board.menu('Actions')).toBeHidden()
          await page.keyboard.press('c')
          await board
            .dialog('New task')
            .getByRole('button', { name: /^Workspace, verify command/ })
            .click()
          await board.dialog('New task').getByRole('combobox', { name: 'Waits for' }).fill('it')
          await expect(page.getByRole('option', { name: 'Upload it' })).toBeVisible()
        },
        palette: async () => {
          await open('/board/work')
          await expect(board.card('Name it')).toBeVisible()
          await page.keyboard.press('Control+k')
          await expect(board.dialog('Search and commands').getByRole('option').first()).toBeVisible()
        },
        keys: async () => {
          await page.keyboard.press('Escape')
          await expect(board.dialog('Search and commands')).toBeHidden()
          await page.keyboard.press('?')
          await expect(board.dialog('Keys')).toBeVisible()
        },
        'a failed run': async () => {
          await open(`/board/work/task/${failed}/run/4`)
          await expect(drawer.log(4)).toContainText('broken')
        },
        'a question': async () => {
          await open(`/board/work/task/${asked}`)
          await expect(drawer.verdict.getByRole('textbox')).toBeVisible()
        },
        'a running run': async () => {
          await open(`/board/work/task/${running}/run/1`)
          await expect(drawer.log(1)).toContainText('begun')
        },
        'a review': async () => {
          await open(`/board/work/task/${reviewed}/run/1`)
          await expect(drawer.log(1)).toBeVisible()
        },
        'what it was given': async () => {
          await expect(await drawer.tab(1, 'What it was given')).toContainText('Write it')
        },
        process: async () => {
          await expect(await drawer.tab(1, 'Process')).toContainText('Command')
        },
        workers: async () => {
          await open('/board/work/workers')
          await expect(page.getByRole('list', { name: 'Live processes' })).toContainText('Profile it')
        },
        inbox: async () => {
          await open('/board/work/inbox')
          await expect(page.getByRole('main')).toContainText('Name it')
        },
        runs: async () => {
          await open('/board/work/runs')
          await expect(page.getByRole('main')).not.toBeEmpty()
        },
        settings: async () => {
          await open('/settings')
          await expect(page.getByRole('main')).not.toBeEmpty()
        },
      }
      for (const [name, show] of Object.entries(screens)) {
        await show()
        expect.soft(await barriers(page), name).toEqual([])
      }
    })
  })
}

test.describe('the first start', () => {
  test.use({ boards: 'none' })

  test('axe finds no barrier on it', async ({ page, serve }) => {
    await page.goto(serve.address())
    await expect(page.getByRole('form', { name: 'Your first board' })).toBeVisible()
    expect(await barriers(page)).toEqual([])
  })
})
