import { expect, test } from '../fixtures.ts'
import { Serve } from '../serve.ts'

test('a stopped server leaves its workers running, and the next one takes them over', async ({
  board,
  complaints,
  home,
  open,
  page,
  serve,
}) => {
  await home.addProfile('long', `${home.gate('end')}; runboard complete --summary 'Lived through it'`)
  const id = await home.create('Takes its time', '--assignee', 'long')
  await open()
  await expect(board.cardIn('Running', 'Takes its time')).toBeVisible()
  const [before] = await home.workers()

  complaints.stopListening()
  await serve.stop()
  expect(await home.workers()).toMatchObject([{ worker_pid: before!.worker_pid, alive: true }])

  const next = await Serve.start(home)
  try {
    await page.goto(next.address())
    await expect(board.cardIn('Running', 'Takes its time')).toBeVisible()
    home.openGate('end')
    await expect(board.cardIn('Done', 'Takes its time')).toBeVisible()
    expect(await home.runs(id)).toMatchObject([
      { attempt: 1, outcome: 'completed', worker_pid: before!.worker_pid, summary: 'Lived through it' },
    ])
  } finally {
    await next.stop()
  }
})

test('a stopped worker ends with its children, and the task waits for a person', async ({
  board,
  home,
  open,
}) => {
  await home.addProfile('stubborn', `trap '' TERM; sleep 1000 & ${home.gate('never')}`)
  const id = await home.create('Never ends', '--assignee', 'stubborn')
  await open()
  const running = board.cardIn('Running', 'Never ends')
  await board.press(running, 'Stop')
  await board.dialog('Stop this worker?').getByRole('button', { name: 'Stop' }).click()

  const card = board.cardIn('Ready', 'Never ends')
  await expect(card).toContainText('held', { timeout: 20_000 })
  await expect(card).toContainText('stopped')
  expect(await home.workers()).toEqual([])
  expect(await home.runs(id)).toMatchObject([{ outcome: 'stopped' }])

  await board.press(card, 'Release')
  await expect(board.cardIn('Running', 'Never ends')).toHaveAccessibleName(/, 2 attempts,/)
})
