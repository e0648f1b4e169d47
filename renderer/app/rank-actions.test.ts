import { expect, it } from 'vitest'
import { rankActions } from './rank-actions.ts'

const ACTIONS = [
  ['Show or hide archived tasks', 'Board'],
  ['Split Running into a lane for each profile', 'Board'],
  ['New task…', 'Task'],
  ['Go to the workers', 'Go'],
  ['Go to the board', 'Go'],
  ['Search and commands', 'Window'],
].map(([label = '', group = '']) => ({ id: label, label, group, run: () => undefined }))

const found = (text: string) => rankActions(ACTIONS, text).map(({ label }) => label)

it('keeps the order of all actions for a blank text', () => {
  expect(found(' ')).toEqual(ACTIONS.map(({ label }) => label))
})

it('ranks a label that starts with the text before one that contains it, and both before a group', () => {
  expect(found('go')).toEqual(['Go to the workers', 'Go to the board'])
  expect(found('task')).toEqual(['New task…', 'Show or hide archived tasks'])
  expect(found('SEARCH')).toEqual(['Search and commands'])
})

it('finds typed words in any order', () => {
  expect(found('workers go')).toEqual(['Go to the workers'])
})

it('finds no action that has only the letters, scattered over its words', () => {
  expect(found('snd')).toEqual([])
  expect(found('parcel')).toEqual([])
})
