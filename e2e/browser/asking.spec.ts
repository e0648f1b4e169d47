import { addAsker, questionOf } from '../asker.ts'
import { expect, test } from '../fixtures.ts'

test('a script that asks continues with the answer that is given in the inbox by keyboard', async ({
  board,
  drawer,
  home,
  open,
  page,
}) => {
  await addAsker(home)
  const id = await home.create('Paint the door', '--assignee', 'asker')
  await open('/board/work')
  const card = board.cardsIn('Running').first()
  await expect(card).toContainText('waits for you')
  await expect(card).toContainText('Which colour?')

  await open('/board/work/workers')
  await expect(page.getByRole('button', { name: /^Paint the door/ })).toContainText('waits for you')

  await open('/board/work/inbox')
  const entry = questionOf(page, 'Paint the door')
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

test('a long question is answered only when all of it is shown', async ({ home, open, page }) => {
  const version = { type: 'string', description: 'Of the release. '.repeat(1_200) }
  home.write('form.json', JSON.stringify({ type: 'object', required: ['version'], properties: { version } }))
  home.write('change.diff', '--- a.txt\n+++ a.txt\n@@ -1 +1 @@\n-old\n+new\n')
  const line = [
    'A=$(runboard ask "Which version?" --form-file "$RUNBOARD_HOME/form.json")',
    'B=$(runboard ask "What about this?" --diff-file "$RUNBOARD_HOME/change.diff")',
    'runboard complete --summary "$A and $B"',
  ].join('; ')
  await home.addProfile('asker', line)
  const reads: (() => void)[] = []
  await page.route(/question.show/, async (route) => {
    await new Promise<void>((resolve) => reads.push(resolve))
    await route.continue()
  })
  await home.create('Release it', '--assignee', 'asker')
  await open('/board/work/inbox')
  const entry = questionOf(page, 'Release it')
  for (const [title, field, text] of [
    ['Which version?', 'Version', '1.2'],
    ['What about this?', 'Your answer', 'Do it'],
  ] as const) {
    await expect(entry).toContainText(title)
    await expect(entry).toContainText('Loading what is asked…')
    await expect(entry.getByRole('textbox')).toHaveCount(0)
    await expect(entry.getByRole('button', { name: 'Answer', exact: true })).toHaveCount(0)
    reads.pop()?.()
    await entry.getByRole('textbox', { name: field }).fill(text)
    await page.keyboard.press('Control+Enter')
  }
  await expect(entry).toBeHidden()
})

test('a form that a worker asks for is filled in by keyboard in the inbox, with problems at their fields', async ({
  complaints,
  drawer,
  home,
  open,
  page,
}) => {
  complaints.expect(/400 \(Bad Request\)/) // the refused form
  const form = {
    type: 'object',
    required: ['version', 'sure'],
    properties: {
      version: { type: 'string', minLength: 2 },
      sure: { type: 'boolean' },
      count: { type: 'integer' },
    },
  }
  home.write('form.json', JSON.stringify(form))
  const line = `A=$(runboard ask "Which version?" --form-file "$RUNBOARD_HOME/form.json"); runboard complete --summary "$A"`
  await home.addProfile('asker', line)
  const id = await home.create('Release it', '--assignee', 'asker')
  await open('/board/work/inbox')
  const entry = questionOf(page, 'Release it')
  const version = entry.getByRole('textbox', { name: 'Version' })
  await expect(version).toBeVisible()
  await page.keyboard.press('j')
  await page.keyboard.press('a')
  await expect(version).toBeFocused()
  await page.keyboard.type('1')
  await page.keyboard.press('Control+Enter')
  await expect(version).toHaveAttribute('aria-invalid', 'true')
  await expect(version).toBeFocused()

  // The drawer has the same form, with what was typed.
  await open(`/board/work/task/${id}`)
  const inDrawer = drawer.verdict.getByRole('textbox', { name: 'Version' })
  await expect(inDrawer).toHaveValue('1')
  await inDrawer.focus()
  await page.keyboard.press('End')
  await page.keyboard.type('.2')
  await page.keyboard.press('Control+Enter')
  await expect(drawer.panel).toContainText(/"version": ?"1\.2"/)
  await expect(drawer.panel).toContainText(/"sure": ?false/)
})
