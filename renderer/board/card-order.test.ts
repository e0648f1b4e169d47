import { describe, expect, it } from 'vitest'
import type { Card } from '../../contract/index.ts'
import { fakeCards } from '../shared/fake-data.ts'
import { CARD_ORDERS } from './card-order.ts'

const [card] = fakeCards(1, Date.UTC(2026, 10, 22)) as [Card]
const at = (id: string, fields: Partial<Card>): Card => ({ ...card, priority: 0, rank: null, id, ...fields })

describe('a column', () => {
  it('of ready cards has the order of claiming: priority, place, then waiting time', () => {
    const cards = [
      at('late', { status: 'ready', ready_at: 300 }),
      at('placed', { status: 'ready', ready_at: 400, rank: 150 }),
      at('early', { status: 'ready', ready_at: 100 }),
      at('urgent', { status: 'ready', ready_at: 900, priority: 2 }),
    ]
    expect(cards.sort(CARD_ORDERS.ready).map(({ id }) => id)).toEqual(['urgent', 'early', 'placed', 'late'])
  })

  it('of ideas has the newest first, except those placed by hand', () => {
    const cards = [
      at('old', { status: 'triage', created_at: 100 }),
      at('new', { status: 'triage', created_at: 200 }),
      at('placed', { status: 'triage', created_at: 50, rank: -201 }),
    ]
    expect(cards.sort(CARD_ORDERS.triage).map(({ id }) => id)).toEqual(['placed', 'new', 'old'])
  })
})
