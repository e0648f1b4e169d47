import type { Page } from '@playwright/test'
import { expect } from './expect.ts'
import { BoardPage } from '../../e2e/board-page.ts'
import { type Camera, LARGE, NARROW } from './camera.ts'

async function shown(page: Page): Promise<void> {
  await expect(new BoardPage(page).cardIn('Review', 'Rewrite the installation guide')).toBeVisible()
  await expect(page.getByRole('button', { name: /\d needs? you$/ })).toBeVisible()
}

/** The board, and its overlays. */
export async function takeBoard(camera: Camera): Promise<void> {
  const board = '/board/demo'
  await camera.take('board', board, shown)
  await camera.take('board-large', board, shown, { size: LARGE })
  await camera.take('board-narrow', board, shown, { size: NARROW })
  await camera.take('board-selection', board, async (page) => {
    await shown(page)
    await new BoardPage(page).cardsIn('Ready').first().focus()
    await page.keyboard.press('Control+a')
    await expect(page.getByRole('toolbar', { name: /selected$/ })).toBeVisible()
  })
  await camera.take('board-move', board, async (page) => {
    await shown(page)
    await new BoardPage(page).card('Upload the coverage report').focus()
    await page.keyboard.press('m')
    await expect(new BoardPage(page).menu('Move to')).toBeVisible()
  })
  await camera.take('board-actions', board, async (page) => {
    await shown(page)
    await new BoardPage(page).card('Upload the coverage report').focus()
    await page.keyboard.press('.')
    await expect(new BoardPage(page).menu('Actions')).toBeVisible()
  })
  await camera.take('board-filtered', `${board}?needs=me`, async (page) => {
    await expect(new BoardPage(page).card('Choose a name for the export command')).toBeVisible()
    await expect(page.getByRole('button', { name: 'Clear', exact: true })).toBeVisible()
  })
  await camera.take('board-nothing-fits', `${board}?q=marmalade`, async (page) => {
    await expect(page.getByRole('heading', { name: 'No matching tasks' })).toBeVisible()
  })
  await camera.take('board-list', `${board}?layout=list`, async (page) => {
    await expect(page.getByRole('table')).toContainText('Rewrite the installation guide')
  })
  await camera.take('board-stages', `${board}?layout=stages`, async (page) => {
    await expect(page.getByRole('main').getByRole('region').first()).toBeVisible()
  })
  await camera.take('new-board', board, async (page) => {
    await shown(page)
    await page.keyboard.press('Control+k')
    await page.keyboard.type('new board')
    await page.getByRole('option', { name: /New board/ }).click()
    await expect(new BoardPage(page).dialog('New board')).toBeVisible()
  })
  await camera.take('create', board, async (page) => {
    await shown(page)
    await page.keyboard.press('c')
    const dialog = new BoardPage(page).dialog('New task')
    await dialog.getByLabel('Title').fill('Publish the release on the website')
    await dialog.getByLabel('Description').fill('The notes and the packages, in **that** order.')
    await dialog.getByLabel('Assignee').selectOption('builder')
  })
  await camera.take('palette', board, async (page) => {
    await shown(page)
    await page.keyboard.press('Control+k')
    await page.keyboard.type('re')
    await expect(page.getByRole('option', { name: /^Rewrite the installation guide/ }).first()).toBeVisible()
  })
  await camera.take('keys', board, async (page) => {
    await shown(page)
    await page.keyboard.press('?')
    await expect(new BoardPage(page).dialog('Keyboard shortcuts')).toBeVisible()
  })
  await camera.take('stop', board, async (page) => {
    await shown(page)
    await new BoardPage(page).card('Build the image for arm64').focus()
    await page.keyboard.press('s')
    await expect(new BoardPage(page).dialog('Stop this worker?')).toBeVisible()
  })
}
