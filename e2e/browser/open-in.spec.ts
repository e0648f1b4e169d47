import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '../fixtures.ts'
import { greetingTask, workUntilReview } from '../project.ts'

test('the folder of a task, and a file in its diff at a line, open in a program from the settings', async ({
  board,
  drawer,
  home,
  open,
  page,
  serve: _dispatching,
}) => {
  const log = join(home.path, 'opened')
  const program = join(home.path, 'editor.sh')
  writeFileSync(program, `#!/bin/sh\necho "$1" >> '${log}'\n`, { mode: 0o755 })
  await home.cli('settings', 'set', `open_in=${JSON.stringify({ mine: [program, '{path}:{line}'] })}`)
  const { id } = await greetingTask(home)
  await workUntilReview(home, id)
  const opened = () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [])
  const { workspace_path } = (await home.task(id)) as unknown as { workspace_path: string }

  await open(`/board/work/task/${id}`)
  await drawer.panel.getByRole('button', { name: 'Open the folder in…' }).press('Enter')
  await board.menu('Open in').getByRole('menuitem', { name: /^mine/ }).press('Enter')
  await expect.poll(opened).toEqual([`${workspace_path}:1`])

  await home.cli('comment', id, 'Look at `greet.py:2`, please')
  await drawer.panel.getByRole('link', { name: 'greet.py:2' }).press('Enter')
  await expect.poll(opened).toHaveLength(2)
  expect(opened()[1]).toBe(`${workspace_path}/greet.py:2`)

  await drawer.panel.getByRole('link', { name: /Review changes/ }).click()
  await page.getByRole('button', { name: 'Open greet.py in…' }).click()
  await board.menu('Open in').getByRole('menuitem', { name: /^mine/ }).click()
  await expect.poll(opened).toHaveLength(3)
  expect(opened()[2]).toMatch(/greet\.py:1$/)
})

test('the log of a run links addresses, tasks of the board, and places in files of its folder', async ({
  drawer,
  home,
  open,
  page,
  serve: _dispatching,
}) => {
  const log = join(home.path, 'opened')
  const program = join(home.path, 'editor.sh')
  writeFileSync(program, `#!/bin/sh\necho "$1" >> '${log}'\n`, { mode: 0o755 })
  await home.cli('settings', 'set', `open_in=${JSON.stringify({ mine: [program, '{path}:{line}'] })}`)
  const other = await home.create('The other task', '--hold')
  const says = [
    'touch a.ts; echo "a.ts:3:1 <b>not bold</b>, at $PWD/a.ts:7, not at /etc/other.ts:1"',
    `echo "see https://example.org/x. and ${other}"`,
  ]
  await home.addProfile('author', says.join('; '), '--completion', 'exit-code')
  const id = await home.create('Says much', '--assignee', 'author')
  await expect.poll(async () => (await home.task(id)).status, { timeout: 60_000 }).toBe('done')
  const [run] = await home.runs(id)
  const folder = run?.workspace_path ?? ''
  const opened = () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : [])

  await open(`/board/work/task/${id}/run/1`)
  await drawer.tab(1, 'Log')
  const lines = drawer.log(1)
  await expect(lines).toContainText('<b>not bold</b>')
  await lines.getByRole('link', { name: 'a.ts:3:1', exact: true }).click()
  await expect.poll(opened).toEqual([`${folder}/a.ts:3`])
  await lines.getByRole('link', { name: `${folder}/a.ts:7` }).press('Enter')
  await expect.poll(opened).toEqual([`${folder}/a.ts:3`, `${folder}/a.ts:7`])
  await expect(lines.getByRole('link', { name: '/etc/other.ts:1' })).toHaveCount(0)
  const address = lines.getByRole('link', { name: 'https://example.org/x', exact: true })
  await expect(address).toHaveAttribute('rel', 'noreferrer noopener')
  await lines.getByRole('link', { name: other }).click()
  await expect(page.getByRole('complementary', { name: /^Task/ })).toContainText('The other task')
})
