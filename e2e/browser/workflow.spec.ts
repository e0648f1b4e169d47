import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import AxeBuilder from '@axe-core/playwright'
import { expect, test } from '../fixtures.ts'
import type { Home } from '../home.ts'

const FILE = `runboard: 1
name: agreed
title: Agree and build
inputs: {goal: {type: text, required: true}}
steps:
  - key: plan
    kind: check
    run: echo "a plan"
    on: {passed: agree, failed: agree}
  - key: agree
    kind: approve
    question: "Shall {{inputs.goal}} be built?"
    show: [steps.plan.summary]
    on:
      approved: build
      changes: {to: plan, max_rounds: 3}
      rejected: dropped
  - key: build
    kind: check
    run: "true"
    on: {passed: over, failed: {to: build, max_rounds: 1}}
  - {key: over, kind: end, state: succeeded}
  - {key: dropped, kind: end, state: cancelled}
`

/** A card that a person is asked about. */
async function asked(home: Home): Promise<string> {
  const path = join(home.path, 'agreed.yaml')
  writeFileSync(path, FILE)
  await home.cli('workflows', 'add', path)
  return home.create('A dark theme', '--workflow', 'agreed', '--input', 'goal=a dark theme')
}

test('a question of a workflow is answered in the drawer, by mouse and by keyboard', async ({
  drawer,
  home,
  open,
  page,
  serve: _dispatching,
}) => {
  const id = await asked(home)
  await open(`/board/work/task/${id}`)
  const walk = drawer.panel.getByRole('region', { name: 'Agree and build' })
  await expect(walk.getByText('Shall a dark theme be built?')).toBeVisible({ timeout: 60_000 })
  await expect(walk.getByRole('listitem')).toHaveText(['plan', 'agree', 'build'])
  await expect(walk.getByRole('listitem', { name: 'agree: here now' })).toHaveAttribute(
    'aria-current',
    'step',
  )
  await expect(walk.getByText('a plan')).toBeVisible()
  const { violations } = await new AxeBuilder({ page }).include('aside').analyze()
  expect(violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')).toEqual([])

  await walk.getByRole('textbox', { name: 'Note' }).fill('Say which colours')
  await walk.getByRole('button', { name: 'Request changes' }).click()
  await expect(walk.getByRole('listitem', { name: 'agree: here now, 2 visits' })).toBeVisible({
    timeout: 60_000,
  })
  await expect(walk.getByText('version 1 · Round 1 of 3 from agree')).toBeVisible()

  await walk.getByRole('button', { name: 'Approve' }).focus()
  await page.keyboard.press('Enter')
  await expect(walk.getByText('version 1 · succeeded')).toBeVisible({ timeout: 60_000 })
  await expect.poll(async () => (await home.task(id)).status).toBe('done')
})
