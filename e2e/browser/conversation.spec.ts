import { join } from 'node:path'
import { addAgent, asksToRun } from '../agent.ts'
import { expect, test } from '../fixtures.ts'
import type { Home } from '../home.ts'

const COMMAND = 'rm -r tarnish'

const plan = (...statuses: string[]) => ({
  update: {
    sessionUpdate: 'plan',
    entries: ['Look around', 'Polish the brass', 'Wax it'].map((content, index) => ({
      content,
      status: statuses[index],
      priority: 'medium',
    })),
  },
})
const EDIT = { sessionUpdate: 'tool_call', toolCallId: 'edit', title: 'Edit brass.txt', kind: 'edit' }
const EDITED = {
  sessionUpdate: 'tool_call_update',
  toolCallId: 'edit',
  status: 'completed',
  content: [
    { type: 'diff', path: 'brass.txt', oldText: 'old\ndull\nend\n', newText: 'old\nshiny\nclean\nend\n' },
  ],
}
/** Starts an agent that does all that the log shows, and waits at a gate. @returns the id of its task */
async function converse(home: Home): Promise<string> {
  const turn = [
    { say: 'I look around.\n' },
    plan('in_progress', 'pending', 'pending'),
    { update: { sessionUpdate: 'usage_update', used: 42_000, size: 200_000 } },
    { update: { ...EDIT, status: 'in_progress' } },
    { update: EDITED },
    asksToRun(COMMAND),
    plan('completed', 'in_progress', 'pending'),
    { await: join(home.path, 'gates/go') },
    plan('completed', 'completed', 'completed'),
    { runboard: ['complete', '--summary', 'Polished'] },
  ]
  await addAgent(home, 'agent', { steering: 'accepts', turns: [turn] })
  return home.create('Polish the brass', '--assignee', 'agent', '--model', 'brass-1')
}

test('the log of an agent shows the conversation as it happens: plan, changes, questions and messages', async ({
  drawer,
  home,
  open,
  page,
}) => {
  const id = await converse(home)
  await open(`/board/work/task/${id}/run/1`)
  const log = drawer.log(1)
  await expect(log).toContainText('I look around.')
  const shown = drawer.run(1).getByRole('region', { name: 'Plan of the agent' })
  const steps = shown.getByRole('listitem')
  await expect(shown).toContainText('0 of 3 done')
  await expect(steps).toHaveText(['Look around', 'Polish the brass', 'Wax it'])
  await expect(steps.first()).toHaveAttribute('aria-current', 'step')

  // The change, as a diff.
  await expect(log).toContainText('✓ brass.txt')
  await expect(log.getByText('-dull', { exact: true })).toHaveClass(/ansi-red-bg/)
  await expect(log.getByText('+shiny', { exact: true })).toHaveClass(/ansi-green-bg/)

  // The question, and then its answer in its place.
  await expect(log).toContainText(`? Asks  ${COMMAND}`)
  await drawer.verdict.getByRole('button', { name: 'Allow once' }).click()
  await expect(log).toContainText(`✓ Allowed  ${COMMAND}`)
  await expect(log).not.toContainText('Asks')
  await expect(shown).toContainText('1 of 3 done')
  await expect(steps.nth(1)).toHaveAttribute('aria-current', 'step')

  // A message from the box beside it, with what became of it.
  const box = drawer.run(1).getByRole('textbox', { name: 'Tell the worker' })
  await box.fill('Use the old brass')
  await page.keyboard.press('Control+Enter')
  const message = log.getByText('» Use the old brass · delivered during the turn')
  await expect(message).toBeVisible()
  await log.scrollIntoViewIfNeeded()
  await expect(message).toBeInViewport()

  // The plan folds to one line, which stays so.
  await shown.getByRole('button', { name: /^Plan/ }).click()
  await expect(steps).toHaveCount(0)
  await expect(shown).toContainText('Polish the brass')
  await page.reload()
  await expect(shown).toContainText('1 of 3 done')
  await expect(steps).toHaveCount(0)

  home.openGate('go')
  await expect(shown).toContainText('3 of 3 done')
  await expect(drawer.verdict).toContainText('Polished')
})

test('a worker is listed with its agent, model, session and context, and takes a message beside its log', async ({
  home,
  open,
  page,
}) => {
  const id = await converse(home)
  await open('/board/work/workers')
  const worker = page.getByRole('list', { name: 'Live processes' }).getByRole('button')
  await expect(worker).toContainText('codex 1.0.0')
  await expect(worker).toContainText('brass-1')
  await expect(worker).toContainText('session session-')
  await expect(worker).toContainText('context 21 %')
  const [listed] = await home.workers()
  expect(listed).toMatchObject({
    agent: 'codex 1.0.0',
    model: 'brass-1',
    agent_session_id: 'session-1',
    context_used: 42_000,
    context_size: 200_000,
  })
  const beside = page.getByRole('region', { name: 'Log of the chosen worker' })
  await beside.getByRole('textbox', { name: 'Tell the worker' }).fill('Use the old brass')
  await page.keyboard.press('Control+Enter')
  await expect(beside).toContainText('» Use the old brass · delivered during the turn')
  await home.cli('answer', id, '--option', 'allow')
  home.openGate('go')
})

test('a rule that “Always allow” adds is shown in the settings, and removed there', async ({
  board,
  drawer,
  home,
  open,
  page,
}) => {
  const turn = [asksToRun(COMMAND), asksToRun(COMMAND), { runboard: ['complete', '--summary', 'Polished'] }]
  await addAgent(home, 'agent', { turns: [turn] })
  const id = await home.create('Polish the brass', '--assignee', 'agent')
  await open(`/board/work/task/${id}`)
  await drawer.verdict.getByRole('button', { name: 'Always allow' }).click()
  // It does not ask again.
  await expect(drawer.verdict).toContainText('Polished')

  await open('/settings/profiles')
  const row = page.getByRole('main').getByRole('listitem').filter({ hasText: 'codex-acp' })
  await expect(row).toContainText(`Allowed without asking: =${COMMAND}`)
  await row.getByRole('button', { name: 'Edit' }).click()
  const dialog = board.dialog(/agent/)
  await dialog.getByText(/^Limits, .*permissions/).click()
  const rules = dialog.getByRole('textbox', { name: /^Allowed commands/ })
  await expect(rules).toHaveValue(`=${COMMAND}`)
  await rules.fill('')
  await dialog.getByRole('button', { name: 'Save' }).click()
  await expect(row).not.toContainText('Allowed without asking')
  const { profile } = await home.cli.json<{ profile: object }>('profiles', 'show', 'agent')
  expect(profile).toMatchObject({ allowed_commands: [] })
})
