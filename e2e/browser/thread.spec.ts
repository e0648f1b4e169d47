import { expect, test } from '../fixtures.ts'

/** Fails with exit 3 at its first attempt, and reports a result at the second. */
const SHAKY = [
  'echo "Attempt $RUNBOARD_ATTEMPT"',
  'if [ "$RUNBOARD_ATTEMPT" = 1 ]; then echo "store: connection refused" >&2; exit 3; fi',
  `runboard complete --summary "It waits for the **store** now" --metadata '{"changed_files":["login.ts"],"tests_run":["login × 20"],"weather":"fine"}'`,
].join('\n')

test('a task fails, says why, is retried with a note and succeeds; the drawer shows both runs', async ({
  board,
  drawer,
  home,
  open,
  page,
}) => {
  await home.addProfile('shaky', SHAKY, '--backoff', '1h')
  await open()
  await page.keyboard.press('c')
  const dialog = board.dialog('New task')
  await dialog.getByLabel('Title').fill('Fix the login')
  await dialog.getByLabel('Assignee').selectOption('shaky')
  await page.keyboard.press('Control+Enter')
  await expect(board.cardIn('Ready', 'Fix the login')).toContainText('crashed')

  await board.card('Fix the login').getByRole('link').click()
  await expect(drawer.verdict).toContainText('Attempt 1 crashed: exit 3')
  await expect(drawer.verdict).toContainText('store: connection refused')
  await expect(drawer.verdict).toContainText(/attempt 2/)

  // The failed run, opened: how it ended, the end of its output, its log.
  await expect(drawer.rows).toHaveCount(1)
  await expect(drawer.head(1)).toContainText(/crashed.*shaky/s)
  await drawer.head(1).click()
  await expect(drawer.log(1)).toContainText('Attempt 1')
  await expect(drawer.log(1)).toContainText('store: connection refused')
  const summary = await drawer.tab(1, 'Summary')
  await expect(summary.getByRole('region', { name: 'Error' })).toContainText('exit 3')

  await drawer.run(1).getByRole('button', { name: 'Retry…' }).click()
  const note = board.dialog('Retry')
  await note.getByLabel('Note').fill('The store needs a moment')
  await page.keyboard.press('Control+Enter')

  await expect(drawer.verdict).toContainText('Attempt 2 completed in')
  await expect(board.cardIn('Done', 'Fix the login')).toBeVisible()
  await expect(drawer.rows).toHaveCount(2)
  await expect(drawer.rows.first()).toContainText('#2')
  await expect(drawer.history).toContainText('2 runs · 1 failed')
  await expect(drawer.head(2)).toContainText(/completed.*shaky.*\d (ms|s|min)/s)
  await expect(drawer.head(2)).toContainText('It waits for the store now')

  await drawer.head(2).click()
  const handoff = drawer.run(2).getByRole('region', { name: 'Handoff' })
  await expect(handoff.getByRole('strong')).toHaveText('store')
  await expect(handoff).toContainText('login.ts')
  await expect(handoff).toContainText('login × 20')
  await expect(handoff).toContainText(/weather\s*fine/)
  await drawer.tab(2, 'Log')
  await expect(drawer.log(2)).toContainText('Attempt 2')
  await expect(drawer.log(2)).not.toContainText('refused')
  await expect(drawer.history.getByRole('note', { name: 'You asked to retry' })).toContainText(
    'The store needs a moment',
  )

  // The second attempt's context: the failure of the first, and the note.
  const given = await drawer.tab(2, 'Prompt')
  await expect(given).toContainText('Prior attempts')
  await expect(given).toContainText('connection refused')
  await expect(given).toContainText('The store needs a moment')
  await expect(await drawer.tab(2, /^Events/)).toContainText(/claimed/i)
  await expect(await drawer.tab(2, 'Changes')).toContainText('The store needs a moment')
})

test('S10: a run that was just retried has no empty box, and the waiting time is right', async ({
  drawer,
  home,
  open,
}) => {
  const second = `${home.gate('seen')}; runboard complete --summary Done`
  await home.addProfile(
    'shaky',
    `if [ "$RUNBOARD_ATTEMPT" = 1 ]; then exit 3; fi; ${second}`,
    '--backoff',
    '1h',
  )
  await open()
  const id = await home.create('Fix the login', '--assignee', 'shaky')
  await expect.poll(async () => (await home.runs(id))[0]?.outcome).toBe('crashed')
  await open(`/board/work/task/${id}`)
  await expect(drawer.verdict).toContainText('Attempt 1 crashed')

  await drawer.verdict.getByRole('button', { name: 'Retry' }).click()

  await drawer.head(2).click()
  await expect(drawer.log(2)).toBeVisible()
  await drawer.tab(2, 'Summary')
  await expect(drawer.run(2).getByRole('heading', { name: 'Observed' })).toHaveCount(0)
  await expect(drawer.history).toContainText(/waited [1-9]/)
  home.openGate('seen')
  await expect(drawer.run(2).getByRole('heading', { name: 'Observed' })).toBeVisible()
  await expect(drawer.run(2).locator('.observed dd').first()).toHaveText('exit 0')
})

test('a link leads to one run of a task, and a reload stays there', async ({ drawer, home, open, page }) => {
  await home.addProfile(
    'broken',
    'echo "try $RUNBOARD_ATTEMPT"; exit 1',
    '--backoff',
    '0',
    '--failure-limit',
    '5',
  )
  const id = await home.create('Upload it', '--assignee', 'broken')
  await expect.poll(async () => (await home.task(id)).status).toBe('blocked')

  await open(`/board/work/task/${id}/run/2`)
  await expect(drawer.head(2)).toHaveAttribute('aria-expanded', 'true')
  await expect(drawer.log(2)).toContainText('try 2')
  await page.reload()
  await expect(drawer.log(2)).toContainText('try 2')

  // By keyboard from run to run; the address follows.
  await page.keyboard.press('ArrowRight')
  await expect(drawer.log(3)).toContainText('try 3')
  await expect(page).toHaveURL(new RegExp(`/task/${id}/run/3$`))
  await page.keyboard.press('5')
  await expect(drawer.log(5)).toContainText('try 5')
  await page.keyboard.press('Escape')
  await expect(drawer.panel).toBeHidden()
})

test('more than three runs are folded; the newest three are shown', async ({ drawer, home, open, page }) => {
  await home.addProfile(
    'broken',
    'echo "try $RUNBOARD_ATTEMPT"; exit 1',
    '--backoff',
    '0',
    '--failure-limit',
    '5',
  )
  const id = await home.create('Upload it', '--assignee', 'broken')
  await open(`/board/work/task/${id}`)
  await expect(drawer.verdict).toContainText('will not retry', { ignoreCase: true })
  await expect(drawer.rows).toHaveCount(3)
  await expect(drawer.head(5)).toBeVisible()
  await expect(drawer.head(2)).toBeHidden()
  const attempts = drawer.panel.getByRole('toolbar', { name: 'Attempts, oldest first' })
  await expect(attempts.getByRole('button')).toHaveCount(5)

  await drawer.button('+2 earlier').click()
  await expect(drawer.rows).toHaveCount(5)
  await drawer.button('Show the newest only').click()
  await expect(drawer.rows).toHaveCount(3)

  await attempts.getByRole('button', { name: /^Attempt 1, crashed/ }).click()
  await expect(drawer.log(1)).toContainText('try 1')
  await expect(page).toHaveURL(/\/run\/1$/)
})

test("a running worker's log is followed, then the worker is stopped; the task is held", async ({
  board,
  drawer,
  home,
  open,
}) => {
  await home.addProfile(
    'chatty',
    `echo "first line"; ${home.gate('more')}; echo "second line"; ${home.gate('never')}`,
  )
  const id = await home.create('Talk', '--assignee', 'chatty')
  await open(`/board/work/task/${id}`)
  await expect(drawer.verdict).toContainText('Attempt 1 is running')
  await drawer.head(1).click()
  await expect(drawer.log(1)).toContainText('first line')
  await expect(drawer.log(1)).not.toContainText('second line')
  home.openGate('more')
  await expect(drawer.log(1)).toContainText('second line')
  const process = await drawer.tab(1, 'Process')
  const [worker] = await home.workers()
  await expect(process).toContainText(String(worker!.worker_pid))

  await drawer.run(1).getByRole('button', { name: 'Stop', exact: true }).click()
  await board.dialog('Stop this worker?').getByRole('button', { name: 'Stop' }).click()
  await expect(drawer.verdict).toContainText('Attempt 1 was stopped')
  await expect(drawer.verdict).toContainText(/held/)
  await expect(drawer.head(1)).toContainText('stopped')
  expect(await home.workers()).toEqual([])

  await drawer.verdict.getByRole('button', { name: 'Release' }).click()
  await expect(drawer.verdict).toContainText('Attempt 2 is running')
})

test('a question is answered in the drawer, and the next attempt reads the answer', async ({
  board,
  drawer,
  home,
  open,
  page,
}) => {
  const line =
    'if [ "$RUNBOARD_ATTEMPT" = 1 ]; then runboard block --reason "Export or *dump*?"; else runboard complete --summary "Named it"; fi'
  await home.addProfile('asker', line)
  const id = await home.create('Name the command', '--assignee', 'asker')
  await open(`/board/work/task/${id}`)
  await expect(drawer.verdict).toContainText('Attempt 1 asks you')
  await expect(drawer.verdict).toContainText('Export or dump?')
  await expect(drawer.verdict.getByRole('textbox', { name: 'Your answer' })).toBeFocused()
  await page.keyboard.type('Call it export')
  await drawer.verdict.getByRole('button', { name: 'Send answer' }).click()

  await expect(drawer.verdict).toContainText('Attempt 2 completed')
  await expect(board.cardIn('Done', 'Name the command')).toBeVisible()
  await expect(drawer.head(1)).toContainText('blocked')
  await expect(drawer.history.getByRole('note', { name: 'You answered' })).toContainText('Call it export')
  await drawer.head(2).click()
  await expect(await drawer.tab(2, 'Prompt')).toContainText('Call it export')
  await page.keyboard.press('Escape')
  await expect(drawer.panel).toBeHidden()
})

test('a review is sent back with a note, then approved', async ({ board, drawer, home, open, page }) => {
  await home.addProfile('author', 'runboard request-review --summary "Draft $RUNBOARD_ATTEMPT"')
  const id = await home.create('Write the preface', '--assignee', 'author')
  await open(`/board/work/task/${id}`)
  await expect(drawer.verdict).toContainText('Attempt 1 asks for a review')
  await drawer.verdict.getByRole('button', { name: 'Request changes…' }).click()
  await board.dialog('Request changes').getByLabel('What has to change').fill('Shorter, please')
  await page.keyboard.press('Control+Enter')
  await expect(drawer.verdict).toContainText('Attempt 2 asks for a review')
  await drawer.verdict.getByRole('button', { name: 'Approve' }).click()
  await expect(drawer.verdict).toContainText('Attempt 2 was approved')
  await expect(board.cardIn('Done', 'Write the preface')).toBeVisible()
  await drawer.head(2).click()
  await expect(await drawer.tab(2, 'Prompt')).toContainText('Shorter, please')
})

test('an open task follows external changes, and keeps text that is being typed', async ({
  cli,
  drawer,
  home,
  open,
  page,
}) => {
  const id = await home.create('Shared work')
  await open(`/board/work/task/${id}`)
  const comment = drawer.panel.getByRole('textbox', { name: 'New comment' })
  await comment.fill('Half a thou')
  await cli('comment', id, 'From the terminal')
  await expect(drawer.panel.getByRole('region', { name: /^Comments/ })).toContainText('From the terminal')
  await cli('complete', id, '--summary', 'Finished elsewhere', '--metadata', '{"decisions":["by hand"]}')
  await expect(drawer.head(1)).toContainText('Finished elsewhere')
  await expect(comment).toHaveValue('Half a thou')
  await expect(comment).toBeFocused()
  await page.keyboard.type('ght')
  await page.keyboard.press('Control+Enter')
  await expect(drawer.panel.getByRole('region', { name: /^Comments/ })).toContainText('Half a thought')
})

test('a task is edited in place: title, body, facts, links', async ({ cli, drawer, home, open, page }) => {
  const id = await home.create('Old name', '--body', 'Old *text*')
  await home.create('The ground')
  await open(`/board/work/task/${id}`)
  await drawer.panel.getByRole('heading', { name: 'Old name' }).getByRole('button').click()
  await expect(drawer.panel.getByRole('textbox', { name: 'Title' })).toBeFocused()
  await page.keyboard.type('New name')
  await page.keyboard.press('Enter')
  await expect(drawer.panel.getByRole('heading', { name: 'New name' })).toBeVisible()

  await drawer.button('Edit the description').click()
  await drawer.panel.getByRole('textbox', { name: 'Description, as Markdown' }).fill('New **text**')
  await page.keyboard.press('Control+Enter')
  await expect(drawer.panel.getByRole('region', { name: 'Description' }).getByRole('strong')).toHaveText(
    'text',
  )

  await drawer.button('Add a blocking task').click()
  await expect(drawer.panel.getByRole('combobox')).toBeFocused()
  await page.keyboard.type('ground')
  await page.getByRole('option', { name: /The ground/ }).click()
  await expect(drawer.panel.getByRole('link', { name: /The ground/ })).toBeVisible()
  await expect(drawer.verdict).toContainText('It is blocked by “The ground”')

  const task = await home.task(id)
  expect(task).toMatchObject({ title: 'New name', body: 'New **text**', status: 'todo' })
  await cli('unlink', (await cli.json<{ links: { parents: string[] } }>('show', id)).links.parents[0]!, id)
  await expect(drawer.panel.getByRole('link', { name: /The ground/ })).toBeHidden()
})

test('B6: a text that another process saved meanwhile is never overwritten without a question', async ({
  board,
  cli,
  complaints,
  drawer,
  home,
  open,
  page,
}) => {
  complaints.expect(/409/)
  const id = await home.create('Old name', '--body', 'Opened')
  await open(`/board/work/task/${id}`)
  const field = drawer.panel.getByRole('textbox', { name: 'Description, as Markdown' })
  await drawer.button('Edit the description').click()
  await field.fill('Mine')
  await cli('edit', id, '--body', 'Theirs')
  // The draft keeps the text when editing began, also across a reload.
  await page.reload()
  await expect(field).toHaveValue('Mine')
  await field.press('Control+Enter')
  const choice = board.dialog('Description: which version?')
  await expect(choice.getByRole('region', { name: 'Yours' })).toContainText('Mine')
  await expect(choice.getByRole('region', { name: 'Theirs' })).toContainText('Theirs')
  expect((await home.task(id)).body).toBe('Theirs')

  await choice.getByRole('button', { name: 'Keep editing' }).click()
  await expect(field).toHaveValue('Mine')
  await drawer.button('Save').click()
  await choice.getByRole('button', { name: 'Keep mine' }).click()
  await expect(field).toBeHidden()
  expect((await home.task(id)).body).toBe('Mine')

  await drawer.panel.getByRole('heading', { name: 'Old name' }).getByRole('button').click()
  await page.keyboard.type('My name')
  await cli('edit', id, '--title', 'Their name')
  await page.keyboard.press('Enter')
  await board.dialog('Title: which version?').getByRole('button', { name: 'Take theirs' }).click()
  await expect(drawer.panel.getByRole('heading', { name: 'Their name' })).toBeVisible()
  expect((await home.task(id)).title).toBe('Their name')
})

test('the address of an unknown task says so', async ({ complaints, drawer, open }) => {
  complaints.expect(/404/)
  await open('/board/work/task/t_00000000')
  await expect(drawer.panel.getByRole('heading', { name: 'Task not found' })).toBeVisible()
  await drawer.panel.getByRole('button', { name: 'Close' }).last().click()
  await expect(drawer.panel).toBeHidden()
})

test('“Open log at the error” scrolls the line into view, however long the drawer is', async ({
  drawer,
  home,
  open,
  page,
  serve: _dispatching,
}) => {
  await page.setViewportSize({ width: 1280, height: 600 })
  const work = 'for i in $(seq 200); do echo "step $i"; done; echo "Error: no route"; echo bye; exit 3'
  await home.addProfile('importer', work, '--failure-limit', '1')
  const id = await home.create('Import it', '--assignee', 'importer', '--body', 'All of it.\n\n'.repeat(30))
  await expect.poll(async () => (await home.task(id)).status).toBe('blocked')
  await open(`/board/work/task/${id}`)
  await drawer.verdict.getByRole('button', { name: 'Open log at the error' }).click()
  await expect(drawer.log(1).getByText('Error: no route')).toBeInViewport()

  // A line number is a link to its line.
  await drawer.log(1).getByRole('link', { name: 'Line 201' }).click()
  await expect(page).toHaveURL(/run\/1\?line=201$/)
  await page.reload()
  await expect(drawer.log(1).getByText('Error: no route')).toBeInViewport()
})

test('an unsent comment survives a reload, and is gone once it is sent', async ({
  drawer,
  home,
  open,
  page,
}) => {
  const id = await home.create('Think')
  await open(`/board/work/task/${id}`)
  const field = drawer.panel.getByRole('textbox', { name: 'New comment' })
  await field.fill('Not yet, because')
  await page.reload()
  await expect(field).toHaveValue('Not yet, because')
  await field.press('Control+Enter')
  await expect(drawer.panel.getByText('Not yet, because')).toBeVisible()
  await expect(field).toHaveValue('')
  await page.reload()
  await expect(drawer.panel.getByText('Not yet, because')).toBeVisible()
  await expect(field).toHaveValue('')
})
