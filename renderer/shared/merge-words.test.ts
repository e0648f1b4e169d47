import { expect, it } from 'vitest'
import type { Task } from '../../contract/index.ts'
import { hasNoChanges } from './merge-words.ts'

const FACTS = { workspace_kind: 'worktree', workspace_path: '/work' } as const
const task = (status: Task['status'], merge_state: Task['merge_state']) => ({ ...FACTS, status, merge_state })

it('knows finished work that changed nothing, and never hides work', () => {
  expect(hasNoChanges(task('done', 'nothing'), 0)).toBe(true)
  expect(hasNoChanges(task('done', 'nothing'), null)).toBe(true)
  expect(hasNoChanges(task('archived', null), 0)).toBe(true)
  expect(hasNoChanges(task('review', 'nothing'), 0)).toBe(true)
  expect(hasNoChanges(task('done', 'not_merged'), 0)).toBe(false)
  expect(hasNoChanges(task('done', 'merged'), 0)).toBe(false)
  expect(hasNoChanges(task('done', null), 2)).toBe(false)
  expect(hasNoChanges(task('done', null), null)).toBe(false)
  expect(hasNoChanges(task('running', null), 0)).toBe(false)
  expect(hasNoChanges(task('ready', null), 0)).toBe(false)
})
