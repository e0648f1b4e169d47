import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '../fixtures.ts'

/** One red pixel. */
const PNG = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg=='

test('an image pasted into a new task is attached, shown, removed and put back', async ({
  board,
  drawer,
  home,
  open,
  page,
}) => {
  await open()
  await page.keyboard.press('c')
  const dialog = page.getByRole('dialog', { name: 'New task' })
  await dialog.getByLabel('Title').fill('Match this picture')
  await dialog.getByLabel('Title').evaluate((field, base64) => {
    const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0))
    const data = new DataTransfer()
    data.items.add(new File([bytes], 'shot.png', { type: 'image/png' }))
    field.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
  }, PNG)
  await expect(dialog.getByRole('list', { name: 'Files to attach' })).toContainText('shot.png')
  await page.keyboard.press('Control+Enter')
  await board.card('Match this picture').click()

  const image = drawer.panel.getByRole('img', { name: 'shot.png' })
  await expect(image).toBeVisible()
  expect(await image.evaluate((img: HTMLImageElement) => img.naturalWidth)).toBe(1)

  const [task] = (await home.cli.json<{ tasks: { id: string }[] }>('list')).tasks
  const { context } = await home.cli.json<{ context: string }>('context', task?.id ?? '')
  expect(context).toMatch(/## Attachments\n\n- .*-shot\.png \(image\/png/)

  await drawer.panel.getByRole('button', { name: 'Remove shot.png' }).click()
  await expect(image).toBeHidden()
  await page.getByRole('button', { name: 'Undo' }).click()
  await expect(image).toBeVisible()
})

test('a file is picked in the drawer, and one that a run handed over names its attempt', async ({
  board,
  drawer,
  home,
  open,
}) => {
  const id = await home.create('Write the report')
  const path = join(home.path, 'report.txt')
  writeFileSync(path, 'All is well')
  await home.cli('complete', id, '--summary', 'Written', '--attach', path)
  await open()
  await board.card('Write the report').click()
  await expect(drawer.panel.getByText('handed over by attempt 1')).toBeVisible()
  await drawer.panel.getByLabel('Files to attach').setInputFiles({
    name: 'notes.md',
    mimeType: 'text/markdown',
    buffer: Buffer.from('# Notes'),
  })
  await expect(drawer.panel.getByRole('button', { name: 'notes.md', exact: true })).toBeVisible()
})
