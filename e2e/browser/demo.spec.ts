import { expect, test } from '../fixtures.ts'

test.use({ boards: 'demo' })

test.beforeEach(async ({ cli }) => {
  await cli('pause') // before anything is dispatched, so that the whole run is visible
})

test('the demo board runs to its end while it is watched', async ({ board, open, page }) => {
  await open()
  await expect(page).toHaveTitle('Demo · Runboard')
  await expect(board.cardsIn('Ready')).toHaveCount(6)
  await expect(board.cardIn('Todo', 'Draft the release notes from the brief')).toBeVisible()

  await page.getByRole('button', { name: 'Resume: claim ready tasks again' }).click()

  const slow = 'Profile the importer on the large data set'
  await expect(board.cardIn('Running', slow)).toBeVisible()
  for (const title of [
    'Write the brief for the release notes',
    'Draft the release notes from the brief',
    'Fix the flaky login test',
    'Count the lines of the project',
  ]) {
    await expect(board.cardIn('Done', title)).toBeVisible({ timeout: 30_000 })
  }
  for (const title of [slow, 'Upload the coverage report', 'Choose a name for the export command']) {
    await expect(board.cardIn('Blocked', title)).toBeVisible({ timeout: 30_000 })
  }
  await expect(board.column('Running')).toHaveAccessibleName('Running, 0 tasks')

  await board.press(board.card('Choose a name for the export command'), 'Answer')
  const answer = board.dialog('Answer')
  await expect(answer).toContainText('Should the command be called export or dump?')
  await answer.getByLabel('Your answer').fill('export')
  await answer.getByRole('button', { name: 'Send answer' }).click()

  // Its child waits for it and for the draft, and then starts automatically.
  await expect(board.cardIn('Done', 'Choose a name for the export command')).toBeVisible()
  await expect(board.cardIn('Done', 'Announce the release')).toBeVisible()
  await expect(board.column('Ready')).toHaveAccessibleName('Ready, 0 tasks')
  await expect(page.getByRole('button', { name: '2 need you' })).toBeVisible()
})
