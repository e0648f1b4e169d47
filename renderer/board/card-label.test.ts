import { expect, it } from 'vitest'
import type { Card, Why } from '../../contract/index.ts'
import { fakeCards } from '../shared/fake-data.ts'
import { cardLabel } from './card-label.ts'

const [base] = fakeCards(1, 1_000_000) as [Card]
const waits: Why = { gate: 'open_parents', sentence: 'Blocked by t_00000001.', clears_at: null, action: null }

it('the label of a card names what it waits for by title, as the card does', () => {
  const card: Card = {
    ...base,
    status: 'todo',
    open_parents: ['t_00000001', 't_00000002'],
    attempt_count: 1,
    children: ['t_00000003', 't_00000004'],
    children_done: 1,
  }
  const titles = new Map([['t_00000001', 'Paint the door']])
  const label = cardLabel(card, true, waits, (id) => titles.get(id))
  expect(label).toContain('1 attempt,')
  expect(label).toContain('1 of 2 children done, Blocked by “Paint the door” and 1 more, selected')
  expect(label).not.toContain('t_0000')
})
