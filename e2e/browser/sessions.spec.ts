import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '../fixtures.ts'

/** A program that acts like Claude Code: it fails in a new session, and succeeds when it resumes that session. */
const CLAUDE = `#!/bin/sh
echo '{"type":"system","subtype":"init","session_id":"5e551011"}'
case " $* " in
  *" --resume 5e551011 "*) echo '{"type":"result","subtype":"success","is_error":false,"result":"It shines."}' ;;
  *) echo '{"type":"result","subtype":"error","is_error":true,"errors":["The disk is on fire"]}'; exit 1 ;;
esac
`

test('a retry says that it continues the session, and its run says so too', async ({
  drawer,
  home,
  open,
  page,
}) => {
  const bin = join(home.path, 'agents')
  mkdirSync(bin)
  writeFileSync(join(bin, 'claude'), CLAUDE)
  chmodSync(join(bin, 'claude'), 0o755)
  const path = `PATH=${bin}:${process.env['PATH'] ?? ''}`
  await home.cli(
    ...['profiles', 'add', 'coder', '--preset', 'claude-code', '--completion', 'exit-code', '--env', path],
  )
  const id = await home.create('Polish the brass', '--assignee', 'coder', '--max-retries', '1')
  await expect.poll(async () => (await home.task(id)).status).toBe('blocked')

  await open(`/board/work/task/${id}`)
  await expect(drawer.verdict).toContainText('crashed')
  await page.keyboard.press('Shift+R')
  const form = page.getByRole('dialog', { name: 'Retry' })
  const session = form.getByLabel('Session')
  await expect(session).toHaveValue('resume')
  await expect(session.getByRole('option')).toHaveText([
    'Continue the session of attempt 1',
    'Fresh, with the whole context',
  ])
  await form.getByRole('button', { name: /^Retry/ }).click()
  await expect.poll(async () => (await home.task(id)).status).toBe('done')

  await drawer.head(2).click()
  await expect(drawer.run(2)).toContainText('Continues the session of attempt 1.')
  const details = await drawer.tab(2, 'Process')
  await expect(details).toContainText('claude --resume 5e551011')
})

test('a person takes over the session of a worker, and hands it back', async ({
  context,
  drawer,
  home,
  open,
  page,
}) => {
  await context.grantPermissions(['clipboard-read', 'clipboard-write'])
  const bin = join(home.path, 'agents')
  mkdirSync(bin)
  const hangs = CLAUDE.replace(/\n {2}\*\).*\n/, `\n  *) ${home.gate('never')} ;;\n`)
  writeFileSync(join(bin, 'claude'), hangs)
  chmodSync(join(bin, 'claude'), 0o755)
  const path = `PATH=${bin}:${process.env['PATH'] ?? ''}`
  await home.cli(
    ...['profiles', 'add', 'coder', '--preset', 'claude-code', '--completion', 'exit-code', '--env', path],
  )
  const id = await home.create('Polish the brass', '--assignee', 'coder')
  await expect.poll(async () => (await home.runs(id))[0]?.agent_session_id).toBe('5e551011')
  await open(`/board/work/task/${id}/run/1`)
  const menu = async (attempt: number) => {
    await drawer
      .run(attempt)
      .getByRole('button', { name: `Actions on attempt ${attempt}` })
      .click()
    return page.getByRole('menu', { name: `Actions on attempt ${attempt}` })
  }
  await (await menu(1)).getByRole('menuitem', { name: 'Take over…' }).click()
  await page.getByRole('dialog', { name: 'Take over?' }).getByRole('button', { name: 'Take over' }).click()
  await expect
    .poll(() => page.evaluate(() => navigator.clipboard.readText()))
    .toMatch(/claude --resume 5e551011$/)
  expect(await home.runs(id)).toMatchObject([
    { outcome: 'stopped' },
    { outcome: null, trigger: 'human', resumed_from_run: 1 },
  ])

  await drawer.head(2).click()
  await drawer.run(2).getByRole('button', { name: 'Hand back to a worker' }).click()
  await expect.poll(async () => (await home.task(id)).status).toBe('done')
  expect((await home.runs(id)).map(({ outcome }) => outcome)).toEqual(['stopped', 'reclaimed', 'completed'])
})
