import { join } from 'node:path'
import { addAgent } from '../agent.ts'
import { expect, test } from '../fixtures.ts'

const TOOL_CALL = {
  sessionUpdate: 'tool_call',
  toolCallId: 'c1',
  title: 'Read brass.txt',
  kind: 'read',
  status: 'in_progress',
  rawInput: { path: 'brass.txt' },
}

test('a message to a worker that takes none while it runs is kept for the next attempt, by keyboard', async ({
  drawer,
  home,
  open,
  page,
}) => {
  await home.addProfile('deaf', `echo started; ${home.gate('go')}; exit 3`, '--failure-limit', '1')
  const id = await home.create('Polish the brass', '--assignee', 'deaf')
  await open(`/board/work/task/${id}`)
  const box = drawer.run(1).getByRole('textbox', { name: 'Tell the worker' })
  await expect(box).toHaveAccessibleDescription(/takes no messages while it runs: kept for the next attempt/)
  await page.keyboard.press('t')
  await expect(box).toBeFocused()
  await page.keyboard.type('Use the old brass')

  // The text is kept while another task is looked at, and by a reload.
  await page.reload()
  await expect(box).toHaveValue('Use the old brass')
  await page.keyboard.press('t')
  await page.keyboard.press('Control+Enter')
  await expect(box).toHaveValue('')
  const message = drawer.history.getByRole('note', { name: 'You told the worker' })
  await expect(message).toContainText('Use the old brass')
  await expect(message).toContainText('Kept for the next attempt')

  // The log of the open run is beside it.
  await page.keyboard.press('Escape')
  await page.keyboard.press('l')
  await expect(drawer.log(1)).toBeVisible()
  await expect(box).toBeVisible()

  home.openGate('go')
  await expect(message).toContainText('For the next attempt, in its context')
  await expect(box).toBeHidden()
  await page.keyboard.press('r')
  await expect(message).toContainText('Delivered to attempt 2 in its context')
})

test('a message to an agent that listens says when it was delivered', async ({
  drawer,
  home,
  open,
  page,
}) => {
  const turn = [
    { say: 'On it\n' },
    { update: TOOL_CALL },
    { await: join(home.path, 'gates/go') },
    { runboard: ['complete', '--summary', 'Polished'] },
  ]
  await addAgent(home, 'listens', { steering: 'accepts', turns: [turn] })
  const id = await home.create('Polish the brass', '--assignee', 'listens')
  await open(`/board/work/task/${id}`)
  const box = drawer.run(1).getByRole('textbox', { name: 'Tell the worker' })
  await expect(box).toHaveAccessibleDescription(/gets it at the next chance/)
  await page.keyboard.press('l')
  await expect(drawer.log(1)).toContainText('On it')
  await box.fill('Use the old brass')
  await expect(drawer.run(1).getByRole('checkbox', { name: /Interrupt its turn/ })).toBeVisible()
  await drawer.run(1).getByRole('button', { name: 'Tell', exact: true }).click()
  const message = drawer.history.getByRole('note', { name: 'You told the worker' })
  await expect(message).toContainText('Delivered to attempt 1 during the turn')
  // The log grew by the message, and the line before it is still shown.
  await expect(drawer.log(1)).toContainText('Use the old brass')
  await expect(drawer.log(1)).toContainText('Read brass.txt')
  home.openGate('go')
  await expect(drawer.verdict).toContainText('Polished')
})
