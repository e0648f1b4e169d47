import { addAgent, asksToRun } from '../agent.ts'
import { addAsker, questionOf } from '../asker.ts'
import type { Home } from '../home.ts'
import { expect, test } from './fixtures.ts'

test('a worker that asks causes a notification, and continues with the answer that is given in the inbox by keyboard', async ({
  home,
  launch,
}) => {
  await addAsker(home)
  const desktop = await launch()
  const { board, drawer, page } = desktop
  const id = await home.create('Paint the door', '--assignee', 'asker')
  await expect(board.cardIn('Running', 'Paint the door')).toContainText('waits for you')
  const notice = (question: string) => ({
    title: 'Asks a question: Paint the door',
    body: `${question}\nIt waits for your answer.`,
    actions: [],
  })
  const notices = async () => (await desktop.outside()).notifications
  await expect.poll(notices).toEqual([notice('Which colour?')])
  await expect
    .poll(async () => (await desktop.outside()).tray?.tooltip)
    .toBe('Runboard: 1 needs you, 1 running')

  await page.keyboard.press('g')
  await page.keyboard.press('i')
  const entry = questionOf(page, 'Paint the door')
  await expect(entry).toContainText('Waits for you: Which colour?')
  await page.keyboard.press('j')
  await page.keyboard.press('a')
  await expect(entry.getByRole('button', { name: 'red, dark' })).toBeFocused()
  await page.keyboard.press('Enter')

  // It continues, asks again, and a click on the notification opens its task.
  await expect.poll(notices).toEqual([notice('Which colour?'), notice('Whose door is it?')])
  await expect(entry).toContainText('Whose door is it?')
  await page.keyboard.press('j')
  await page.keyboard.press('a')
  await expect(entry.getByRole('textbox', { name: 'Your answer' })).toBeFocused()
  await page.keyboard.type('Ada')
  await page.keyboard.press('Control+Enter')
  await expect(entry).toBeHidden()
  await expect.poll(async () => (await home.task(id)).status).toBe('done')
  await desktop.clickNotification('Asks a question: Paint the door')
  await expect(drawer.panel).toContainText('red, dark for Ada')
  await expect.poll(async () => (await desktop.outside()).tray?.count).toBe(0)
})

const COMMAND = 'rm -r tarnish'

/** Adds an agent that asks to run a command, and then reports. @returns reads what it has recorded */
const addPolisher = (home: Home) =>
  addAgent(home, 'agent', {
    turns: [[asksToRun(COMMAND), { runboard: ['complete', '--summary', 'Polished'] }]],
  })

test('an agent behind the bridge asks for a permission, and continues when it is allowed by keyboard', async ({
  home,
  launch,
}) => {
  const recorded = await addPolisher(home)
  const desktop = await launch()
  const { board, page } = desktop
  await home.create('Polish the brass', '--assignee', 'agent')
  await expect
    .poll(async () => (await desktop.outside()).notifications)
    .toMatchObject([
      {
        title: 'Asks a question: Polish the brass',
        body: 'Bash: rm -r tarnish\nIt waits for your answer.',
      },
    ])
  await page.keyboard.press('g')
  await page.keyboard.press('i')
  const entry = questionOf(page, 'Polish the brass')
  await expect(entry).toContainText(COMMAND)
  await page.keyboard.press('j')
  await page.keyboard.press('a')
  await expect(entry.getByRole('button', { name: 'Allow once' })).toBeFocused()
  await page.keyboard.press('Enter')
  await expect(entry).toBeHidden()
  await page.keyboard.press('g')
  await page.keyboard.press('b')
  await expect(board.cardIn('Done', 'Polish the brass')).toBeVisible()
  expect(recorded()).toContain('"outcome":"selected","optionId":"yes"')
})

test('an app that is killed while an agent asks: the command line answers, and the next start has the result', async ({
  home,
  launch,
}) => {
  const recorded = await addPolisher(home)
  const first = await launch()
  const id = await home.create('Polish the brass', '--assignee', 'agent')
  await expect(first.board.cardIn('Running', 'Polish the brass')).toContainText('waits for you')
  await first.kill()

  await home.cli('answer', id, '--option', 'allow')
  await expect.poll(recorded).toContain('"outcome":"selected","optionId":"yes"')
  await expect.poll(async () => (await home.task(id)).status).toBe('done')
  const second = await launch()
  await expect(second.board.cardIn('Done', 'Polish the brass')).toBeVisible()
  expect(await home.runs(id)).toMatchObject([{ attempt: 1, outcome: 'completed', summary: 'Polished' }])
  await expect.poll(async () => (await second.outside()).tray?.count).toBe(0)
})
