import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from './expect.ts'
import { type Home, root } from '../../e2e/home.ts'
import { TaskDrawer } from '../../e2e/task-drawer.ts'
import type { Camera } from './camera.ts'

const BOARD = ['--board', 'shop'] as const

/** A board with a task whose worker writes recorded output of Claude Code. @returns the task's id */
export async function addAgentTask(home: Home): Promise<string> {
  await home.cli('boards', 'create', 'shop', '--name', 'Shop')
  copyFileSync(join(root, 'formats/testing/claude.jsonl'), join(home.path, 'claude.jsonl'))
  await home.addProfile('agent', 'cat "$RUNBOARD_HOME/claude.jsonl"', '--completion', 'exit-code')
  await home.cli('profiles', 'set', 'agent', 'usage_parser=claude-json')
  return home.create('List the files of the shop', '--assignee', 'agent', ...BOARD)
}

/** The log of an agent, in words. */
export async function takeAgentLog(camera: Camera, id: string): Promise<void> {
  await camera.take('task-agent-log', `/board/shop/task/${id}/run/1`, async (page) => {
    const drawer = new TaskDrawer(page)
    await expect(drawer.verdict).toContainText('completed')
    await drawer.tab(1, 'Log')
    await expect(drawer.log(1)).toContainText('▸ Started')
    await drawer.log(1).scrollIntoViewIfNeeded()
  })
}
