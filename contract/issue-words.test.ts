import { expect, it } from 'vitest'
import { operations } from './index.ts'

const said = (name: keyof typeof operations, input: unknown) =>
  operations[name].input.safeParse(input).error?.issues.map(({ message }) => message)

it.each([
  ['task.list', { status: ['doing'] }, /^must be one of triage, todo, .*archived$/],
  ['task.list', { archived: 'maybe' }, /^must be true or false$/],
  ['task.list', { limit: 0 }, /^limit must be a whole number from 1 to 100000$/],
  ['task.list', { search: 7 }, /^search must be text$/],
  ['task.show', {}, /^a task id is missing$/],
  ['task.create', {}, /^title is missing$/],
  ['task.list', { colour: 'red' }, /^unknown field “colour”$/],
  ['board.changes', {}, /^is missing$/],
  ['board.changes', { since: 'now' }, /^must be a number$/],
  ['run.log', { id: 1, from: -1 }, /^must be at least 0$/],
  ['task.create', { title: 'x', parents: 'all' }, /^must be a list$/],
] as const)('%s says in plain words what is wrong with %j', (name, input, words) => {
  expect(said(name, input)).toEqual([expect.stringMatching(words)])
})
