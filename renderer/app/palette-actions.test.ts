import { expect, it } from 'vitest'
import type { Action } from '../shared/actions.svelte.ts'
import { offered } from './palette-actions.ts'

const action = (id: string, more: Partial<Action> = {}): Action => ({
  id,
  label: id,
  group: 'Board',
  run: () => id,
  ...more,
})
const labels = (actions: readonly Action[]) => actions.map(({ label }) => label)

it('leaves out actions that are hidden or disabled', () => {
  const all = [action('a'), action('b', { hidden: true }), action('c', { enabled: () => false })]
  expect(labels(offered(all).now)).toEqual(['a'])
})

it('offers the choices of an action in place of it, and waits for choices that take time', async () => {
  const choice = (label: string) => ({ label, run: () => label })
  const plan = action('plan', {
    keys: ['p'],
    choices: () => [choice('Plan with ada'), choice('Plan with bob')],
  })
  const start = action('start', { choices: () => Promise.resolve([choice('Start feature')]) })
  const broken = action('broken', { choices: () => Promise.reject(new Error('gone')) })
  const { later, now } = offered([plan, start, broken])
  expect(now.map(({ id, keys, label, run }) => [id, label, run(), keys])).toEqual([
    ['plan: Plan with ada', 'Plan with ada', 'Plan with ada', undefined],
    ['plan: Plan with bob', 'Plan with bob', 'Plan with bob', undefined],
  ])
  expect(labels(await later)).toEqual(['Start feature'])
})

it('offers an action on the open task once', () => {
  const card = action('task.retry', { group: 'Task', scope: 'board' })
  const open = action('open.retry', { group: 'Open task', scope: 'drawer' })
  expect(labels(offered([card, open]).now)).toEqual(['open.retry'])
  expect(labels(offered([card]).now)).toEqual(['task.retry'])
})
