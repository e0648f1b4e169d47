import { join } from 'node:path'
import { expect, test } from '../fixtures.ts'
import { root } from '../home.ts'

const recorded = (agent: string) => join(root, 'formats/testing', `${agent}.jsonl`)

/** A line of shell that writes a Codex event. */
const said = (text: string) =>
  `echo '${JSON.stringify({ type: 'item.completed', item: { type: 'agent_message', text } })}'`

test('the log of an agent is shown in words, or as written on request', async ({
  drawer,
  home,
  open,
  page,
  serve: _dispatching,
}) => {
  await home.addProfile('agent', `cat ${recorded('claude')}; echo that was all`, '--completion', 'exit-code')
  const id = await home.create('Polish the brass', '--assignee', 'agent')
  await expect.poll(async () => (await home.task(id)).status).toBe('done')
  await open(`/board/work/task/${id}`)
  await drawer.head(1).click()
  await drawer.tab(1, 'Log')
  const log = drawer.log(1)
  const toEnd = drawer.run(1).getByRole('button', { name: 'Go to the end and follow it' })
  await expect(log).toContainText('▸ Started · claude-sonnet-4-5')
  await toEnd.click()
  await expect(log).toContainText('that was all')
  await expect(log).toContainText('■ Finished · 12 turns · $0.06 · 5.0 s')
  await expect(log).not.toContainText('"type"')

  const modes = drawer.run(1).getByRole('group', { name: 'How events are shown' })
  await modes.getByRole('button', { name: 'As written' }).click()
  await expect(log).toContainText('"type":"result"')
  await page.reload()
  await toEnd.click()
  await expect(log).toContainText('"type":"result"')
  await modes.getByRole('button', { name: 'Readable' }).click()
  await expect(log).not.toContainText('"type"')

  // The search covers what is shown, which does not include field names.
  const search = drawer.run(1).getByRole('textbox', { name: 'Search the log' })
  const count = drawer.run(1).getByRole('status')
  await search.fill('parent_tool_use_id')
  await expect(count).toHaveText('none in readable view')
  await search.fill('cat nosuch')
  await expect(count).toHaveText('1 of 1')
  await log.scrollIntoViewIfNeeded()
  await expect(log.getByText('● Bash  cat nosuch; exit 3')).toBeInViewport()
})

test('an event expands to its JSON, also by keyboard', async ({
  drawer,
  home,
  open,
  page,
  serve: _dispatching,
}) => {
  await home.addProfile(
    'agent',
    `${said('I look.')}; echo plain; ${said('Done.')}`,
    '--completion',
    'exit-code',
  )
  const id = await home.create('Polish the brass', '--assignee', 'agent')
  await expect.poll(async () => (await home.task(id)).status).toBe('done')
  await open(`/board/work/task/${id}`)
  await drawer.head(1).click()
  await drawer.tab(1, 'Log')
  const log = drawer.log(1)
  await expect(log).toContainText('Done.')

  await log.focus()
  await page.keyboard.press('Tab')
  const opens = log.getByRole('button', { name: 'JSON of this event' })
  await expect(opens.first()).toBeFocused()
  await page.keyboard.press('ArrowDown')
  await expect(opens.last()).toBeFocused()
  await page.keyboard.press('Enter')
  const json = log.getByRole('region', { name: 'JSON of the event' })
  await expect(json).toContainText('"text": "Done."')
  await page.keyboard.press('Enter')
  await expect(json).toBeHidden()
})

test("an agent's log is followed in words, and then opens at the failure", async ({
  board,
  drawer,
  home,
  open,
  serve: _dispatching,
}) => {
  const piece = (content: string) =>
    `echo '${JSON.stringify({ type: 'message', role: 'assistant', content, delta: true })}'`
  const failure = JSON.stringify({ type: 'turn.failed', error: { message: 'No more for today' } })
  const steps = `for i in $(seq 120); do ${said('I continue.')}; done`
  const work = `${piece('I loo')}; ${home.gate('on')}; ${piece('k around.')}; ${steps}; echo '${failure}'; ${steps}; exit 3`
  await home.addProfile('agent', work, '--failure-limit', '1')
  const id = await home.create('Polish the brass', '--assignee', 'agent')
  await open(`/board/work/task/${id}`)
  await drawer.head(1).click()
  const log = drawer.log(1)
  await expect(log.getByText('I loo', { exact: true })).toBeVisible()
  home.openGate('on')
  await expect(board.cardIn('Blocked', 'Polish the brass')).toBeVisible()
  await log.scrollIntoViewIfNeeded()
  await expect(log.getByText('I continue.').last()).toBeInViewport()
  await drawer.verdict.getByRole('button', { name: 'Open log at the error' }).click()
  await expect(log.getByText('✗ No more for today')).toBeInViewport()
})

test('a log without events offers no choice', async ({ drawer, home, open, serve: _dispatching }) => {
  await home.addProfile('plain', `echo '{"a":1}'; echo one`, '--completion', 'exit-code')
  const id = await home.create('Say one', '--assignee', 'plain')
  await expect.poll(async () => (await home.task(id)).status).toBe('done')
  await open(`/board/work/task/${id}`)
  await drawer.head(1).click()
  await drawer.tab(1, 'Log')
  await expect(drawer.log(1)).toContainText('{"a":1}')
  await expect(drawer.run(1).getByRole('group', { name: 'How events are shown' })).toBeHidden()
})
