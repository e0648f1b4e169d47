import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from '../fixtures.ts'

const FILE = `runboard: 1
name: again
title: Make and agree
workspace: worktree
steps:
  - {key: make, kind: check, run: "echo made >> made.txt; echo made", on: {passed: agree, failed: agree}}
  - {key: agree, kind: approve, question: Good?, on: {approved: over, changes: {to: make, max_rounds: 2}}}
  - {key: over, kind: end, state: succeeded}
`

test('a visit in the drawer shows what it changed, and the card is started again from it with a reason', async ({
  drawer,
  home,
  open,
  page,
  serve: _dispatching,
}) => {
  const project = join(home.path, 'project')
  mkdirSync(project)
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=T', '-c', 'user.email=t@example.com', ...args], { cwd: project })
  git('init', '-q', '-b', 'main')
  git('commit', '-q', '--allow-empty', '-m', 'Begin')
  await home.cli('boards', 'set', 'work', '--project', project)
  const path = join(home.path, 'again.yaml')
  writeFileSync(path, FILE)
  await home.cli('workflows', 'add', path)
  const id = await home.create('A dark theme', '--workspace', 'worktree', '--workflow', 'again')
  await open(`/board/work/task/${id}`)
  const walk = drawer.panel.getByRole('region', { name: 'Make and agree' })
  await expect(walk.getByText('Good?')).toBeVisible({ timeout: 60_000 })
  await walk.getByRole('button', { name: 'make: passed' }).click()

  await walk.getByRole('link', { name: 'Changes of visit 1' }).click()
  await expect(page.getByRole('region', { name: 'made.txt' })).toBeVisible()
  const compared = page.getByRole('combobox', { name: 'Compare with' })
  await expect(compared.locator('option:checked')).toHaveText('Visit 1 of make')
  await compared.selectOption('All changes')
  await expect(compared).toBeHidden()
  await expect(page.getByRole('region', { name: 'made.txt' })).toBeVisible()
  await page.goBack()

  await walk.getByRole('button', { name: 'make: passed' }).click()
  await walk.getByRole('button', { name: 'Start again from visit 1…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Start again from “make”, visit 1' })
  await dialog.getByRole('textbox', { name: 'Reason' }).fill('Another way')
  await dialog.getByRole('button', { name: 'Start again' }).click()
  await expect.poll(async () => (await home.task(id)).branch, { timeout: 60_000 }).toBe(`runboard/${id}-2`)
  await expect(walk.getByText('Good?')).toBeVisible({ timeout: 60_000 })
})
