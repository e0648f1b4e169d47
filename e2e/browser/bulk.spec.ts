import { expect, test } from '../fixtures.ts'

test('50 cards are selected and archived; a refused one is named', async ({
  board,
  cli,
  home,
  open,
  page,
  serve,
}) => {
  await home.addProfile('worker', home.gate('never'))
  const create = async (title: string): Promise<string> => {
    const response = await fetch(`${serve.url}/api/tasks?board=work`, {
      method: 'POST',
      headers: { authorization: `Bearer ${serve.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ title }),
    })
    return ((await response.json()) as { task: { id: string } }).task.id
  }
  const ids: string[] = []
  for (let number = 1; number < 50; number++) ids.push(await create(`Leaflet ${number}`))
  await home.create('In print', '--assignee', 'worker')
  await open()
  await expect(board.column('Ready')).toHaveAccessibleName('Ready, 49 tasks')

  await board.cardsIn('Ready').first().focus()
  await page.keyboard.press('Control+a')
  await board.cardIn('Running', 'In print').focus()
  await page.keyboard.press('x')
  const bar = page.getByRole('toolbar', { name: '50 selected' })
  await bar.getByRole('button', { name: 'Archive' }).click()
  const dialog = board.dialog('Archive a running task?')
  await expect(dialog).toContainText('50 tasks')

  // While the question is open, another process archives one of them.
  await cli('archive', ids[6]!)
  await expect(board.column('Ready')).toHaveAccessibleName('Ready, 48 tasks')
  await dialog.getByRole('button', { name: 'Stop and archive' }).click()

  const notice = board.notice('49 of 50 done. 1 refused:')
  await expect(notice.getByRole('listitem')).toHaveText(/^Leaflet 7: .*archived/)
  await expect(board.column('Ready')).toHaveAccessibleName('Ready, 0 tasks')
  await expect(board.column('Running')).toHaveAccessibleName('Running, 0 tasks')
  await expect(bar).toBeHidden()
  expect(await home.workers()).toEqual([])
})
