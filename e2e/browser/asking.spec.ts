import { expect, test } from '../fixtures.ts'

test('a script that asks continues with the answer that is given in the inbox by keyboard', async ({
  board,
  drawer,
  home,
  open,
  page,
}) => {
  const line = [
    'A=$(runboard ask "Which colour?" --option "red, dark" --option blue)',
    'B=$(runboard ask "Whose door is it?")',
    'runboard complete --summary "$A for $B"',
  ].join('; ')
  await home.addProfile('asker', line)
  const id = await home.create('Paint the door', '--assignee', 'asker')
  await open('/board/work')
  const card = board.cardsIn('Running').first()
  await expect(card).toContainText('waits for you')
  await expect(card).toContainText('Which colour?')

  await open('/board/work/inbox')
  const entry = page
    .getByRole('region', { name: 'Questions', exact: true })
    .getByRole('group', { name: 'Paint the door', exact: true })
  await expect(entry).toContainText('Waits for you: Which colour?')
  await expect(page.getByRole('button', { name: '1 needs you' })).toBeVisible()
  await page.keyboard.press('j')
  await page.keyboard.press('a')
  await expect(entry.getByRole('button', { name: 'red, dark' })).toBeFocused()
  await page.keyboard.press('Enter')

  // The worker continues, and asks again.
  await expect(entry).toContainText('Whose door is it?')
  await page.keyboard.press('j')
  await page.keyboard.press('a')
  await expect(entry.getByRole('textbox', { name: 'Your answer' })).toBeFocused()
  await page.keyboard.type('Ada')
  await page.keyboard.press('Control+Enter')
  await expect(entry).toBeHidden()

  await open(`/board/work/task/${id}`)
  await expect(drawer.panel).toContainText('red, dark for Ada')
  await expect(page.getByRole('button', { name: /needs you/ })).toBeHidden()
})

test('the drawer shows the question of a run that waits, and what it wants to change', async ({
  drawer,
  home,
  open,
  page,
}) => {
  const line = [
    "printf -- '--- a.txt\\n+++ a.txt\\n@@ -1 +1 @@\\n-old <b>line</b>\\n+new line\\n' >change.diff",
    'A=$(runboard ask "May I change a.txt?" --option yes --option no --diff-file change.diff)',
    'runboard complete --summary "got $A"',
  ].join('; ')
  await home.addProfile('asker', line)
  const id = await home.create('Change it', '--assignee', 'asker')
  await open(`/board/work/task/${id}`)
  await expect(drawer.panel).toContainText('Attempt 1 waits for you')
  const change = page.getByRole('region', { name: 'The change' })
  await expect(change).toContainText('old <b>line</b>')
  await expect(change).toContainText('new line')
  await page.getByRole('button', { name: 'yes', exact: true }).click()
  await expect(drawer.panel).toContainText('got yes')
})
