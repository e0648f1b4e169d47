import { expect, test } from '../fixtures.ts'
import { greetingTask, workUntilReview } from '../project.ts'

const PATIENT = { timeout: 60_000 }

test('the check before a merge shows its output while it runs, can be stopped, and says why it failed', async ({
  board,
  complaints,
  home,
  open,
  page,
  serve: _dispatching,
}) => {
  test.slow()
  complaints.expect(/409 \(Conflict\)/) // the refused merge
  const { id } = await greetingTask(home)
  await workUntilReview(home, id)
  const steps = [
    'printf "\\033[32mtest 1\\033[0m of 2\\n<b>bold</b>\\n"',
    home.gate('checked'),
    'echo "test 2 of 2: no"',
    '[ -e "$RUNBOARD_HOME/gates/good" ] || exit 3',
  ]
  await home.cli('edit', id, '--verify', steps.join('; '))
  await open(`/board/work/diff/task/${id}`)
  const check = page.getByRole('region', { name: 'Check before the merge' })
  const output = check.getByRole('region', { name: 'Output of the check', exact: true })
  const merge = async () => {
    await page.getByRole('button', { name: 'Approve & merge…' }).click(PATIENT)
    await board.dialog('Merge into main').getByRole('button', { name: 'Approve & merge' }).click()
  }

  await merge()
  await expect(output).toContainText('test 1 of 2', PATIENT)
  // The output of a check is shown as text, never as markup.
  await expect(output).toContainText('<b>bold</b>')
  await expect(check).toContainText(/Checking.+0:\d\d/s)
  await check.getByRole('button', { name: 'Stop the check' }).click()
  await expect(board.notice('The check was stopped.')).toBeVisible(PATIENT)
  await expect(check).toBeHidden()
  expect((await home.task(id)).status).toBe('review')

  await merge()
  await expect(output).toContainText('test 1 of 2', PATIENT)
  home.openGate('checked')
  await expect(check.getByRole('alert')).toContainText(
    /It was not merged\. The check ended with 3 after/,
    PATIENT,
  )
  await expect(output).toContainText('test 2 of 2: no')
  await check.getByRole('button', { name: 'Dismiss' }).click()
  await expect(check).toBeHidden()

  home.openGate('good')
  await merge()
  await expect(page.getByText(/^Merged as \w{9} into main/).last()).toBeVisible(PATIENT)
  await expect(check).toBeHidden()
})
