import type { Page } from '@playwright/test'
import { expect } from './expect.ts'
import { BoardPage } from '../../e2e/board-page.ts'
import type { Home } from '../../e2e/home.ts'
import { type Camera, NARROW } from './camera.ts'
import { idOf } from './stage.ts'

/** The other views of a board, and the settings. */
export async function takeViews(camera: Camera, home: Home): Promise<void> {
  const upload = (page: Page) => expect(page.getByRole('main')).toContainText('Upload the coverage report')
  const usage = (page: Page) => expect(page.getByRole('region', { name: 'Usage by day' })).toBeVisible()
  const building = (page: Page) =>
    expect(page.getByRole('region', { name: /^Log of Build the image/ })).toContainText('Step 2/6')
  for (const size of [undefined, NARROW]) {
    const [suffix, options] = size === undefined ? ['', {}] : ['-narrow', { size }]
    await camera.take(`inbox${suffix}`, '/board/demo/inbox', upload, options)
    await camera.take(
      `inbox-task${suffix}`,
      '/board/demo/inbox',
      async (page) => {
        await page.getByRole('main').getByRole('link', { name: 'Upload the coverage report' }).click()
        await expect(page.getByRole('complementary', { name: /^Task/ })).toBeVisible()
      },
      options,
    )
    await camera.take(`runs${suffix}`, '/board/demo/runs', upload, options)
    await camera.take(`usage${suffix}`, '/board/demo/usage', usage, options)
    await camera.take(`workers${suffix}`, '/board/demo/workers', building, options)
  }
  await camera.take('runs-errors', '/board/demo/runs?group=error', (page) =>
    expect(page.getByRole('list', { name: 'Errors, the most frequent first' })).toBeVisible(),
  )
  await camera.take('runs-failed', '/board/demo/runs?outcome=failed', upload)
  await camera.take('workflows', '/board/demo/workflows?name=feature', (page) =>
    expect(page.getByRole('heading', { name: 'Build a feature' })).toBeVisible(),
  )

  await camera.take('workflow-file', '/board/demo/workflows?name=feature&tab=file', (page) =>
    expect(page.getByRole('heading', { name: 'Build a feature' })).toBeVisible(),
  )
  await camera.take('workflow-try', '/board/demo/workflows?name=feature&tab=try', (page) =>
    expect(page.getByRole('heading', { name: 'Build a feature' })).toBeVisible(),
  )

  const publish = (page: Page) =>
    expect(page.getByRole('link', { name: /^Publish the release/ })).toBeVisible()
  await camera.take('graph', '/board/demo/graph', publish)
  await camera.take(
    'graph-task',
    `/board/demo/graph/task/${await idOf(home, 'Publish the release')}`,
    publish,
  )
  await takeSettings(camera)
}

async function takeSettings(camera: Camera): Promise<void> {
  const heading = (name: string) => (page: Page) =>
    expect(page.getByRole('heading', { name, exact: true })).toBeVisible()
  await camera.take('settings-profiles', '/board/demo/settings/profiles', (page) =>
    expect(page.getByRole('main')).toContainText('demo-steady'),
  )
  await camera.take('settings-data', '/board/demo/settings/data', heading('Import and export'))
  await camera.take('settings-appearance', '/board/demo/settings/appearance', heading('Appearance'))
  await camera.take('settings-keys', '/board/demo/settings/keys', heading('Keyboard shortcuts'))
  for (const section of ['board', 'notifications', 'app', 'about']) {
    await camera.take(`settings-${section}`, `/board/demo/settings/${section}`, async (page) => {
      // The settings have been loaded.
      await expect(page.getByRole('main').locator('label, dt').first()).toBeVisible()
    })
  }
  await camera.take('settings-profile', '/board/demo/settings/profiles', async (page) => {
    await page.getByRole('button', { name: 'New profile' }).click()
    await new BoardPage(page)
      .menu('New profile')
      .getByRole('menuitem', { name: /^claude-code/ })
      .click()
    await expect(
      new BoardPage(page).dialog('New profile').getByRole('textbox', { name: 'Name What' }),
    ).toHaveValue('claude-code')
  })
  await camera.take('settings-test', '/board/demo/settings/profiles', async (page) => {
    await page
      .getByRole('listitem')
      .filter({ hasText: 'writer' })
      .getByRole('button', { name: 'Test' })
      .click()
    await expect(new BoardPage(page).dialog('Test of writer').getByRole('list')).toBeVisible()
  })
}

/** @param id of a task in review that has a worktree */
export async function takeDiff(camera: Camera, id: string): Promise<void> {
  const place = `/board/importer/diff/task/${id}`
  const line = (page: Page) => page.getByRole('button', { name: 'Remark on line 5, added: BATCH = 1000' })
  await camera.take('diff', place, (page) => expect(line(page)).toBeVisible())
  await camera.take('diff-remark', place, async (page) => {
    await line(page).click()
    await page
      .getByRole('textbox', { name: 'Remark on line 5' })
      .fill('Let the store say how large its batches are.')
  })
  await camera.take('diff-narrow', place, (page) => expect(line(page)).toBeVisible(), { size: NARROW })
}
